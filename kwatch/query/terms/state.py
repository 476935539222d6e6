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
        if self.name is not StateName.UNHEALTHY:
            return Listed(self.name, context.states)
        return Unhealthy(context.resources) if context.resources else BadCells(context.kind.columns)

    def __str__(self) -> str:
        return str(self.name)


class Unhealthy(Matcher):
    """Something is wrong with the object, by the rules for its resource."""

    cost = 3
    timed = True
    answered_by = "health"

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._resource_of = resource_finder(resources)

    def matches(self, row: Row, now: float) -> bool:
        return row.assessed(self._resource_of(row.key)).at(now) is not None

    def next_due(self, row: Row, now: float) -> float | None:
        return row.assessed(self._resource_of(row.key)).next_due(now)


class BadCells(Matcher):
    """Any cell is bad: for objects whose resource is unknown."""

    answered_by = "cells"

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self._levels = [(place, column.level) for place, column in enumerate(columns) if column.level is not no_level]

    def matches(self, row: Row, now: float) -> bool:
        values = row.values
        return any(level(values[place]) is Level.BAD for place, level in self._levels)


class Listed(Matcher):
    """The view has the row among those it knows to be deleted, or those the user marked."""

    cost = 0

    def __init__(self, name: StateName, states: RowStates | None) -> None:
        self.asks_for_marks = name is StateName.MARKED
        self.asks_for_deleted = name is StateName.DELETED
        self.answered_by = "marks" if self.asks_for_marks else "rows"
        self._states = states

    def matches(self, row: Row, now: float) -> bool:
        states = self._states
        return states is not None and row.key in (states.marked if self.asks_for_marks else states.deleted)
