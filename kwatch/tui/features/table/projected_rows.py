"""The rows of a table: the order of a projection, its columns as cells, what happened to them as looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf
from typing import Any

from kwatch.base.printable import printable
from kwatch.catalog.column import HIDDEN, WIDE_TURN, Column, Level
from kwatch.catalog.health import Problem
from kwatch.catalog.kind import Kind
from kwatch.informer.resource import Resource
from kwatch.query.row import Row, namespace_of, part_of, resource_finder
from kwatch.tui.kit.table.rows import PLAIN, Cell, Heading, Look
from kwatch.tui.palette import HEAT_STEPS
from kwatch.view.merged import BY_CONTEXT
from kwatch.view.projection import Projection
from kwatch.view.recent import NOTHING_RECENT, Happened, RecentChanges

NAMESPACE = "namespace"
_ADDED, _CHANGED = Look("+", Level.GOOD), Look("~", Level.PROGRESS)
_GONE = Look("-", Level.BAD, gone=True)


def shown_columns(kind: Kind, *, wide: bool) -> tuple[int, ...]:
    """Those that are shown, or would be where there is room."""
    return tuple(index for index, column in enumerate(kind.columns) if wide or column.priority < HIDDEN)


def searched_columns(kind: Kind, *, wide: bool) -> tuple[int, ...]:
    """Those in which a text is searched, on a narrow screen and a broad one alike: not labels, which are terms of
    their own.
    """
    return tuple(index for index in shown_columns(kind, wide=wide) if not kind.columns[index].cut)


def column_id(column: Column) -> str:
    """What a column is called when sorting."""
    return column.title.casefold()


ContextCells = Callable[[float], Sequence[Cell]]
"""What the column CONTEXT says of each part of a table, at a time in seconds since the epoch."""
_KEPT = 256
"""Rows whose cells are kept: some screens full."""
_ROUNDING = 1e-3
"""Seconds by which a cell is rather looked at too early: moments are no whole seconds, and sums of them are rounded."""


class ProjectedRows:
    """UI thread only. `now` is set once a tick, so that all ages on screen agree."""

    def __init__(
        self,
        projection: Projection,
        shown: Sequence[int],
        *,
        namespaces: bool,
        now: float,
        wide: bool = False,
        recent: RecentChanges = NOTHING_RECENT,
        resources: Sequence[Resource] = (),
        contexts: ContextCells | None = None,
    ) -> None:
        """`wide`: also where there is no room for them, so that one scrolls to what is beyond the edge."""
        self.projection = projection
        self._wide = wide
        self.now = now
        self.sorted_by: tuple[str, bool] | None = None
        columns = projection.kind.columns
        self._namespaces = namespaces
        self._contexts = contexts
        self._leading = int(namespaces) + (contexts is not None)
        """Cells before those of the kind."""
        self._show(tuple((index, columns[index]) for index in shown))
        self._recent = recent
        self._resource_of = resource_finder(resources) if resources else None
        self._place_of = {index: place for place, index in enumerate(shown, self._leading)}
        self._headings = tuple(self._make_headings())

    @property
    def headings(self) -> Sequence[Heading]:
        return self._headings

    def __len__(self) -> int:
        return self.projection.shown

    def key_at(self, row: int) -> str:
        return self.projection.order[row]

    def row_of(self, key: str) -> int | None:
        return self.projection.position(key)

    def cells(self, key: str) -> Sequence[Cell]:
        """One cell a heading, safe to print. Ages are those of the second that has begun: all change together, once a
        second. What no time changes is made once a row: each version of an object is another one.
        """
        row = self.projection.row(key)
        if row is None:
            raise KeyError(key)
        known, values, now = self._cells.get(key), row.values, float(int(self.now))
        if known is not None and known[0] is row:
            _, made, until, cells = known
            if made <= now < until:
                return cells
            due = [each for each in self._timed if each[2].unchanged_for or now // each[2].pace != made // each[2].pace]
            context = self._contexts(now)[part_of(key)] if self._contexts is not None else None
            is_other = context is not None and context != cells[0]
            if due or is_other:
                cells = cells.copy()  # the table compares them with those that it painted
                if context is not None:
                    cells[0] = context
                for place, index, column in due:
                    cells[place] = _cell(column, values[index], now)
            self._cells[key] = row, now, self._until(values, now), cells
            return cells
        cells = [_cell(column, values[index], now) for index, column in self._shown]
        if self._namespaces:
            cells.insert(0, Cell(namespace_of(key)))
        if self._contexts is not None:
            cells.insert(0, self._contexts(now)[part_of(key)])
        if len(self._cells) >= _KEPT:
            self._cells.clear()
        self._cells[key] = row, now, self._until(values, now), cells
        return cells

    def _until(self, values: Sequence[Any], now: float) -> float:
        """Until when no time changes a row's cells."""
        if self._contexts is not None:
            return now + 1  # what is said of a context is its freshness
        return min([_until(column, values[index], now) for _, index, column in self._timed], default=inf)

    def forget_cells(self) -> None:
        """What is read elsewhere than in the objects is another now."""
        self._cells.clear()

    def _show(self, shown: Sequence[tuple[int, Column]]) -> None:
        """These columns, with their place in the kind."""
        self._shown = shown
        self._timed = [
            (place, index, column)
            for place, (index, column) in enumerate(shown, self._leading)
            if column.depends_on_time
        ]
        self._cells: dict[str, tuple[Row, float, float, list[Cell]]] = {}
        """Of a row, made in one second, as they are until another."""

    def look(self, key: str) -> Look:
        """Gone, new, changed or unhealthy: the first of these that holds."""
        if key in self.projection.gone:
            return _GONE
        row, happened = self.projection.row(key), self._recent.happened(key, self.now)
        if row is None:
            return PLAIN
        if happened is not None:
            return self._glowing(row, _ADDED if happened[0] is Happened.ADDED else _CHANGED)
        return self._health(row)

    def hint(self, key: str, column: int) -> str | None:
        """What a cell said before; what a column means that kubectl does not have; what is wrong."""
        row = self.projection.row(key)
        if row is None:
            return None
        for index, cell in self._recent.cells(row, self.now).items():
            if self._place_of.get(index) == column:
                return f"was: {printable(self.projection.kind.columns[index].text(cell.before, cell.at)) or '(empty)'}"
        for index, shown in self._shown:
            if shown.spare and self._place_of[index] == column:
                return shown.description or None
        problem = self._problem(row)
        return printable(problem.reason) if problem is not None else None

    def _glowing(self, row: Row, look: Look) -> Look:
        # In steps, so that a look is another one only when it can be seen.
        glow = {
            self._place_of[index]: round(heat * HEAT_STEPS) / HEAT_STEPS
            for index, heat in self._recent.glow(row, self.now).items()
            if index in self._place_of
        }
        return replace(look, glow=glow) if glow else look

    def _problem(self, row: Row) -> Problem | None:
        """The worst one of the object now."""
        return row.assessed(self._resource_of(row.key)).at(self.now) if self._resource_of is not None else None

    def _health(self, row: Row) -> Look:
        problem = self._problem(row)
        return PLAIN if problem is None else Look("!", problem.level)

    def _make_headings(self) -> list[Heading]:
        # What identifies a row stays in place; where that is not the name, the first column does.
        ids = [column_id(column) for _, column in self._shown]
        name = ids.index("name") if "name" in ids[:3] else 0
        headings = [
            Heading(
                id=column_id(column),
                title=printable(column.title).upper(),
                right=column.right,
                min_width=min(column.min_width, len(column.title)),
                max_width=column.max_width,
                frozen=position <= name,
                flexible=position == name,
                quiet=column.depends_on_time,
                optional=column.optional,
                spare=(column.spare or WIDE_TURN) if for_room else column.spare * (not column.priority),
                left_out=for_room,
                cut=column.cut,
                reserve=column.reserve,
            )
            for position, (_, column) in enumerate(self._shown)
            for for_room in [column.priority > 0 and not self._wide]
        ]
        if self._namespaces:
            headings.insert(0, Heading(NAMESPACE, "NAMESPACE", max_width=30, frozen=True, quiet=True))
        if self._contexts is not None:
            headings.insert(0, Heading(BY_CONTEXT, "CONTEXT", max_width=30, frozen=True, quiet=True))
        return headings


def _until(column: Column, value: Any, now: float) -> float:
    if column.unchanged_for is not None:
        return now + column.unchanged_for(value, now) - _ROUNDING
    return (now // column.pace + 1) * column.pace


def _cell(column: Column, value: Any, now: float) -> Cell:
    return Cell(column.text(value, now), column.level(value))


HEAT = 0.5
"""How strongly a cell that is different now is marked."""
_GONE_SINCE = Look("×", Level.DONE)
"""Not the sign of a deletion: at the moment shown, nothing was deleted."""


class AsOfRows(ProjectedRows):
    """`present` is the same view now. While time is played, rows look as they did when it passed."""

    def __init__(
        self,
        projection: Projection,
        shown: Sequence[int],
        *,
        namespaces: bool,
        now: float,
        present: Projection,
        resources: Sequence[Resource],
        wide: bool = False,
        contexts: ContextCells | None = None,
    ) -> None:
        super().__init__(
            projection, shown, namespaces=namespaces, now=now, wide=wide, resources=resources, contexts=contexts
        )
        self.marks_differences = True
        self._present = present
        # The present may have more columns, e.g. of measurements.
        today = {column.title: place for place, column in enumerate(present.kind.columns)}
        self._now_at = {
            place: today[column.title]
            for place, column in enumerate(projection.kind.columns)
            if column.title in today and place in self._place_of
        }

    def show(self, projection: Projection, recent: RecentChanges, now: float) -> None:
        self.projection, self._recent, self.now = projection, recent, now
        # Those of activity ask about that moment.
        self._show(tuple((index, projection.kind.columns[index]) for index, _ in self._shown))

    def look(self, key: str) -> Look:
        """`×` gone since, `!` unhealthy then, `~` different now; else as at the moment."""
        row = self.projection.row(key)
        if row is None or not self.marks_differences or key in self.projection.gone:
            return super().look(key)
        today = self._today(key)
        if today is None:
            return _GONE_SINCE
        places = [self._place_of[index] for index in self._different(row, today)]
        health = self._health(row)
        if not places:
            return health
        glow = dict.fromkeys(places, HEAT)
        return replace(health, glow=glow) if health != PLAIN else Look("~", Level.PROGRESS, glow=glow)

    def hint(self, key: str, column: int) -> str | None:
        """What a cell says now; while time is played, what it said before."""
        row = self.projection.row(key)
        if row is None or not self.marks_differences or key in self.projection.gone:
            return super().hint(key, column)
        today = self._today(key)
        if today is None:
            return "deleted since"
        for index in self._different(row, today):
            if self._place_of[index] == column:
                text = self.projection.kind.columns[index].text(today.values[self._now_at[index]], self.now)
                return f"now: {printable(text) or '(empty)'}"
        return super().hint(key, column)

    def _different(self, row: Row, today: Row) -> list[int]:
        """The places in the kind of the shown cells that say something else now."""
        then, now = row.values, today.values
        return [place for place, place_now in self._now_at.items() if then[place] != now[place_now]]

    def _today(self, key: str) -> Row | None:
        return None if key in self._present.gone else self._present.row(key)
