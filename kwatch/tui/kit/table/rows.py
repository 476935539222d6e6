"""What a table needs to know of its rows: text, levels and looks, by key; and rows that are given as they are."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from kwatch.base.printable import printable
from kwatch.catalog.column import Level


@dataclass(frozen=True, slots=True)
class Heading:
    """A column as the table sees it. `id` names it for sorting; widths are in terminal cells."""

    id: str
    title: str
    right: bool = False
    min_width: int = 3
    max_width: int = 64
    frozen: bool = False
    """Stays in place when the table is scrolled sideways; only leading columns may be."""
    flexible: bool = False
    """Gives way first when the screen is narrow, shortened in the middle so that its end stays readable."""
    fill: bool = False
    """Takes what room is left, and is cut off there; only the last one may."""
    optional: bool = False
    """On a narrow screen one scrolls to it, and no other column gives way."""
    spare: int = 0
    """Only for room that is left over, and no other column ever gives way: its turn, from 1 on. 0: never."""
    left_out: bool = False
    """Where there is no room one cannot even scroll to it; it comes and goes whole."""
    cut: bool = False
    """It is whole in as many cells as are left, if they are not too few."""
    reserve: int = 0
    """Cells that are kept for it where there is room, because what it says becomes longer with time."""
    from_width: int = 0
    """Left out where the table has fewer cells than that."""
    quiet: bool = False
    """Drawn in muted colour: context, not content."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", printable(self.title))


class _Cell(NamedTuple):
    text: str
    level: Level = Level.NONE


class Cell(_Cell):
    """One cell: its text, made safe to print, and how well it is."""

    __slots__ = ()

    def __new__(cls, text: str, level: Level = Level.NONE) -> Cell:
        return super().__new__(cls, printable(text), level)


@dataclass(frozen=True, slots=True)
class Look:
    """What is special about a row, beside its cells."""

    sign: str = " "
    """One character in the gutter: + added, ~ changed, - deleted, ! unhealthy."""
    level: Level = Level.NONE
    """The sign's colour."""
    gone: bool = False
    """Deleted, and kept for a while: struck through."""
    heads: bool = False
    """A heading over the rows below it: drawn bold."""
    glow: Mapping[int, float] | None = None
    """Column index -> heat between 0 and 1, for cells that changed a moment ago."""


PLAIN = Look()


class Rows(Protocol):
    """Rows in display order. Only used on the UI thread; every method is cheap."""

    @property
    def headings(self) -> Sequence[Heading]: ...

    @property
    def sorted_by(self) -> tuple[str, bool] | None:
        """The id of the column that orders the rows, and whether descending."""
        ...

    def __len__(self) -> int: ...

    def key_at(self, row: int) -> str: ...

    def row_of(self, key: str) -> int | None:
        """Where a key is, None when it is not shown."""
        ...

    def cells(self, key: str) -> Sequence[Cell]:
        """One cell a heading."""
        ...

    def look(self, key: str) -> Look:
        """What is special about the row now."""
        ...

    def hint(self, key: str, column: int) -> str | None:
        """What there is to know about a cell: what it said a moment ago, what is wrong; None for nothing."""
        ...


@dataclass(frozen=True, slots=True)
class ListedRow:
    key: str
    cells: Sequence[Cell]
    look: Look = PLAIN


@dataclass(slots=True)
class ListedRows:
    """Never changes: other rows are another ListedRows."""

    headings: Sequence[Heading]
    rows: Sequence[ListedRow]
    sorted_by: tuple[str, bool] | None = None
    _places: Mapping[str, int] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        self._places = {row.key: place for place, row in enumerate(self.rows)}

    def __len__(self) -> int:
        return len(self.rows)

    def key_at(self, row: int) -> str:
        return self.rows[row].key

    def row_of(self, key: str) -> int | None:
        return self._places.get(key)

    def cells(self, key: str) -> Sequence[Cell]:
        return self.rows[self._places[key]].cells

    def look(self, key: str) -> Look:
        return self.rows[self._places[key]].look

    def hint(self, key: str, column: int) -> str | None:
        return None


class NoRows(ListedRows):
    """Neither rows nor columns."""

    def __init__(self) -> None:
        super().__init__((), ())


def wrapped(lines: Sequence[str], width: int) -> list[tuple[str, bool]]:
    """Lines of at most `width` characters, each with whether it belongs to the first, which is the heading."""
    room = max(1, width)
    return [(part, index == 0) for index, line in enumerate(lines) for part in textwrap.wrap(line, room) or [""]]
