"""Columns in filters: found by name, compared by their type."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

from kwatch.catalog.column import UNREADABLE, Column
from kwatch.query.comparison import ORDERED, Compare, contains, holds
from kwatch.query.context import Context
from kwatch.query.matcher import Matcher
from kwatch.query.operands import parse_duration, parse_number, parse_quantity
from kwatch.query.row import Row

_OPERANDS: dict[str, tuple[Callable[[str], float | None], str]] = {
    "number": (parse_number, "a number such as 5"),
    "quantity": (parse_quantity, "a quantity such as 500m or 2Gi"),
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


def similar_columns(context: Context, name: str) -> str:
    """Words that suggest a column; empty if none is near."""
    near = get_close_matches(name.casefold(), [column_name(column) for column in context.kind.columns], n=1)
    return f"; did you mean {near[0]}?" if near else "."


def operand_wish(column: Column) -> str:
    """What may stand after the operator."""
    known = _OPERANDS.get(column.compare)
    return known[1] if known is not None else "a text"


class ColumnMatcher(Matcher):
    """A cell compared with an operand. Blank and unreadable cells match nothing."""

    answered_by = "column"

    def __init__(self, column: Column, place: int, compare: Compare) -> None:
        self._column = column
        self._place = place
        self._compare = compare

    @staticmethod
    def of(context: Context, place: int, compare: Compare, operand: str) -> ColumnMatcher | None:
        """The matcher of the column's type; None if the operand is not of that type."""
        column = context.kind.columns[place]
        if compare is Compare.CONTAINS or column.compare not in _OPERANDS:
            return _TextCell(column, place, compare, operand)
        amount = _OPERANDS[column.compare][0](operand)
        if amount is None:
            return None
        return (_Age if column.compare == "duration" else _Amount)(column, place, compare, amount)

    def matches(self, row: Row, now: float) -> bool:
        """Whether the cell has a value for which the comparison holds."""
        value = self._value(row)
        return value is not None and value is not UNREADABLE and self._holds(value, now)

    def _value(self, row: Row) -> Any:
        """The cell's value; the object is only read if it is not its key."""
        return row.values[self._place] if self._column.order_keys is None else row.key

    @abstractmethod
    def _holds(self, value: Any, now: float) -> bool:
        """Whether the comparison holds for a value."""


class _TextCell(ColumnMatcher):
    """By the cell's text; where both sides are numbers, as numbers."""

    def __init__(self, column: Column, place: int, compare: Compare, operand: str) -> None:
        super().__init__(column, place, compare)
        self._operand = operand
        self._number = parse_number(operand)
        self.timed = column.depends_on_time

    def _holds(self, value: Any, now: float) -> bool:
        text = self._column.text(value, now)
        if self._compare is Compare.CONTAINS:
            return contains(text, self._operand)
        number = parse_number(text) if self._number is not None else None
        if number is not None:
            return holds(self._compare, number, self._number)
        return holds(self._compare, text, self._operand)

    def next_due(self, row: Row, now: float) -> float | None:
        """A text that tells a time is looked at every second."""
        return now + 1.0


class _Amount(ColumnMatcher):
    """By what orders the column."""

    def __init__(self, column: Column, place: int, compare: Compare, amount: float) -> None:
        super().__init__(column, place, compare)
        self._amount = amount

    def _holds(self, value: Any, now: float) -> bool:
        return holds(self._compare, self._column.order(value), self._amount)

    def select(self, rows: Sequence[Row], now: float) -> Sequence[Row]:
        """The same for many rows, without a call for each."""
        order, place, amount = self._column.order, self._place, self._amount
        compares = ORDERED[self._compare]
        if self._column.order_keys is not None:
            ranks = self._column.order_keys([row.key for row in rows])
            found = zip(rows, ranks, strict=True)
            return [row for row, rank in found if rank is not None and compares(rank, amount)]
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

    def __init__(self, column: Column, place: int, compare: Compare, amount: float) -> None:
        super().__init__(column, place, compare)
        self._amount = amount

    def _holds(self, value: Any, now: float) -> bool:
        moment = self._moment(value)
        return moment is not None and holds(self._compare, now - moment, self._amount)

    def next_due(self, row: Row, now: float) -> float | None:
        """When the age reaches the operand; it passes it right after."""
        moment = self._moment(self._value(row))
        return None if moment is None else moment_after(moment + self._amount, now)

    def _moment(self, value: Any) -> float | None:
        if self._column.order_keys is None:
            return value if isinstance(value, (int, float)) else None
        rank = self._column.order(value)
        return None if rank is None else -rank


def moment_after(moment: float, now: float) -> float | None:
    """A moment at which something reaches a limit, and the one right after, at which it has passed it."""
    if now < moment:
        return moment
    return moment + _MOMENT if now < moment + _MOMENT else None


_MOMENT = 0.001
