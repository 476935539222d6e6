"""What each screen shows, as commands of kubectl: of rows, of an object and its tabs, of what a list has under its
cursor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kwatch.catalog.tree import Tree
from kwatch.config.settings import for_place
from kwatch.query.editing import without_index
from kwatch.query.parser import parse
from kwatch.query.query import Query
from kwatch.query.syntax import QuerySyntaxError
from kwatch.tui.features.time_travel.moment import clock_text
from kwatch.view.containers import default_container
from kwatch.view.kubectl import Kubectl, KubectlCommand, LogsShown, ObjectShown, RowsShown

if TYPE_CHECKING:
    from kwatch.history.version import Version
    from kwatch.informer.kube_object import KubeObject
    from kwatch.informer.resource import Resource
    from kwatch.session.session import Session
    from kwatch.tui.base_app import Application
    from kwatch.tui.features.object.comparisons import Sides
    from kwatch.tui.location import Location

Commands = Sequence[KubectlCommand]
_FIRST = {
    "overview": "describe",
    "containers": "describe",
    "suspects": "describe",
    "related": "yaml",
    "timeline": "events",
    "previous-logs": "logs",
}
"""The command for a tab that is not called as the tab is."""
_NOTHING_LIKE = {
    "timeline": "kubectl tells no story: Events are the part of it that the server has.",
    "suspects": "kubectl looks for no causes.",
    "related": "kubectl knows no relations: owners are in the metadata.",
}


def kubectl_for(app: Application, session: Session | None) -> Kubectl:
    """It is told the context, and how the program was told to reach it."""
    if session is None or session.state.is_recording:
        return Kubectl()
    flags = list(app.kubectl_flags())
    return Kubectl([*flags, *([f"--context={session.context}"] if session.context else [])])


def of_table(screen: Any) -> Commands:
    """The rows as they are narrowed and ordered; the marked ones; then what is under the cursor."""
    live, place, app = screen.live, screen.place, screen.kwatch
    if live is None or place is None:
        return ()
    sessions = screen.sessions if place.contexts else (screen.session,)
    moment = clock_text(live.moment, app.clock.time(), fine=False) if live.moment is not None else ""
    found = [kubectl_for(app, each).rows(_shown(app, live, live.place, moment)) for each in sessions]
    subject = screen.subject()
    if len(screen.table.marks) > 1:
        found += _marked(app, live, sorted(screen.table.marks))
    if subject is not None:
        kubectl = kubectl_for(app, subject.session)
        found += of_object(kubectl, subject.resource, subject.key, subject.object, moment)
    return found


def _shown(app: Application, live: Any, place: Location, moment: str) -> RowsShown:
    kind, start = live.projection.kind, app.start
    try:
        query = without_index(parse(place.filter, live.projection.names), "context")
    except QuerySyntaxError:
        query = Query()
    sort, path = place.sort, ""
    if sort is not None:
        path = _path_of(app, place, sort[0])
    return RowsShown(
        place.resources,
        place.namespace,
        place.label_selector,
        place.field_selector,
        query,
        sort,
        path,
        frozenset(column.title.casefold() for column in kind.columns),
        place.wide,
        start.label_columns,
        start.show_labels,
        moment,
    )


def _path_of(app: Application, place: Location, column: str) -> str:
    """Where a user's own column comes from: `IMAGE:.spec.image|string`."""
    for entry in for_place(app.settings.columns, str(place.resource), place.namespace) or ():
        title, _, path = entry.partition(":")
        if title.strip().casefold() == column and path.startswith("."):
            return path.split("|")[0].strip()
    return ""


def _marked(app: Application, live: Any, keys: Sequence[str]) -> Iterator[KubectlCommand]:
    """One command for each context, resource and namespace that marks are in."""
    groups: dict[tuple[Session, Resource, str], list[str]] = {}
    for key in keys:
        source, plain = live.sources.locate(key)
        namespace, _, name = plain.rpartition("/")
        groups.setdefault((source.session, source.resource, namespace), []).append(name)
    for (session, resource, namespace), names in groups.items():
        command = kubectl_for(app, session).rows(RowsShown((resource,), namespace or None))
        words = list(command.words)
        words[3:3] = names
        yield replace(command, id="marked", what=f"{len(names)} marked {resource.name}", words=tuple(words))


def of_object(
    kubectl: Kubectl,
    resource: Resource,
    key: str,
    obj: KubeObject | None,
    moment: str = "",
    logs: LogsShown = LogsShown(),  # noqa: B008
) -> list[KubectlCommand]:
    """What shows it, then what would change it."""
    namespace, _, name = key.rpartition("/")
    container = (default_container(obj) or "") if str(resource) == "pods" else ""
    logs = logs if logs.container else replace(logs, container=container)
    shown = ObjectShown(resource, namespace, name, _selector(resource, obj), container, moment)
    return [*kubectl.reading(shown, logs), *kubectl.changing(shown)]


def _selector(resource: Resource, obj: KubeObject | None) -> str:
    """Of a service: which pods are behind it."""
    if str(resource) != "services" or obj is None:
        return ""
    try:
        found = Tree(obj.tree()).at("spec", "selector").value
    except (ValueError, RecursionError):
        return ""
    return ",".join(f"{label}={value}" for label, value in found.items()) if isinstance(found, dict) else ""


def of_object_screen(screen: Any) -> Commands:
    """The tab on top first."""
    subject, app, tab = screen.subject, screen.kwatch, screen.active
    moment = clock_text(subject.time(0.0), app.clock.time(), fine=False) if subject.past is not None else ""
    logs = _logs_of(screen.on_top.panel) if tab == "logs" and screen.on_top is not None else LogsShown()
    kubectl = kubectl_for(app, subject.session)
    found = of_object(kubectl, subject.resource, subject.key, subject.object, moment, logs)
    first = next((each for each in found if each.id == _FIRST.get(tab, tab)), found[0])
    if tab == "yaml" and screen.on_top is not None and screen.on_top.managed_fields:
        found = [
            replace(each, words=(*each.words, "--show-managed-fields")) if each is first else each for each in found
        ]
        first = next(each for each in found if each.id == "yaml")
    if tab in _NOTHING_LIKE:
        said = replace(first, lacks=(_NOTHING_LIKE[tab], *first.lacks))
        return [said, *(each for each in found if each is not first)]
    return [first, *(each for each in found if each is not first)]


def _logs_of(panel: Any) -> LogsShown:
    """As the log on screen is read."""
    since = panel.since if panel.since != "all" else ""
    tail = int(panel.tail) if panel.tail.isdecimal() else None
    return LogsShown(panel.container or "", panel.previous, since, tail, panel.document.times)


def of_problem(screen: Any) -> Commands:
    """The object under the cursor; kubectl has no list of what is wrong."""
    problem, session = screen.problem, screen.session_in_view()
    return _under_cursor(screen, session, problem.resource, problem.key, "problems") if problem is not None else ()


def of_change(screen: Any) -> Commands:
    """The same of what changed since the baseline."""
    found = screen.difference
    return _named(screen, found.new, "changes") if found is not None else ()


def of_delta(screen: Any) -> Commands:
    """The same of a delta."""
    found = screen.version
    return _named(screen, found, "deltas") if found is not None else ()


def of_tree(screen: Any) -> Commands:
    """The same of the tree of owners."""
    line = screen.line
    return (
        _under_cursor(screen, screen.session, line.resource, line.key, "owners")
        if line is not None and line.key
        else ()
    )


def of_logs(screen: Any) -> Commands:
    """Of many objects: a command each."""
    wanted = _logs_of(screen.panel)
    found = []
    for session, choices in screen.choices.items():
        kubectl = kubectl_for(screen.kwatch, session)
        for each in choices:
            selector = each.label_selector or ""
            shown = ObjectShown(each.resource, each.namespace or "", each.name or "", "" if each.name else selector)
            command = kubectl.logs(shown, wanted) if each.name or selector else None
            if command is not None:
                found.append(command)
    return found


def of_diff(screen: Any) -> Commands:
    """kubectl keeps nothing that could be compared; what there is now can be had."""
    sides = screen.sides
    found = _named(screen, sides, "") if sides is not None else ()
    yaml = next((each for each in found if each.id == "yaml"), None)
    if yaml is None:
        return ()
    lacks = ("kubectl keeps no versions, so it has none to compare; kubectl diff -f compares a file with the cluster.",)
    return [replace(yaml, lacks=lacks), *(each for each in found if each is not yaml)]


def _named(screen: Any, found: Version | Sides, what: str) -> Commands:
    """Where it is."""
    session = screen.kwatch.session_of(found.context) or screen.kwatch.session
    known = session.names.resources if session is not None and session.names is not None else ()
    resource = next((each for each in known if str(each) == found.resource), None)
    return _under_cursor(screen, session, resource, found.key, what) if resource is not None else ()


def _under_cursor(screen: Any, session: Session | None, resource: Resource, key: str, what: str) -> Commands:
    """An object in a list of what kubectl cannot list."""
    first, *more = of_object(kubectl_for(screen.kwatch, session), resource, key, None)
    lacks = (f"kubectl has no list of {what}; this is the object under the cursor.", *first.lacks) if what else ()
    return [replace(first, lacks=lacks), *more]


_BY_SCREEN = {
    "TableScreen": of_table,
    "ObjectScreen": of_object_screen,
    "ProblemsScreen": of_problem,
    "ChangesScreen": of_change,
    "DeltaLogScreen": of_delta,
    "DiffScreen": of_diff,
    "LogsScreen": of_logs,
    "XrayScreen": of_tree,
}
"""The other screens are kwatch's alone."""


def commands_of(screen: object) -> Commands:
    """Of what a screen shows now; none where kubectl has nothing like it."""
    of = _BY_SCREEN.get(type(screen).__name__)
    return of(screen) if of is not None else ()
