"""Going from place to place on the table screen: what is shown next, and where the cursor stood before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kwatch.catalog.names import UnknownResource
from kwatch.informer.errors import Closed
from kwatch.query.quoting import shortened
from kwatch.tui.place import Place, Trail
from kwatch.tui.screens.kwatch_screen import KwatchScreen

if TYPE_CHECKING:
    from kwatch.informer.resource import Resource
    from kwatch.query.user_indices import UserIndices
    from kwatch.session.session import Session
    from kwatch.tui.column_choice import ColumnChoice
    from kwatch.tui.placed_table import RefusedFilter
    from kwatch.tui.screens.table_screen import TableScreen

_TOLD = 6
"""Resources of a recording that are told by name."""


class Visiting(KwatchScreen[None]):
    """Part of the table screen."""

    def __init__(self) -> None:
        super().__init__()
        self.trail = Trail()
        self._cursors: dict[Place, str] = {}
        self._chosen: tuple[str | None] | None = None
        """The namespace that was chosen last, None for all, if one was."""
        self._awaited: str | None = None
        self._told: RefusedFilter | None = None

    @property
    def place(self) -> Place | None:
        """Where one is."""
        return self.trail.here

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

    def go(self, place: Place) -> None:
        """Show another place."""
        self.depart()
        self.trail.visit(place)
        self._open(place)

    def go_to_named(self, text: str, cursor: str | None = None) -> None:
        """Show resources by any of their names, in the namespace one is in, with the cursor on a key."""
        resources = self.resolve_all(text)
        if not resources:
            return
        place = Place.of(resources, self.namespace_in_use, text)
        if cursor is not None:
            self._cursors[place] = cursor
        self.go(place)

    def step_back(self, by: int) -> None:
        """Back (-1) or forward (1) among the places visited."""
        self.depart()
        place = self.trail.step(by)
        if place is not None:
            self._open(place)
        else:
            self._visitor.arrive_at_moment()

    def last_view(self) -> None:
        """The place before this one."""
        self.depart()
        place = self.trail.last()
        if place is not None:
            self._open(place)
        else:
            self._visitor.arrive_at_moment()

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
        if self.place is not None and self.place.namespaced:
            self.go(replace(self.place, namespace=namespace))
        elif self.place is not None:
            where = f"namespace {namespace}" if namespace is not None else "all namespaces"
            words = f"{self.place.things.capitalize()} are in no namespace."
            screen.notify(f"{words} What has one is shown in {where} from now on.", markup=False)

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
            screen.notify("Not connected yet.", severity="warning", markup=False)
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
        from kwatch.tui.column_choice import ColumnChoice

        app = self._visitor.kwatch
        start = app.start
        return ColumnChoice(app.settings.columns, start.label_columns, start.show_labels, start.sort_by)

    def user_indices(self) -> UserIndices:
        """The indices that the settings define."""
        from kwatch.query.user_indices import UserIndices

        return UserIndices(self._visitor.kwatch.settings.indices)

    def use_settings(self) -> None:
        """Other settings are in force: the user's own indices may be other ones."""
        from kwatch.query.errors import QuerySyntaxError

        screen = self._visitor
        screen.show_hints()
        if screen.live is None:
            return
        try:
            screen.live.use_indices(self.user_indices())
        except QuerySyntaxError as error:
            screen.notify(error.message, severity="warning", markup=False)
        screen.amended()

    def depart(self) -> None:
        """Before another place is shown: remember where one is in time, and where the cursor was."""
        screen = self._visitor
        screen.leave_moment()
        if self.place is not None and screen.table.cursor_key is not None and screen.table.cursor.pinned:
            self._cursors[self.place] = screen.table.cursor_key

    def put_awaited_cursor(self) -> None:
        """Put the cursor where it was, or was asked to be, as soon as that row is there."""
        table = self._visitor.table
        if self._awaited is not None and table.rows.row_of(self._awaited) is not None:
            table.move_cursor_to(self._awaited)
            self._awaited = None

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
        self.trail.amend(live.place)
        if live.moment is None and screen.is_current and not screen.is_typing:
            screen.open_filter()
        else:
            screen.notify(live.why_refused, severity="error", markup=False)

    def _open(self, place: Place) -> None:
        from kwatch.tui.live_table import LiveTable

        screen = self._visitor
        session, old = screen.session, screen.live
        if session is None:
            return
        try:
            live = LiveTable(session, place, screen.kwatch.clock, self.column_choice(), self.user_indices())
        except Closed:
            # Another context is on its way, and shows itself once it is there.
            screen.notify("That context is not open any more.", severity="warning", markup=False)
            return
        screen.live = live
        if old is not None:
            old.close()
        screen.table.show(live.rows)
        self._awaited = self._cursors.get(place)
        screen.arrive_at_moment()
        self.put_awaited_cursor()
        screen.show_hints()

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
