"""Terms over the values that an index files objects under: one answer with the index or without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kwatch.informer.index import IndexFunc
from kwatch.query.context import Context
from kwatch.query.glob import Predicate
from kwatch.query.matcher import Matcher
from kwatch.query.row import Row

Read = Callable[[Row], Sequence[str]]
"""The values of a row, the same as the index has for its object."""


@dataclass(frozen=True, slots=True)
class ValueIndex:
    """An index over values: its name in the cache, how people call it, how a row's values are read without it.

    `func` makes the index where there is none yet; None where it is not worth one.
    """

    index: str
    title: str
    read: Read
    cost: int
    func: IndexFunc | None = None


class ValueMatcher(Matcher):
    """Rows that have any value for which the predicate holds."""

    def __init__(self, values: ValueIndex, predicate: Predicate, context: Context) -> None:
        self._values = values
        self._predicate = predicate
        self._index = context.index
        self.cost = values.cost
        self.by_index = values.index in context.index.index_names
        self.answered_by = f"{values.title} index" if self.by_index else values.title
        if values.func is not None:
            self.indices = {values.index: values.func}

    def matches(self, row: Row, now: float) -> bool:
        """Read the row's values."""
        predicate = self._predicate
        return any(predicate(value) for value in self._values.read(row))

    def keys(self) -> set[str]:
        """Test each distinct value once."""
        values = self._values.index
        predicate = self._predicate
        meant = [value for value in self._index.index_counts(values) if predicate(value)]
        return self._index.index_key_set(values, meant)
