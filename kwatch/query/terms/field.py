"""`.spec.replicas>3`, `.spec.paused`: a field of the object, by its path."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.base.duration import parse_duration
from kwatch.base.quantity import parse_number, quantity_order
from kwatch.base.timestamp import time_or_none
from kwatch.catalog.indices import path_index, texts_at
from kwatch.catalog.jsonpath import JSONPath, parse_json_path
from kwatch.query.columns import Compare, contains, holds
from kwatch.query.context import Context
from kwatch.query.index_names import field_index_name
from kwatch.query.patterns import Predicate
from kwatch.query.row import Row
from kwatch.query.syntax import quoted_value
from kwatch.query.term import Matcher, Not, Term, ValueIndex, ValueMatcher, earliest, moment_after

_COST = 3


@dataclass(frozen=True)
class Field(Term):
    """Any value at the path compares so; without an operator, the path has a value other than null.

    `!=` also holds for objects without the field.
    """

    path: str
    compare: Compare | None = None
    operand: str = ""

    def compile(self, context: Context) -> Matcher:
        """A time is compared by its age if the operand is a duration, everything else by itself."""
        if self.compare is Compare.NOT_EQUAL:
            return Not(Field(self.path, Compare.EQUAL, self.operand).compile(context))
        path = parse_json_path(self.path)
        values = field_values(path)
        if self.compare in _ORDERED and parse_number(self.operand) is None and parse_duration(self.operand) is not None:
            return FieldAge(path, self.compare, self.operand)
        return ValueMatcher(values, field_predicate(self.compare, self.operand), context)

    def __str__(self) -> str:
        return f"{self.path}{self.compare}{quoted_value(self.operand)}" if self.compare else self.path


_ORDERED = frozenset({Compare.GREATER, Compare.GREATER_OR_EQUAL, Compare.LESS, Compare.LESS_OR_EQUAL})


def field_values(path: JSONPath) -> ValueIndex:
    """The texts of the values at a path, as an index would file them."""
    return ValueIndex(field_index_name(path), path.text, lambda row: texts_at(path, row.obj), _COST, path_index(path))


def field_predicate(compare: Compare | None, operand: str) -> Predicate:
    """Whether the text of a value compares so: by size if both are quantities or numbers, else as text."""
    if compare is None:
        return lambda text: True
    if compare is Compare.CONTAINS:
        return lambda text: contains(text, operand)
    if compare is Compare.EQUAL:
        return lambda text: text == operand
    size = quantity_order(operand)
    if size is None:
        return lambda text: holds(compare, text, operand)
    return lambda text: holds(compare, quantity_order(text), size)


class FieldAge(Matcher):
    """`.metadata.creationTimestamp<10m`: by the age of a time; a value that is no time, by its size."""

    cost = _COST
    timed = True

    def __init__(self, path: JSONPath, compare: Compare | None, operand: str) -> None:
        self._path = path
        self._compare = compare
        self._age = parse_duration(operand) or 0.0
        self._by_size = field_predicate(compare, operand)
        self.answered_by = path.text

    def matches(self, row: Row, now: float) -> bool:
        return any(self._holds(text, now) for text in texts_at(self._path, row.obj))

    def _holds(self, text: str, now: float) -> bool:
        moment = _moment(text)
        if moment is None or self._compare is None:
            return self._by_size(text)
        return holds(self._compare, now - moment, self._age)

    def next_due(self, row: Row, now: float) -> float | None:
        """When the next of the times reaches the age."""
        moments = filter(None, map(_moment, texts_at(self._path, row.obj)))
        return earliest(moment_after(moment + self._age, now) for moment in moments)


def _moment(text: str) -> float | None:
    looks_like_one = len(text) >= len("2026-01-01T00:00:00Z") and "T" in text
    return time_or_none(text) if looks_like_one else None
