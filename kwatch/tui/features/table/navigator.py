"""Going from place to place: which cluster, namespace and resources the table shows next; and back to warm ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kwatch.base.namespaces import in_words, is_one, named
from kwatch.base.printable import printable
from kwatch.catalog.names import UnknownResource
from kwatch.config.settings import for_place
from kwatch.informer.selectors import field_is
from kwatch.query.row import qualified
from kwatch.query.syntax import shortened
from kwatch.session.open_sessions import chosen_contexts
from kwatch.session.state import ConnectionPhase
from kwatch.tui.features.object.tabs import TABS
from kwatch.tui.location import Location, sort_of
from kwatch.tui.navigation import NavigationHistory, Visit
from kwatch.view.freshness import short_reason

if TYPE_CHECKING:
    from kwatch.catalog.names import ResourceNames
    from kwatch.informer.resource import Resource
    from kwatch.session.session import Session
    from kwatch.tui.features.table.live_table_screen import LiveTableScreen
    from kwatch.tui.features.table.table_model import TableModel

_NAMED = 6
"""Resources of a recording that are listed by name."""


class Navigator:
    """Of the table screen."""

    def __init__(self, screen: LiveTableScreen, open_visit: Callable[[Visit, bool], bool]) -> None:
        """`open_visit` shows a table as it was left, which may be new to the history; False where that cannot be."""
        self._screen = screen
        self._open_visit = open_visit
        self.history = NavigationHistory()
        self.own_columns: dict[tuple[str, ...], tuple[str, ...]] = {}
        """Those that were added or taken away last, by the resources that the table shows."""
        self._chosen: tuple[str | None] | None = None
        """The namespace that was chosen last, None for all, if one was."""
        self._once_connected: Callable[[], None] | None = None
        """Where to go once connected, if that was asked for before."""
        self._looked_through: ResourceNames | None = None
        """Among which names the first place was looked for, as long as it was not found."""

    @property
    def home_namespace(self) -> str | None:
        """The namespace to begin in: what was asked for, or the context's own; None is all."""
        app = self._screen.kwatch
        if self._chosen is not None:
            return self._chosen[0]
        if app.start.all_namespaces:
            return None
        return app.start.namespace or (app.session.state.namespace if app.session is not None else "") or "default"

    @property
    def namespace_in_use(self) -> str | None:
        """The namespace of what is shown, else the one to begin in; None is all."""
        here = self._screen.place
        return here.namespace if here is not None and here.namespaced else self.home_namespace

    def go(self, place: Location, cursor: str | None = None, context: str = "") -> None:
        """Show another place, with the cursor on a key, which of several contexts is of that one."""
        contexts = self._screen.kwatch.contexts
        place = replace(place, contexts=contexts, sort=place.sort or self._order_set_up(place))
        if cursor is not None and context in contexts:
            cursor = qualified(contexts.index(context) * len(place.resources), cursor)
        is_here = place == self._screen.place and cursor is None
        if is_here or self._open_visit(Visit(place, cursor=cursor), True):
            self._screen.kwatch.leave_for(self._screen)

    def _order_set_up(self, place: Location) -> tuple[str, bool] | None:
        """By the settings, of one resource."""
        orders = self._screen.kwatch.settings.orders
        order = for_place(orders, str(place.resource), place.namespace) if not place.others else None
        return sort_of(order or "")

    def table_of(self, resources: Sequence[Resource], namespace: str | None, asked: str) -> Location:
        """A table of these, with the columns that they had last."""
        place = Location.of(resources, namespace, asked)
        return replace(place, columns=self.own_columns.get(place.names, ()))

    def go_to_named(self, text: str, cursor: str | None = None, context: str = "") -> None:
        """Show resources by any of their names, in the namespace one is in, with the cursor on a key."""
        resources = self.resolve_all(text)
        if resources:
            self.go(self.table_of(resources, self.namespace_in_use, text), cursor, context)

    def open_object(self, resource: Resource, namespace: str | None, name: str, tab: str) -> None:
        """One object by its name, on top of the table; a sentence where that cannot be."""
        screen, type_ = self._screen, next(each for each in TABS if each.id == tab)
        session = screen.kwatch.session
        if resource.namespaced and not is_one(namespace):
            screen.notify(f"In which namespace? {resource.name}/{name} -n shop", severity="warning", markup=False)
        elif not type_.applies_to(resource):
            screen.notify(f"{resource.kind} has no {type_.title.casefold()}.", severity="warning", markup=False)
        elif session is not None:
            screen.kwatch.leave_for(screen)
            where = namespace if resource.namespaced else None
            place = Location.of((resource,), where, resource.name)
            screen.push_object(session, place, f"{where}/{name}" if where else name, tab)

    def step_back(self, by: int) -> None:
        """Back (-1) or forward (1) among the tables and objects that were looked at."""
        visit = self.history.step(by)
        if visit is not None:
            self._show(visit)
        else:
            self._screen.kwatch.say_once("Nothing was looked at before." if by < 0 else "Nothing lies ahead.")

    def last_view(self) -> None:
        """What was looked at before this, there and back."""
        visit = self.history.last()
        if visit is not None:
            self._show(visit)
        else:
            self._screen.kwatch.say_once("Nothing was looked at before.")

    def _show(self, visit: Visit) -> None:
        """Where one is in the history now: its table, and its object on top of that."""
        screen, table = self._screen, self.history.below(visit)
        app = screen.kwatch
        there = next((each for each in app.screen_stack if getattr(each, "visit", None) is visit), None)
        if there is None and table is not None and table is not screen.visit and not self._open_visit(table, False):
            return
        app.leave_for(there or screen)
        if there is None and visit.opened is not None:
            screen.push_visit(visit)

    def for_others(self) -> Navigator:
        """One for other sessions, with other namespaces and resources: nothing here can be gone back to there."""
        other = Navigator(self._screen, self._open_visit)
        other._once_connected, other.own_columns = self._once_connected, self.own_columns
        return other

    def use_namespace(self, namespace: str | None) -> None:
        """The same resources elsewhere, by a word of kwatch.base.namespaces. Where there are none, it is what comes
        next that is.
        """
        screen, place = self._screen, self._screen.place
        known = screen.kwatch.namespaces
        if known is not None:
            for each in named(namespace):
                known.remember(each)
        self._chosen = (namespace,)
        where = f"namespace {namespace}" if is_one(namespace) else in_words(namespace)
        if place is not None and place.namespaced:
            has_own = place.sort is not None and place.sort != self._order_set_up(place)
            self.go(replace(place, namespace=namespace, sort=place.sort if has_own else None))
        elif place is not None:
            words = f"{place.things.capitalize()} are in no namespace."
            screen.notify(f"{words} What has one is shown in {where} from now on.", markup=False)
        else:
            screen.notify(f"What has a namespace will be shown in {where}.", markup=False)

    @property
    def is_in_some_namespaces(self) -> bool:
        """Whether there are others that could be shown too."""
        place = self._screen.place
        return place is not None and place.namespaced and place.namespace is not None

    def resolve(self, text: str) -> Resource | None:
        """The resource of that name; a notice when there is none."""
        found = self.resolve_all(text)
        return found[0] if found else None

    def resolve_all(self, text: str) -> tuple[Resource, ...]:
        """The resources that a name, several with commas, or a category stand for; a notice when there are none."""
        screen = self._screen
        session = screen.kwatch.session
        names = session.names if session is not None else None
        if session is None or names is None:
            screen.notify(self.why_not_yet, severity="warning", markup=False)
            return ()
        try:
            found = names.resolve(text)
        except UnknownResource as error:
            screen.notify(_unknown(session, error), severity="error", markup=False)
            return ()
        # A category may name what can only be fetched; what was asked for by its own name says so itself.
        watchable = tuple(resource for resource in found if resource.watchable)
        return watchable if len(found) > 1 and watchable else found

    @property
    def is_connecting(self) -> bool:
        """Whether it is not known yet which resources there are."""
        session = self._screen.kwatch.session
        return session is None or session.names is None

    def go_once_connected(self, what: str, go: Callable[[], None]) -> None:
        """Remember where to go, in place of what the command line asked for."""
        screen = self._screen
        self._once_connected = go
        screen.kwatch.leave_for(screen)
        file = screen.kwatch.start.replay.file
        when = f"{file} is read" if file else "the cluster is connected"
        screen.notify(f"{printable(what)} will be shown once {when}.", markup=False)

    @property
    def why_not_yet(self) -> str:
        """Why it is not known yet which resources there are, in a sentence."""
        session, file = self._screen.kwatch.session, self._screen.kwatch.start.replay.file
        if session is not None and session.state.phase is ConnectionPhase.FAILED:
            return f"Not connected: {short_reason(session.state.message)}."
        return f"{file} is still being read." if file else "Not connected yet."

    def open_context(self, name: str) -> bool:
        """Open another context, or several as a,b or with stars; a notice and False where it is known not to exist."""
        screen = self._screen
        session = screen.kwatch.session
        there = [entry.name for entry in session.contexts] if session is not None else []
        if session is not None and session.state.is_recording and len(there) < 2:
            screen.notify("A recording has no other contexts.", severity="warning", markup=False)
            return False
        try:
            chosen = chosen_contexts(name, there) if there else (name,)
        except ValueError as error:
            screen.notify(str(error), severity="error", markup=False)
            return False
        screen.kwatch.show_contexts(chosen)
        return True

    def arrive(self) -> None:
        """Connected: go where was asked for meanwhile, else by the command line; where no such resource exists, to the
        pods; where there are none either, once there are.
        """
        screen = self._screen
        start, session = screen.kwatch.start, screen.kwatch.session
        if session is None or session.names is None or session.names is self._looked_through:
            return
        is_first, self._looked_through = self._looked_through is None, session.names
        go, self._once_connected = self._once_connected, None
        if go is not None:
            go()
            if screen.live is not None:
                return
        resources = self.resolve_all(start.resource) if is_first else _found(session.names, start.resource)
        resources = resources or _found(session.names, "pods")
        if not resources:
            return
        place = self._first_place(resources)
        self.go(place)
        if start.name and not place.others:
            key = f"{place.namespace}/{start.name}" if is_one(place.namespace) else start.name
            screen.push_object(session, place, key, "history")

    def _first_place(self, resources: tuple[Resource, ...]) -> Location:
        screen, start = self._screen, self._screen.kwatch.start
        by_name = field_is("metadata.name", start.name) if start.name else None
        fields = ",".join(each for each in (start.field_selector, by_name) if each) or None
        column = screen.column_choice().sort_column
        ahead, screen.filter_ahead = screen.filter_ahead, ""
        return replace(
            Location.of(resources, self.home_namespace, start.resource),
            label_selector=start.label_selector,
            field_selector=fields,
            filter=ahead or start.filter,
            sort=(column.casefold(), start.descending) if column else None,
            wide=start.wide,
            columns=start.columns,
        )


@dataclass(frozen=True, slots=True)
class WarmTable:
    """A table that is still fed, how it was left, and the way that led there."""

    table: TableModel
    visit: Visit
    navigation: Navigator


class WarmTables:
    """Those of contexts that were shown a while ago, each as long as all its sessions are open: who comes back finds
    it as it was left, at once.
    """

    def __init__(self) -> None:
        self._tables: dict[tuple[Session, ...], WarmTable] = {}

    def keep(self, sessions: tuple[Session, ...], warm: WarmTable) -> None:
        self._tables[sessions] = warm

    def take(self, sessions: tuple[Session, ...]) -> WarmTable | None:
        """Whoever takes it closes it."""
        return self._tables.pop(sessions, None)

    def close_cold(self, still_open: Collection[Session] = ()) -> None:
        """Close those of which a session is closed."""
        for sessions in [each for each in self._tables if not all(session in still_open for session in each)]:
            self._tables.pop(sessions).table.close()


def _found(names: ResourceNames, text: str) -> tuple[Resource, ...]:
    """As `resolve_all`, without a notice: it was given before."""
    try:
        return names.resolve(text)
    except UnknownResource:
        return ()


def _unknown(session: Session, error: UnknownResource) -> str:
    """What to say of a resource that is not there."""
    if session.state.is_recording:
        held = [str(each) for each in session.names.resources] if session.names is not None else []
        more = f" and {len(held) - _NAMED} more" if len(held) > _NAMED else ""
        return f"The recording holds no {shortened(error.text)}; it holds {', '.join(held[:_NAMED])}{more}."
    if error.suggestions:
        return str(error)
    # As kubectl does: it may be a custom resource that has just come.
    session.retry_now()
    return f"{error}. It is being asked again: if the resource is new, try once more."
