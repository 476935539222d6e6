"""Other words for what one types after the colon: the user's aliases, kubectl's short names, what k9s calls things, and
the list of them; and kubectl's verbs: `get pod web-1`, `describe deploy cart`, `logs web-1`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kwatch.catalog.names import K9S_NAMES
from kwatch.tui.features.object.tabs import TABS
from kwatch.tui.navigation import load

if TYPE_CHECKING:
    from textual.screen import Screen

    from kwatch.informer.resource import Resource
    from kwatch.tui.base_app import Application

CHANGING = (
    *("annotate", "apply", "attach", "autoscale", "cordon", "cp", "create", "debug", "delete", "drain", "edit", "exec"),
    *("expose", "label", "patch", "port-forward", "replace", "rollout", "run", "scale", "set", "taint", "uncordon"),
)
"""Verbs of kubectl that change a cluster, or reach into it."""
_ONLY_READS = "kwatch only reads; K copies the kubectl command that changes something."
_NO_PORTS = "kwatch only reads: it forwards no port. K on a pod copies the kubectl command that does."
_NO_HELM = "kwatch does not know Helm's releases; :secrets /owner=helm lists where Helm keeps them."
_NO_FILES = "kwatch applies no files; kubectl apply -f does."
_NO_BENCHMARKS = "kwatch only reads: it measures no service."
_NO_SUBJECTS = "The server has no list of users and groups; :crb and :rb show who is bound to which role."
K9S_SCREENS: Mapping[str, str] = {
    **dict.fromkeys(CHANGING, _ONLY_READS),
    **dict.fromkeys(("pf", "portforward", "portforwards"), _NO_PORTS),
    **dict.fromkeys(("hm", "helm", "chart", "charts"), _NO_HELM),
    **dict.fromkeys(("dir", "dirs", "d", "ls"), _NO_FILES),
    **dict.fromkeys(("be", "bench", "benchmark", "benchmarks"), _NO_BENCHMARKS),
    **dict.fromkeys(("usr", "user", "users", "grp", "group", "groups", "can"), _NO_SUBJECTS),
    **dict.fromkeys(("sd", "screendump", "screendumps"), "kwatch dumps no screens; :report and :export write files."),
    **dict.fromkeys(("scan", "scans"), "kwatch scans no images."),
    "plugins": "kwatch runs no plugins; hooks in config.yaml run a command when a filter begins to match.",
}
"""What k9s has a screen for and kwatch has not, and what kubectl does and kwatch does not: a sentence each."""


def expanded(text: str, aliases: Mapping[str, str]) -> str:
    """What was typed, with its first word replaced by what it stands for. What follows is added, filters last."""
    seen: set[str] = set()
    while True:
        word, _, rest = text.strip().partition(" ")
        meant = aliases.get(word, "").strip()
        if not meant or word in seen:
            return text
        seen.add(word)
        head, _, narrowed = meant.partition(" /")
        more, _, typed = f" {rest}".partition(" /")
        filters = " ".join(each.strip() for each in (narrowed, typed) if each.strip())
        text = f"{head} {more.strip()}".strip() + (f" /{filters}" if filters else "")


def elsewhere(app: Application, text: str) -> str:
    """What to say of a screen of k9s, or a verb of kubectl, that kwatch has not; empty where the server has
    something of that name.
    """
    word = text.strip().partition(" ")[0].casefold()
    return "" if is_resource(app, word) else K9S_SCREENS.get(word, "")


def open_aliases(screen: Any) -> None:
    """Every alias with what it stands for; Enter goes there."""
    app = screen.kwatch

    def chosen(text: str | None) -> None:
        if text is not None:
            load("kwatch.tui.commands.command_line:run_text")(screen, text)

    choose = load("kwatch.tui.features.choosing:choose_from")
    choose(screen, "Aliases: type one after :", lambda: [*_listed(app)], chosen)


def _listed(app: Application) -> Iterator[tuple[str, str, str]]:
    """What to run, the words for it, and what it is: the user's own first."""
    for word, meant in app.settings.aliases.items():
        yield word, word, f"yours: {meant}"
    for command in app.commands_of(app.screen_stack[0]):
        if len(command.words) > 1:
            yield command.words[0], ", ".join(command.words), command.title
    session = app.session
    names = session.names if session is not None else None
    if names is None:
        return
    others: dict[str, list[str]] = {}
    for word, meant in K9S_NAMES.items():
        if names.find(word) is not None and str(names.find(word)) in (meant, meant.partition(".")[0]):
            others.setdefault(str(names.find(word)), []).append(word)
    for resource in sorted(names.resources, key=str):
        if resource.preferred and resource.watchable:
            words = dict.fromkeys((resource.name, *resource.short_names, *others.get(str(resource), ())))
            yield str(resource), ", ".join(words), _described(resource)
    yield "workloads", "workloads, workload, wk", "pods, services and workloads in one table"


def _described(resource: Resource) -> str:
    scope = "" if resource.namespaced else ", in no namespace"
    version = f"{resource.group}/{resource.version}" if resource.group else resource.version
    return f"{resource.kind}, {version}{scope}"


USUAL_TAB = "history"
"""What `deploy/cart` alone shows, as on the command line."""
VERBS = {"get": USUAL_TAB, "describe": "overview"} | {tab.id: tab.id for tab in TABS if tab.id != "events"}
"""What shows which tab; events are a resource."""
NAMED_AFTER_KIND = frozenset({"get", "describe"})
"""Of these `deploy cart` is a kind and a name, everywhere else a kind and a namespace."""


def verb_of(app: Application, text: str) -> tuple[str, str]:
    """A verb in front, and the line with room in its place; no verb where a resource of the server has that name."""
    word = text.strip().partition(" ")[0]
    if word not in VERBS or (word != "get" and is_resource(app, word)):
        return "", text
    return word, text.replace(word, " " * len(word), 1)


def is_resource(app: Application, word: str) -> bool:
    session = app.session
    return session is not None and session.names is not None and session.names.find(word) is not None


def show_tab(screen: Screen[Any], app: Application, verb: str) -> None:
    """The verb alone: what the key of its tab does here."""
    tab, ways = VERBS[verb], ("open_object", "show_tab")
    command = next((each for each in app.commands_of(screen) if each.run in ways and each.args == (tab,)), None)
    if command is not None and command.is_available(screen):
        command.run_on(screen)
    else:
        said = (command.needs if command is not None else "") or "There is no object under the cursor."
        screen.notify(f"{said} {verb} deploy/NAME says which.", markup=False)
