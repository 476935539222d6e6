"""`deleted`, `unhealthy`, `marked`: how a row is, beside its object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kwatch.catalog.column import Column, Level, no_level
from kwatch.informer.resource import Resource
from kwatch.query.context import Context, RowStates
from kwatch.query.row import Row, resource_finder
from kwatch.query.term import Matcher, Term


class StateName(StrEnum):
    """The words."""

    DELETED = "deleted"
    UNHEALTHY = "unhealthy"
    MARKED = "marked"


@dataclass(frozen=True)
class State(Term):
    """The row's state."""

    name: StateName

    def compile(self, context: Context) -> Matcher:
        """Ask the view, or judge the cells."""
        match self.name:
            case StateName.UNHEALTHY:
                return Judged(context.resources) if context.resources else Unhealthy(context.kind.columns)
            case StateName.DELETED:
                return Deleted(context.states)
            case StateName.MARKED:
                return Marked(context.states)

    def __str__(self) -> str:
        return str(self.name)


class Judged(Matcher):
    """Something is wrong with the object, by the rules for its resource."""

    cost = 3
    timed = True
    answered_by = "health"

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._resource_of = resource_finder(resources)

    def matches(self, row: Row, now: float) -> bool:
        """Whether a problem counts now."""
        return row.assessed(self._resource_of(row.key)).at(now) is not None

    def next_due(self, row: Row, now: float) -> float | None:
        """When a problem begins to count, or ceases to."""
        return row.assessed(self._resource_of(row.key)).next_due(now)


class Unhealthy(Matcher):
    """Any cell is bad: for objects of which nobody knows the resource."""

    answered_by = "cells"

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self._levels = [(place, column.level) for place, column in enumerate(columns) if column.level is not no_level]

    def matches(self, row: Row, now: float) -> bool:
        """Judge each cell by its column."""
        values = row.values
        return any(level(values[place]) is Level.BAD for place, level in self._levels)


class Deleted(Matcher):
    """The object is gone."""

    cost = 0
    answered_by = "rows"

    def __init__(self, states: RowStates | None) -> None:
        self._states = states

    def matches(self, row: Row, now: float) -> bool:
        """Whether the view says so."""
        return self._states is not None and row.key in self._states.deleted


class Marked(Matcher):
    """The user marked the row."""

    cost = 0
    answered_by = "marks"
    asks_for_marks = True

    def __init__(self, states: RowStates | None) -> None:
        self._states = states

    def matches(self, row: Row, now: float) -> bool:
        """Whether it is among the marked."""
        return self._states is not None and row.key in self._states.marked
