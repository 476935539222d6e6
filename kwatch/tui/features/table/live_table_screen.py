"""A screen that shows a live table: its rows, columns and order, and how it was left when one went elsewhere.

The table screen is one; what it holds (filter bar, explorer, time travel, navigation) knows only this of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from kwatch.query.syntax import shortened
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kwatch_screen import KwatchScreen, until_next_second

if TYPE_CHECKING:
    from kwatch.query.index_names import UserIndices
    from kwatch.query.row import Row
    from kwatch.session.session import Session
    from kwatch.tui.features.table.table_model import RefusedFilter, TableModel
    from kwatch.tui.features.table.table_sources import ColumnChoice
    from kwatch.tui.location import Location
    from kwatch.tui.navigation import Visit
    from kwatch.tui.plain_screen import ChangesTold


FADES = 4
"""Steps a second in which a glow fades."""


class LiveTableScreen(KwatchScreen[None]):
    """Carries what changed to the lines on screen."""

    # Kept by name: a tick may come while the screen is being taken down, when nothing can be looked up any more.
    table: VirtualTable

    def __init__(self) -> None:
        super().__init__()
        self.live: TableModel | None = None
        self.session: Session | None = None
        """The session whose objects are shown, of several contexts the leading one."""
        self.sessions: tuple[Session, ...] = ()
        """Of each context that is shown."""
        self.filter_ahead = ""
        """What was typed before there was anything to filter."""
        self._awaited: Visit | None = None
        """The stay whose cursor is put as soon as its row is there."""
        self._refusal_told: RefusedFilter | None = None
        self._notice = ""
        self._period = 0
        self._told: ChangesTold | None = None
        """On a plain screen."""
        self._fades = False
        """Whether anything on screen does."""

    @property
    def place(self) -> Location | None:
        """Where one is."""
        return self.visit.place if self.visit is not None else None

    def column_choice(self) -> ColumnChoice:
        """The columns that the settings and the command line ask for."""
        from kwatch.tui.features.table.table_sources import ColumnChoice

        start = self.kwatch.start
        return ColumnChoice(self.kwatch.settings.columns, start.label_columns, start.show_labels, start.sort_by)

    def user_indices(self) -> UserIndices:
        """The indices that the settings define."""
        from kwatch.query.index_names import UserIndices

        return UserIndices(self.kwatch.settings.indices)

    def use_settings(self) -> None:
        """Other settings are in force: the user's own indexes may be other ones."""
        from kwatch.query.syntax import QuerySyntaxError

        self.show_hints()
        if self.live is None:
            return
        try:
            self.live.use_indices(self.user_indices())
        except QuerySyntaxError as error:
            self.notify(error.message, severity="warning", markup=False)
        self.amended()

    def amended(self, *, new_columns: bool = False) -> None:
        """The place shows its rows otherwise: repaint and remember."""
        assert self.live is not None
        if self.visit is not None:
            self.visit.place = self.live.place
        if new_columns:
            self.table.show(self.live.rows, keep_cursor=True)
        else:
            self.table.rows_changed((), moved=True)
        self.draw_now()

    @property
    def all_rows(self) -> Sequence[Row]:
        """Of the table of now, those that its filter hides too."""
        return self.live.projection.all_rows if self.live is not None else ()

    def use_filter(self, text: str) -> None:
        """Filter the rows; the last good filter stays where this one is broken, and can be mended."""
        from kwatch.query.syntax import QuerySyntaxError

        if self.live is None:
            self.filter_ahead = text
            return
        try:
            self.live.filter(text)
        except QuerySyntaxError as error:
            self.mend_filter(error.message, text)
        else:
            self.amended()

    def mend_filter(self, complaint: str, text: str | None = None) -> None:
        """Say what is wrong with a filter, or let it be edited at once; None is the one that was asked for."""
        self.notify(complaint, severity="error", markup=False)

    def toggle_unhealthy(self) -> None:
        """Put the term into the filter, or take it out."""
        from kwatch.query.editing import toggled

        if self.live is not None:
            self.use_filter(toggled(self.live.place.filter, "unhealthy", self.live.projection.names))

    def toggle_wide(self) -> None:
        """More columns, or fewer, like kubectl's -o wide."""
        if self.live is not None:
            self.live.set_wide(not self.live.place.wide)
            self.amended(new_columns=True)

    @property
    def has_columns(self) -> bool:
        return bool(self.table.rows.headings)

    def has_column(self, column: str) -> bool:
        return any(heading.id == column for heading in self.table.rows.headings)

    def sort_by(self, column: str) -> None:
        """Order by a column, or reverse the order if it is the one already."""
        live = self.live
        if live is None:
            return
        current = live.rows.sorted_by
        self._sort(column, descending=current is not None and current[0] == column and not current[1])

    def _sort(self, column: str, *, descending: bool) -> None:
        if self.live is not None:
            self.live.sort(column, descending)
            self.amended()

    def sort_by_most(self, column: str) -> None:
        """Order by a column with the largest first, or reverse that."""
        current = self.live.rows.sorted_by if self.live is not None else None
        if current is None or current[0] != column:
            self._sort(column, descending=True)
        else:
            self.sort_by(column)

    def sort_by_words(self, words: str) -> None:
        """`:sort cpu`, `:sort -cpu`."""
        name = words.strip().removeprefix("-").strip().casefold()
        if not self.has_column(name):
            self.notify(f"There is no column {shortened(name) or 'given'} to sort by.", severity="error", markup=False)
        elif words.strip().startswith("-"):
            self._sort(name, descending=True)
        else:
            self.sort_by(name)

    def names_of_columns(self) -> list[str]:
        return [heading.id for heading in self.table.rows.headings]

    def sort_by_picked(self) -> None:
        """By the underlined column, or the one that orders already."""
        rows, picked = self.table.rows, self.table.chosen_column
        if picked is not None:
            self.sort_by(rows.headings[picked].id)
        elif rows.sorted_by is not None:
            self.sort_by(rows.sorted_by[0])

    def leave_place(self) -> None:
        """Before another table is shown: remember how this one was left."""
        visit, table = self.visit, self.table
        if visit is None:
            return
        cursor, top = table.cursor, table.top
        visit.cursor = cursor.key if cursor.pinned else None
        visit.line = cursor.row - top if cursor.pinned else top
        visit.left = table.scroll_offset.x
        visit.marks = table.marks

    def show_table(self, live: TableModel, visit: Visit, between: Callable[[], None]) -> None:
        """Another table, as it was left. `between`: what is to be done before the cursor is put."""
        self.live, self.visit, self._awaited = live, visit, visit
        self.table.show(live.rows)
        self.table.marks = visit.marks
        if live.mark(visit.marks):
            self.table.rows_changed((), moved=True)
        between()
        self._put_awaited_cursor()
        self.show_hints()

    def follow_table(self, live: TableModel, now: float) -> None:
        """Show what changed since the last tick."""
        live.has_time = not self.kwatch.is_attentive
        step = live.step()
        if step.new_columns:
            self.table.show(live.rows, keep_cursor=True)
        elif step.replaced:
            self.table.all_changed()
            self._put_awaited_cursor()
        elif step.changed or step.moved:
            self.table.rows_changed(step.changed, moved=step.moved)
            self._put_awaited_cursor()
        if self.kwatch.is_plain and step.changed:
            self._tell(live, step.changed, now)
        self._say_problems(live)
        self._fades = live.is_glowing(self.table.visible_keys)
        period = int(now * FADES) if self._fades else int(now)
        if period != self._period:
            self._period = period
            self.table.refresh_cells()

    def _tell(self, live: TableModel, changed: AbstractSet[str], now: float) -> None:
        from kwatch.tui.plain_screen import ChangesTold

        self._told = self._told or ChangesTold()
        sentence = self._told.sentence(live.rows, changed, self.table.cursor_key, now)
        if sentence:
            self.kwatch.announce(sentence)

    def next_tick(self, now: float) -> float:
        """Sooner while something fades, and when a row goes or comes by time alone."""
        wait, live = super().next_tick(now), self.live
        if live is None:
            return wait
        if self._fades:
            wait = min(wait, until_next_second(now * FADES) / FADES)
        due = live.projection.due(now) if live.moment is None else None
        return wait if due is None else min(wait, max(0.0, due - now))

    def _say_problems(self, live: TableModel) -> None:
        """What was asked for and cannot be had is said once it is certain; a filter can be mended at once."""
        if not live.awaits_columns:
            problem, live.problem = live.problem, ""
            if problem:
                self.notify(problem, severity="warning", markup=False)
            if live.refused is not None and live.refused is not self._refusal_told:
                self._refusal_told = live.refused
                if self.visit is not None:
                    self.visit.place = live.place
                    self.visit.filter = live.place.filter
                if live.moment is None:
                    self.mend_filter(live.why_refused)
                else:
                    self.notify(live.why_refused, severity="error", markup=False)
        if live.notice != self._notice:
            self._notice = live.notice
            if live.notice:
                self.notify(live.notice, severity="warning", markup=False)

    def _put_awaited_cursor(self) -> None:
        """Put the cursor where it was, or was asked to be, as soon as that row is there, unless somebody moves it."""
        visit, table, live = self._awaited, self.table, self.live
        if visit is None or live is None:
            return
        if table.cursor.pinned:
            self._awaited = None
        elif visit.cursor is None:
            if len(table.rows) > (visit.line or 0):
                table.scroll_rows_to(visit.line or 0, visit.left)
                self._awaited = None
        elif table.rows.row_of(visit.cursor) is not None:
            table.move_cursor_to(visit.cursor, line=visit.line, left=visit.left)
            self._awaited = None
        elif live.status.synced and live.projection.progress is None:
            self._awaited = None

    def on_virtual_table_marks_changed(self, message: VirtualTable.MarksChanged) -> None:
        if self.live is not None and self.live.mark(message.marks):
            self.amended()

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        """Hints for what can be done with an object appear with the first one."""
        self.show_hints()

    def on_virtual_table_heading_clicked(self, message: VirtualTable.HeadingClicked) -> None:
        self.sort_by(message.column_id)
