"""A kind: the columns of a resource and how to read them all from one object in one go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kwatch.catalog.column import UNREADABLE, Column, plain_text
from kwatch.informer.kube_object import KubeObject

__all__ = ["UNREADABLE", "Kind", "Values"]

Values = tuple[Any, ...]
"""One value a column, in the columns' order. None is a blank cell, UNREADABLE a '?'."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one resource looks. `read` decodes an object partially, once, and never raises: what it cannot read is
    UNREADABLE. Values are small, immutable and independent of the time, so that a view may keep 100,000 of them.
    """

    name: str
    columns: tuple[Column, ...]
    read: Callable[[KubeObject], Values]

    def column_index(self, title: str) -> int:
        """Where a column is, by title, case ignored; raise KeyError."""
        wanted = title.casefold().replace("-", " ")
        for index, column in enumerate(self.columns):
            if column.title.casefold().replace("-", " ") == wanted:
                return index
        raise KeyError(title)

    def texts(self, values: Values, now: float) -> tuple[str, ...]:
        """Every cell as text."""
        return tuple([column.text(value, now) for column, value in zip(self.columns, values, strict=True)])

    def table_cells(self, values: Values, now: float) -> list[Any]:
        """The cells as a server writes them into a Table: numbers, booleans and nulls as such, the rest as text."""
        return [
            value if _is_json(column, value) else column.text(value, now)
            for column, value in zip(self.columns, values, strict=True)
        ]


def _is_json(column: Column, value: Any) -> bool:
    if column.type == "date" and value is None:
        return True
    plain = column.text is plain_text or column.type == "number"
    return plain and isinstance(value, bool | int | float | None)
