"""Columns as the server has them. What cannot be computed here comes in Table rows: KubeObject.cells holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import UNREADABLE, Column
from kwatch.catalog.kind import Kind, Values
from kwatch.informer.kube_object import KubeObject, ServerColumn
from kwatch.informer.resource import Resource


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


@dataclass(frozen=True, slots=True)
class Served:
    """How a built-in kind looks on this server."""

    kind: Kind
    cells: bool
    """Whether some columns are the server's own cells, which come with Table rows only."""


def kind_as_served(kind: Kind, columns: Sequence[ServerColumn], sample: KubeObject | None = None) -> Served:
    """The kind with the server's columns: computed where the catalogue knows them, else read from the server's cells.

    A column is known by its name, type and format; and, where `sample` is an object with its cells, only if what is
    computed for it is what the server prints.
    """
    if not columns:
        return Served(kind, cells=False)
    known = _known(kind, columns, sample)
    shown = tuple(
        _column(each) if place is None else _as_defined(kind.columns[place], each)
        for place, each in zip(known, columns, strict=True)
    )
    if known == list(range(len(kind.columns))) and shown == kind.columns:
        return Served(kind, cells=False)
    takes = tuple(enumerate(known))

    def read(obj: KubeObject) -> Values:
        values, cells = kind.read(obj), obj.cells or ()
        return tuple(
            [
                values[place] if place is not None else _small(cells[number]) if number < len(cells) else None
                for number, place in takes
            ]
        )

    return Served(Kind(kind.name, shown, read), cells=None in known)


def _known(kind: Kind, columns: Sequence[ServerColumn], sample: KubeObject | None) -> list[int | None]:
    """Of each of the server's columns which of the kind's it is; of several of one name each is another."""
    free: dict[tuple[str, ...], list[int]] = {}
    for place, column in enumerate(kind.columns):
        free.setdefault(_identity(column), []).append(place)
    known = [places.pop(0) if (places := free.get(_identity(each))) else None for each in columns]
    if sample is None or not sample.cells:
        return known
    now = parse_time(sample.creation_timestamp) or 0.0
    computed = kind.table_cells(kind.read(sample), now)
    printed = (*sample.cells, *[None] * len(columns))
    return [
        place if place is None or kind.columns[place].depends_on_time or computed[place] == printed[number] else None
        for number, place in enumerate(known)
    ]


def _identity(column: Column | ServerColumn) -> tuple[str, ...]:
    """What makes a column the same; the name of an object is its name whatever the column is called."""
    name = column.title if isinstance(column, Column) else column.name
    return ("name",) if column.format == "name" else (name, column.type, column.format)


def _as_defined(column: Column, definition: ServerColumn) -> Column:
    return replace(column, title=definition.name, priority=definition.priority)


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
