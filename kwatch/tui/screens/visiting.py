"""Going from place to place on the table screen: what is shown next, and where the cursor stood before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from kwatch.catalog.names import UnknownResource
from kwatch.informer.errors import Closed
from kwatch.query.syntax import shortened
from kwatch.tui.place import Place
from kwatch.tui.screens.connecting import Connecting
from kwatch.tui.trail import CLEAR_FILTER, UNDO_FILTER, Trail, Visit

if TYPE_CHECKING:
    from kwatch.informer.resource import Resource
    from kwatch.query.index_names import UserIndices
    from kwatch.session.session import Session
    from kwatch.tui.features.table.table_model import RefusedFilter, TableModel
    from kwatch.tui.features.table.table_sources import ColumnChoice
    from kwatch.tui.screens.table_screen import TableScreen

TRAVEL = "now"
_TOLD = 6
"""Resources of a recording that are told by name."""


class Visiting(Connecting):
    """Part of the table screen."""

    def __init__(self) -> None:
        super().__init__()
        self.trail = Trail()
        self._shown: Visit | None = None
        self._chosen: tuple[str | None] | None = None
        """The namespace that was chosen last, None for all, if one was."""
        self._awaited: Visit | None = None
        """Whose cursor is put as soon as its row is there."""
        self._told: RefusedFilter | None = None

    @property
    def place(self) -> Place | None:
        """Where one is."""
        return self._shown.place if self._shown is not None else None

    @property
    def home_namespace(self) -> str | None:
        """The namespace to begin in: what was asked for, or the context's own; None is all."""
        app = self._visitor.kwatch
        if self._chosen is not None:
            return self._chosen[0]
        if app.start.all_namespaces:
            return None
        return app.start.namespace or (app.session.state.namespace if app.session is not None else "") or "default"

    @property
    def namespace_in_use(self) -> str | None:
        """The namespace of what is shown, else the one to begin in; None is all."""
        here = self.place
        return here.namespace if here is not None and here.namespaced else self.home_namespace

    def go(self, place: Place, cursor: str | None = None) -> None:
        """Show another place, with the cursor on a key."""
        if (place == self.place and cursor is None) or self._open(Visit(place, cursor=cursor), on_the_way=True):
            self._visitor.kwatch.leave_for(self._visitor)

    def go_to_named(self, text: str, cursor: str | None = None) -> None:
        """Show resources by any of their names, in the namespace one is in, with the cursor on a key."""
        resources = self.resolve_all(text)
        if resources:
            self.go(Place.of(resources, self.namespace_in_use, text), cursor)

    def step_back(self, by: int) -> None:
        """Back (-1) or forward (1) among the tables and objects that were looked at."""
        visit = self.trail.step(by)
        if visit is not None:
            self._show(visit)
        else:
            self._visitor.kwatch.say_once("Nothing was looked at before." if by < 0 else "Nothing lies ahead.")

    def last_view(self) -> None:
        """What was looked at before this, there and back."""
        visit = self.trail.last()
        if visit is not None:
            self._show(visit)
        else:
            self._visitor.kwatch.say_once("Nothing was looked at before.")

    def forget_namespace(self) -> None:
        """Another cluster has others."""
        self._chosen = None

    def use_namespace(self, namespace: str | None) -> None:
        """The same resources elsewhere; None is all namespaces. Where there are none, it is what comes next that is."""
        screen = self._visitor
        known = screen.kwatch.namespaces
        if namespace is not None and known is not None:
            known.remember(namespace)
        self._chosen = (namespace,)
        where = f"namespace {namespace}" if namespace is not None else "all namespaces"
        if self.place is not None and self.place.namespaced:
            self.go(replace(self.place, namespace=namespace))
        elif self.place is not None:
            words = f"{self.place.things.capitalize()} are in no namespace."
            screen.notify(f"{words} What has one is shown in {where} from now on.", markup=False)
        else:
            screen.notify(f"What has a namespace will be shown in {where}.", markup=False)

    def resolve(self, text: str) -> Resource | None:
        """The resource of that name; a notice when there is none."""
        found = self.resolve_all(text)
        return found[0] if found else None

    def resolve_all(self, text: str) -> tuple[Resource, ...]:
        """The resources that a name, several with commas, or a category stand for; a notice when there are none."""
        screen = self._visitor
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

    def column_choice(self) -> ColumnChoice:
        """The columns that the settings and the command line ask for."""
        from kwatch.tui.features.table.table_sources import ColumnChoice

        app = self._visitor.kwatch
        start = app.start
        return ColumnChoice(app.settings.columns, start.label_columns, start.show_labels, start.sort_by)

    def user_indices(self) -> UserIndices:
        """The indices that the settings define."""
        from kwatch.query.index_names import UserIndices

        return UserIndices(self._visitor.kwatch.settings.indices)

    def use_settings(self) -> None:
        """Other settings are in force: the user's own indices may be other ones."""
        from kwatch.query.syntax import QuerySyntaxError

        screen = self._visitor
        screen.show_hints()
        if screen.live is None:
            return
        try:
            screen.live.use_indices(self.user_indices())
        except QuerySyntaxError as error:
            screen.notify(error.message, severity="warning", markup=False)
        screen.amended()

    def remember(self, place: Place) -> None:
        """The table that is shown is filtered or ordered otherwise."""
        if self._shown is not None:
            self._shown.place = place

    def forget_trail(self) -> None:
        """Another session begins: nothing of this one can be gone back to."""
        self.trail, self._shown, self._awaited = Trail(), None, None

    def put_awaited_cursor(self) -> None:
        """Put the cursor where it was, or was asked to be, as soon as that row is there, unless somebody moves it."""
        visit, table, live = self._awaited, self._visitor.table, self._visitor.live
        if visit is None or live is None:
            return
        if table.cursor.pinned:
            self._awaited = None
        elif visit.cursor is None:
            if len(table.rows) > (visit.line or 0):
                table.scroll_to(visit.left, visit.line or 0, animate=False, force=True)
                self._awaited = None
        elif table.rows.row_of(visit.cursor) is not None:
            table.move_cursor_to(visit.cursor, line=visit.line, left=visit.left)
            self._awaited = None
        elif live.status.synced and live.projection.progress is None:
            self._awaited = None

    @property
    def way_back(self) -> tuple[str, Callable[[], None]] | None:
        """What Escape does here, in a word or two, and how; None where there is nothing to go back to."""
        screen, visit, live = self._visitor, self._shown, self._visitor.live
        if visit is None or live is None:
            return None
        begun = self._begun(visit, live)
        visit.steps = [each for each in visit.steps if each in begun]
        # Where one was in time already when one came here, one is so when one leaves.
        visit.steps += [each for each in begun if each not in visit.steps and each != TRAVEL]
        if visit.steps:
            return visit.steps[-1], begun[visit.steps[-1]]
        if self.trail.can_step(-1):
            return "back", lambda: self.step_back(-1)
        if TRAVEL in begun:
            return TRAVEL, begun[TRAVEL]
        return (CLEAR_FILTER, lambda: screen.use_filter("")) if live.place.filter else None

    def begin_to_travel(self) -> None:
        """Time travel begins on this table."""
        if self._shown is not None:
            self._shown.steps.append(TRAVEL)

    def _begun(self, visit: Visit, live: TableModel) -> dict[str, Callable[[], None]]:
        """What was begun on the table that is shown, and how each ends."""
        screen = self._visitor
        begun: dict[str, Callable[[], None]] = {}
        if live.place_asked_for.filter != visit.filter:
            begun[UNDO_FILTER if visit.filter else CLEAR_FILTER] = lambda: screen.use_filter(visit.filter)
        if screen.table.marks:
            begun["clear marks"] = screen.table.clear_marks
        if screen.explorer is not None and screen.explorer.is_open:
            begun["close indexes"] = screen.explorer.close
        if screen.is_travelling and not screen.is_replaying:
            begun[TRAVEL] = screen.return_to_now
        return begun

    def tell_refusals(self) -> None:
        """What was asked for and cannot be had is told once it is certain; a filter can be mended at once."""
        screen = self._visitor
        live = screen.live
        if live is None or live.awaits_columns:
            return
        problem, live.problem = live.problem, ""
        if problem:
            screen.notify(problem, severity="warning", markup=False)
        if live.refused is None or live.refused is self._told:
            return
        self._told = live.refused
        self.remember(live.place)
        if self._shown is not None:
            self._shown.filter = live.place.filter
        if live.moment is None and screen.is_current and not screen.is_typing:
            screen.open_filter()
        else:
            screen.notify(live.why_refused, severity="error", markup=False)

    def _show(self, visit: Visit) -> None:
        """Where one stands on the trail now: its table, and its object on top of that."""
        screen = self._visitor
        app, table = screen.kwatch, self.trail.below(visit)
        there = next((each for each in app.screen_stack if getattr(each, "visit", None) is visit), None)
        if there is None and table is not None and table is not self._shown and not self._open(table):
            return
        app.leave_for(there or screen)
        if there is None and visit.opened is not None:
            screen.push_visit(visit)

    def _open(self, visit: Visit, *, on_the_way: bool = False) -> bool:
        """Show a table, as it was left; False where that cannot be. `on_the_way`: the trail goes on there."""
        from kwatch.tui.features.table.live_table import LiveTable

        screen = self._visitor
        session = screen.session
        if session is None:
            return False
        try:
            live = LiveTable(session, visit.place, screen.kwatch.clock, self.column_choice(), self.user_indices())
        except Closed:
            # Another context is on its way, and shows itself once it is there.
            screen.notify("That context is not open any more.", severity="warning", markup=False)
            return False
        self._depart()
        old, screen.live = screen.live, live
        if old is not None:
            old.close()
        if on_the_way:
            self.trail.visit(visit)
        self._shown = self._awaited = visit
        screen.table.show(live.rows)
        screen.table.marks = visit.marks
        if live.mark(visit.marks):
            screen.table.rows_changed((), moved=True)
        screen.arrive_at_moment()
        self.put_awaited_cursor()
        screen.show_hints()
        return True

    def _depart(self) -> None:
        """Before another table is shown: remember where one is in time, and how the table was left."""
        screen, visit = self._visitor, self._shown
        screen.leave_moment()
        if visit is None:
            return
        table = screen.table
        cursor, top = table.cursor, table.top
        visit.cursor = cursor.key if cursor.pinned else None
        visit.line = cursor.row - top if cursor.pinned else top
        visit.left = table.scroll_offset.x
        visit.marks = table.marks

    @property
    def _visitor(self) -> TableScreen:
        from kwatch.tui.screens.table_screen import TableScreen

        assert isinstance(self, TableScreen)
        return self


def _unknown(session: Session, error: UnknownResource) -> str:
    """What to say of a resource that is not there."""
    if session.state.is_recording:
        held = [str(each) for each in session.names.resources] if session.names is not None else []
        more = f" and {len(held) - _TOLD} more" if len(held) > _TOLD else ""
        return f"The recording holds no {shortened(error.text)}; it holds {', '.join(held[:_TOLD])}{more}."
    if error.suggestions:
        return str(error)
    # As kubectl does: it may be a custom resource that has just come.
    session.retry_now()
    return f"{error}. It is being asked again: if the resource is new, try once more."
