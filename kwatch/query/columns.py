"""The comparisons of the filter language; columns in filters, found by name and compared by their type."""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from kwatch.base.duration import parse_duration
from kwatch.base.quantity import parse_number, quantity_order
from kwatch.catalog.column import UNREADABLE, Column, natural_order
from kwatch.catalog.indices import STATUS_INDEX, column_index
from kwatch.catalog.registry import kind_for
from kwatch.query.context import Context, IndexAccess
from kwatch.query.row import Row
from kwatch.query.term import Matcher, Read, ValueIndex, moment_after


class Compare(StrEnum):
    """An operator as it is written; `==` reads as EQUAL."""

    EQUAL = "="
    NOT_EQUAL = "!="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    CONTAINS = "~"


ORDERED: dict[Compare, Callable[[Any, Any], Any]] = {
    Compare.EQUAL: operator.eq,
    Compare.NOT_EQUAL: operator.ne,
    Compare.GREATER: operator.gt,
    Compare.GREATER_OR_EQUAL: operator.ge,
    Compare.LESS: operator.lt,
    Compare.LESS_OR_EQUAL: operator.le,
}
"""How to compare two values of the same sort; those of different sorts may raise TypeError."""


def holds(compare: Compare, left: Any, right: Any) -> bool:
    """Whether the comparison of two values of the same sort holds; what cannot be compared does not."""
    if compare is Compare.CONTAINS:
        return contains(str(left), str(right))
    try:
        return bool(ORDERED[compare](left, right))
    except TypeError:
        return False


def contains(text: str, part: str) -> bool:
    """Whether a text holds another, case ignored unless that has capitals."""
    return part in (text.lower() if part == part.lower() else text)


_OPERANDS: dict[str, tuple[Callable[[str], float | None], str]] = {
    "number": (parse_number, "a number such as 5"),
    "quantity": (quantity_order, "a quantity such as 500m or 2Gi"),
    "duration": (parse_duration, "a duration such as 90s, 10m or 2d"),
}


def column_name(column: Column) -> str:
    """A column's name in a filter: its title without capitals and spaces."""
    return column.title.casefold().replace(" ", "-")


def find_column(context: Context, name: str) -> int | None:
    """The place of a column in the kind, None if it has none of that name."""
    try:
        return context.kind.column_index(name)
    except KeyError:
        return None


def indexed_column(context: Context, place: int) -> ValueIndex | None:
    """The index over a column's text; None where the text depends on the time, or the catalogue has no such column."""
    column, known = context.kind.columns[place], kind_for(context.resource) if context.resource is not None else None
    if column.depends_on_time or known is None or context.others:
        return None
    try:
        theirs = known.columns[known.column_index(column.title)]
    except KeyError:
        return None
    if replace(theirs, priority=column.priority, spare=column.spare) != column:
        return None
    index = STATUS_INDEX if column.title == "Status" else f"column:{column_name(column)}"
    return ValueIndex(index, column_name(column), cell_reader(column, place), 1, column_index(known, column.title))


def cell_reader(column: Column, place: int) -> Read:
    """Reads what an index over the column's text would file a row under."""

    def read(row: Row) -> Sequence[str]:
        text = column.text(row.values[place], 0)
        return (text,) if text else ()

    return read


def similar_columns(context: Context, name: str) -> str:
    """Words that suggest a column; empty if none is near."""
    near = get_close_matches(name.casefold(), [column_name(column) for column in context.kind.columns], n=1)
    return f"; did you mean {near[0]}?" if near else "."


def operand_words(column: Column) -> str:
    """What may stand after the operator."""
    known = _OPERANDS.get(column.compare)
    return known[1] if known is not None else "a text"


class ColumnMatcher(Matcher):
    """A cell compared with an operand. Blank and unreadable cells match nothing."""

    answered_by = "column"

    def __init__(self, column: Column, place: int, compare: Compare, operand: Any) -> None:
        self._column = column
        self._place = place
        self._compare = compare
        self._operand = operand
        self.columns = frozenset({column.title})

    @staticmethod
    def of(context: Context, place: int, compare: Compare, operand: str) -> ColumnMatcher | None:
        """The matcher of the column's type; None if the operand is not of that type."""
        column = context.kind.columns[place]
        if column.format == "name":
            return _NameCell(column, place, compare, operand, context.index)
        if compare is Compare.CONTAINS or column.compare not in _OPERANDS:
            return _TextCell(column, place, compare, operand)
        amount = _OPERANDS[column.compare][0](operand)
        if amount is None:
            return None
        if column.order_keys is not None:
            return (_KeyAge if column.compare == "duration" else _KeyAmount)(column, place, compare, amount)
        return (_Age if column.compare == "duration" else _Amount)(column, place, compare, amount)

    def matches(self, row: Row, now: float) -> bool:
        value = row.values[self._place]
        return value is not None and value is not UNREADABLE and self._holds(value, now)

    def means(self, text: str) -> bool:
        """Whether the comparison holds for a cell with that text, where it is texts that are compared."""
        return False

    @abstractmethod
    def _holds(self, value: Any, now: float) -> bool:
        """Whether the comparison holds for a value; neither None nor unreadable."""


class _TextCell(ColumnMatcher):
    """By the cell's text; where both sides are numbers or durations, by these, and which is more in natural order."""

    def __init__(self, column: Column, place: int, compare: Compare, operand: str) -> None:
        super().__init__(column, place, compare, operand)
        self._number = parse_number(operand)
        self._seconds = parse_duration(operand) if self._number is None else None
        self.timed = column.depends_on_time

    def _holds(self, value: Any, now: float) -> bool:
        return self.means(self._column.text(value, now))

    def means(self, text: str) -> bool:
        if self._compare is Compare.CONTAINS:
            return contains(text, self._operand)
        number = parse_number(text) if self._number is not None else None
        if number is not None:
            return holds(self._compare, number, self._number)
        seconds = parse_duration(text) if self._seconds is not None else None
        if seconds is not None:
            return holds(self._compare, seconds, self._seconds)
        if self._compare not in (Compare.EQUAL, Compare.NOT_EQUAL):
            return holds(self._compare, natural_order(text), natural_order(self._operand))
        return holds(self._compare, text, self._operand)

    def next_due(self, row: Row, now: float) -> float | None:
        """A text that depends on the time is looked at every second."""
        return now + 1.0


class _NameCell(_TextCell):
    """By the object's name, which is in its key: no object is read."""

    cost = 0
    by_index = True
    answered_by = "names"

    def __init__(self, column: Column, place: int, compare: Compare, operand: str, index: IndexAccess) -> None:
        super().__init__(column, place, compare, operand)
        self._index = index

    def matches(self, row: Row, now: float) -> bool:
        return self.means(row.name)

    def keys(self) -> set[str]:
        keys = self._index.list_keys()
        if self._compare is Compare.EQUAL and self._number is None:
            end = f"/{self._operand}"
            return {key for key in keys if key.endswith(end) or key == self._operand}
        return {key for key in keys if self.means(key.rpartition("/")[2])}


class _Amount(ColumnMatcher):
    """By what orders the column."""

    def _holds(self, value: Any, now: float) -> bool:
        return holds(self._compare, self._column.order(value), self._operand)

    def select(self, rows: Sequence[Row], now: float) -> Sequence[Row]:
        order, place, amount = self._column.order, self._place, self._operand
        compares = ORDERED[self._compare]
        try:
            return [
                row
                for row in rows
                if (rank := order((row.known_values or row.values)[place])) is not None and compares(rank, amount)
            ]
        except TypeError:
            # Some values are no numbers: one row at a time they match nothing.
            return super().select(rows, now)


class _Age(ColumnMatcher):
    """By how long ago the value was."""

    timed = True

    def _holds(self, value: Any, now: float) -> bool:
        return isinstance(value, (int, float)) and holds(self._compare, now - value, self._operand)

    def next_due(self, row: Row, now: float) -> float | None:
        """When the age reaches the operand; it passes it right after."""
        value = row.values[self._place]
        if not isinstance(value, (int, float)):
            return None
        return moment_after(value + self._operand, now)


class _KeyAmount(ColumnMatcher):
    """By what orders the keys: no object is read for it."""

    def matches(self, row: Row, now: float) -> bool:
        return bool(self.select((row,), now))

    def select(self, rows: Sequence[Row], now: float) -> Sequence[Row]:
        found = zip(rows, self._ranks(rows), strict=True)
        return [row for row, rank in found if rank is not None and self._holds(rank, now)]

    def _ranks(self, rows: Sequence[Row]) -> Sequence[Any]:
        order_keys = self._column.order_keys
        assert order_keys is not None, "chosen for columns that have it"
        return order_keys([row.key for row in rows])

    def _holds(self, value: Any, now: float) -> bool:
        return holds(self._compare, value, self._operand)


class _KeyAge(_KeyAmount):
    """By how long ago it was: the rank is a moment with its sign turned."""

    timed = True

    def next_due(self, row: Row, now: float) -> float | None:
        (rank,) = self._ranks((row,))
        return None if rank is None else moment_after(self._operand - rank, now)

    def _holds(self, value: Any, now: float) -> bool:
        return holds(self._compare, now + value, self._operand)
