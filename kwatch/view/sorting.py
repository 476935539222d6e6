"""By what a view is ordered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kwatch.catalog.column import plain_order
from kwatch.catalog.kind import Kind
from kwatch.query.row import Row, namespace_of
from kwatch.view.ordering import Ordering

NAMESPACE = "namespace"


@dataclass(frozen=True, slots=True)
class Sort:
    """`by` is a column's place in the kind, NAMESPACE, or the name of an extra column."""

    by: int | str = NAMESPACE
    descending: bool = False


ExtraOrders = dict[str, Callable[[str], Any]]
"""Name of an extra column (`changed`, `deltas`) -> what to sort a key by; comparable, None last."""

BY_KIND = "kind"
BY_NAMESPACE = "by namespace"
OF_SEVERAL: ExtraOrders = {BY_KIND: lambda key: key.partition(":")[0], BY_NAMESPACE: namespace_of}
"""Orders of a view of several resources, whose own order is by resource, namespace and name."""


def order_by(kind: Kind, column: str, descending: bool, *, several: bool) -> int | str:
    """By what a column orders the rows of one resource, or of several; raise LookupError when there is none."""
    if not several:
        return NAMESPACE if column == NAMESPACE else kind.column_index(column)
    if column == BY_KIND:
        return BY_KIND if descending else NAMESPACE
    return BY_NAMESPACE if column == NAMESPACE else kind.column_index(column)


class Ranking:
    """What rows are ordered by."""

    def __init__(self, sort: Sort, kind: Kind, extras: ExtraOrders) -> None:
        """Raise LookupError if there is no such column."""
        self.sort = sort
        self._place = sort.by if isinstance(sort.by, int) else None
        self._order = kind.columns[sort.by].order if isinstance(sort.by, int) else plain_order
        self._order_keys = kind.columns[sort.by].order_keys if isinstance(sort.by, int) else None
        self.needs_values = self._place is not None and self._order_keys is None
        """Whether objects must be read to order them."""
        self.is_level = sort == Sort(NAMESPACE)
        """Whether all ranks are 0: equal ones are ordered by namespace already."""
        self._extra = None if self._place is not None or sort.by == NAMESPACE else extras[str(sort.by)]
        self.by_type = False
        """Whether ranks of different types must be told apart, because they cannot be compared."""

    def of(self, row: Row) -> Any:
        """The rank of one row; None is last."""
        if self._order_keys is not None:
            (rank,) = self._order_keys((row.key,))
        elif self._place is not None:
            rank = self._order(row.values[self._place])
        elif self._extra is not None:
            rank = self._extra(row.key)
        else:
            return 0 if self.is_level else row.namespace
        return self._comparable(rank)

    def of_all(self, rows: Sequence[Row]) -> dict[str, Any]:
        """The ranks of many rows by their keys."""
        if self.is_level:
            return dict.fromkeys([row.key for row in rows], 0)
        if self._place is None or self.by_type:
            return {row.key: self.of(row) for row in rows}
        if self._order_keys is not None:
            keys = [row.key for row in rows]
            return dict(zip(keys, self._order_keys(keys), strict=True))
        place, order = self._place, self._order
        ranks = {row.key: order((row.known_values or row.values)[place]) for row in rows}
        for key in [key for key, rank in ranks.items() if rank != rank]:
            ranks[key] = None
        return ranks

    def arranged(self, rows: Sequence[Row], *, tied: bool) -> Ordering:
        """These rows in order; `tied`: equal ones come by namespace and name already."""
        order = Ordering(self.sort.descending)
        try:
            order.fill(self.of_all(rows), tied=tied)
        except TypeError:
            self.by_type = True
            order.fill(self.of_all(rows), tied=tied)
        return order

    def _comparable(self, rank: Any) -> Any:
        """A number that is none orders nothing."""
        if rank is None or rank != rank:
            return None
        return (type(rank).__name__, rank) if self.by_type else rank
