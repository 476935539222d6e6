"""Which cells of a row differ from those of the same row at another moment."""

from __future__ import annotations

from kwatch.query.row import Row


def differing_cells(row: Row, other: Row | None) -> frozenset[int]:
    """The places in the kind of the columns whose values differ; all of them if the other is not there."""
    values = row.values
    if other is None:
        return frozenset(range(len(values)))
    return frozenset(
        [place for place, (ours, theirs) in enumerate(zip(values, other.values, strict=False)) if ours != theirs]
    )
