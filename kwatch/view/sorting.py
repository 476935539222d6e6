"""By what a view is ordered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kwatch.catalog.kind import Kind
from kwatch.query.row import Row

NAMESPACE = "namespace"


@dataclass(frozen=True, slots=True)
class Sort:
    """`by` is a column's place in the kind, NAMESPACE, or the name of an extra column."""

    by: int | str = NAMESPACE
    descending: bool = False


ExtraOrders = dict[str, Callable[[str], Any]]
"""Name of an extra column (`changed`, `deltas`) -> what to sort a key by; comparable, None last."""


def ranking(sort: Sort, kind: Kind, extras: ExtraOrders) -> Callable[[Row], Any]:
    """What a row is ordered by; raise LookupError if there is no such column."""
    if isinstance(sort.by, int):
        order, place = kind.columns[sort.by].order, sort.by
        return lambda row: _comparable(order(row.values[place]))
    if sort.by == NAMESPACE:
        return lambda row: row.namespace
    extra = extras[sort.by]
    return lambda row: _comparable(extra(row.key))


def needs_values(sort: Sort) -> bool:
    """Whether the objects must be read to order them."""
    return isinstance(sort.by, int)


def by_type(rank: Any) -> Any:
    """Makes ranks of different types comparable: first by the type's name, then within the type."""
    return None if rank is None else (type(rank).__name__, rank)


def _comparable(rank: Any) -> Any:
    """A number that is none orders nothing."""
    return rank if rank == rank else None
