"""A kind: the columns of a resource and how to read them all from one object in one go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kwatch.catalog.column import Column
from kwatch.informer.kube_object import KubeObject

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


class _Unreadable:
    """A value that the object has in a form nobody expects."""

    def __repr__(self) -> str:
        return "?"

    __str__ = __repr__


UNREADABLE = _Unreadable()
