"""Kinds whose cells the server computes: objects come in Table rows, and KubeObject.cells holds what it printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kwatch.catalog.column import UNREADABLE, Column
from kwatch.catalog.kind import Kind, Values
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.informer.server_column import ServerColumn


def kind_from_server_cells(resource: Resource, server_columns: Sequence[ServerColumn]) -> Kind:
    """A kind whose values are the server's cells, by position; ages in them stand still until the object changes."""
    columns = tuple(_column(each) for each in server_columns)
    width = len(columns)
    bare = tuple("name" if each.format == "name" else None for each in server_columns)

    def read(obj: KubeObject) -> Values:
        if not obj.cells:
            return tuple([field and obj.name for field in bare])
        values = tuple([_small(cell) for cell in obj.cells[:width]])
        return values + (None,) * (width - len(values))

    return Kind(resource.kind, columns, read)


def _column(definition: ServerColumn) -> Column:
    is_number = definition.type in ("integer", "number")
    return Column(
        definition.name,
        type=definition.type,
        format=definition.format,
        priority=definition.priority,
        description=definition.description,
        order=_number if is_number else _mixed,
        right=is_number,
        compare="number" if is_number else "text",
    )


def _small(cell: Any) -> Any:
    """Cells are scalars; anything else is not printable as a cell."""
    return cell if cell is None or isinstance(cell, str | int | float | bool) else UNREADABLE


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) else None


def _mixed(value: Any) -> tuple[int, float, str] | None:
    """Numbers by value before texts by alphabet, since a server may mix them in a column."""
    if value is None or value is UNREADABLE:
        return None
    return (0, value, "") if isinstance(value, int | float) else (1, 0, value)
