"""Columns as the server has them: the JSONPaths of a CRD's additionalPrinterColumns, read as it reads them, and cells
that only it can compute, which come in Table rows: KubeObject.cells holds them.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kwatch.base.timestamp import RFC3339, parse_time
from kwatch.catalog.column import UNKNOWN, UNREADABLE, Column, plain_text
from kwatch.catalog.go_text import go_number, go_text
from kwatch.catalog.jsonpath import JSONPath, JSONPathError, parse_json_path
from kwatch.catalog.kind import Kind, Values, age_column, age_text, name
from kwatch.catalog.shapes import Shape
from kwatch.catalog.tree import partial_tree_reader
from kwatch.informer.kube_object import KubeObject, ServerColumn
from kwatch.informer.resource import Resource


class PrinterColumn(Shape, frozen=True):
    name: str
    type: str
    json_path: str
    priority: int = 0
    description: str = ""
    format: str = ""


_IN_DESCRIPTION = "Custom resource definition column (in JSONPath format): "
_CREATION = "CreationTimestamp is a timestamp"


def printer_columns_from_server(columns: Sequence[ServerColumn]) -> tuple[PrinterColumn, ...] | None:
    """The JSONPaths that the server's own column descriptions tell, without the name's column.

    None if any column keeps its path to itself: then only the server can compute the cells.
    """
    if not columns or columns[0].format != "name":
        return None
    found = []
    for each in columns[1:]:
        if each.description.startswith(_IN_DESCRIPTION):
            path = each.description.removeprefix(_IN_DESCRIPTION)
        elif each.type == "date" and each.description.startswith(_CREATION):
            path = ".metadata.creationTimestamp"
        else:
            return None
        found.append(PrinterColumn(each.name, each.type, path, each.priority, each.description, each.format))
    return tuple(found)


def printer_columns_of_definition(
    definition: KubeObject, version: str, columns: Sequence[ServerColumn]
) -> tuple[PrinterColumn, ...] | None:
    """What a CustomResourceDefinition says of a version's columns, where that fits the server's own; else None."""
    try:
        versions = definition.read(_Definition).spec.versions
    except (ValueError, RecursionError):
        return None
    found = next((each.additional_printer_columns for each in versions if each.name == version), None) or ()
    ours = [(each.name, each.type, each.priority) for each in found]
    return found if ours and ours == [(each.name, each.type, each.priority) for each in columns[1:]] else None


class _Version(Shape, frozen=True):
    name: str = ""
    additional_printer_columns: tuple[PrinterColumn, ...] | None = None


class _Versions(Shape, frozen=True):
    versions: tuple[_Version, ...] = ()


class _Definition(Shape, frozen=True):
    spec: _Versions = _Versions()


@dataclass(frozen=True, slots=True)
class PathColumn:
    """A column compiled: without a path, because that is broken, it has no values.

    A CRD's shows what the server shows. One of the user's own (`lenient`) leaves out what does not fit its path, and
    shows all texts that it finds.
    """

    column: Column
    path: JSONPath | None
    convert: Callable[[Any], Any]
    lenient: bool = False

    def read(self, tree: Any) -> Any:
        """The value, of the first result where there can be but one; None where nothing is found."""
        if self.path is None:
            return UNREADABLE
        if not self.lenient:
            found = self.path.find_as_server(tree)
            return self.convert(found[0]) if found else None
        found = [value for value in self.path.find(tree) if value is not None]
        if len(found) > 1 and self.convert is _string:
            return ",".join(map(_string, found))
        return self.convert(found[0]) if found else None


_QUOTED_KEY = re.compile(r"\['([^']*)'\]")
"""To the server, `['a.b']` is `.a.b`: a key in brackets needs its dots escaped too."""


def compile_column(column: PrinterColumn, *, lenient: bool = False) -> PathColumn:
    """Parse the path. If it is broken the column's description says why."""
    try:
        path = parse_json_path(column.json_path if lenient else _QUOTED_KEY.sub(r".\1", column.json_path))
    except JSONPathError as error:
        return PathColumn(_column(column, str(error)), None, _nothing)
    return PathColumn(_column(column, ""), path, _CONVERSIONS.get(column.type, _nothing), lenient)


def kind_from_printer_columns(resource: Resource, columns: Sequence[PrinterColumn]) -> Kind:
    """A kind of a name and the CRD's columns. One whose path is broken shows '?' and says why in its description."""
    compiled = [compile_column(each) for each in columns]
    read_tree = partial_tree_reader([each.path for each in compiled if each.path is not None])

    def read(obj: KubeObject) -> Values:
        try:
            tree = read_tree(obj)
        except (ValueError, RecursionError):
            return (obj.name, *(UNREADABLE for _ in compiled))
        return (obj.name, *[each.read(tree) for each in compiled])

    return Kind(resource.kind, (name().column, *(each.column for each in compiled)), read)


def _column(column: PrinterColumn, problem: str) -> Column:
    description = f"Broken column: {problem}" if problem else column.description or column.json_path
    if column.type == "date":
        aged = age_column(column.name, column.priority, "date", description)
        return replace(aged, text=_date_text, unchanged_for=None, order=_date_order, format=column.format)
    is_number = column.type in ("integer", "number")
    return Column(
        column.name,
        text=_number_text if column.type == "number" else plain_text,
        type=column.type,
        format=column.format,
        priority=column.priority,
        description=description,
        right=is_number,
        compare="number" if is_number else "text",
    )


def _string(value: Any) -> str:
    return sys.intern(go_text(value))


_INT64 = range(-(2**63), 2**63)


def _integer(value: Any) -> int | None:
    """Cut off to a whole number; what 64 bits cannot hold is, as on the server, the least they can."""
    if not _is_number(value) or not math.isfinite(value):
        return None
    return int(value) if int(value) in _INT64 else _INT64[0]


def _number(value: Any) -> float | None:
    """A number with the 53 bits that the server leaves it."""
    if not _is_number(value):
        return None
    return value if isinstance(value, int) and abs(value) <= 2**53 else float(value)


def _number_text(value: Any, now: float) -> str:
    return go_number(value) if _is_number(value) else plain_text(value, now)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _date(value: Any) -> float | str | None:
    """A moment; or, as the server has it, a word for one that is empty or none."""
    if not isinstance(value, str):
        return None
    if value in ("", "null"):
        return UNKNOWN
    if not RFC3339.fullmatch(value):
        return "<invalid>"
    try:
        moment = parse_time(value)
    except ValueError:
        return "<invalid>"
    return UNKNOWN if moment is None else moment


def _nothing(value: Any) -> Any:
    return None


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
}


def _date_text(value: Any, now: float) -> str:
    return age_text(value, now) if isinstance(value, float) else plain_text(value, now)


def _date_order(value: Any) -> float | None:
    return -value if isinstance(value, float) else None


def kind_from_server_cells(resource: Resource, server_columns: Sequence[ServerColumn]) -> Kind:
    """A kind whose values are the server's cells, by position; ages in them stand still until the object changes."""
    columns = tuple(_column_of_cells(each) for each in server_columns)
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
        _column_of_cells(each) if place is None else _as_defined(kind.columns[place], each)
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


def _column_of_cells(definition: ServerColumn) -> Column:
    is_number = definition.type in ("integer", "number")
    return Column(
        definition.name,
        type=definition.type,
        format=definition.format,
        priority=definition.priority,
        description=definition.description,
        order=_cell_number if is_number else _mixed,
        right=is_number,
        compare="number" if is_number else "text",
    )


def _small(cell: Any) -> Any:
    """Cells are scalars; anything else is not printable as a cell."""
    return cell if cell is None or isinstance(cell, str | int | float | bool) else UNREADABLE


def _cell_number(value: Any) -> float | None:
    return value if isinstance(value, int | float) else None


def _mixed(value: Any) -> tuple[int, float, str] | None:
    """Numbers by value before texts by alphabet, since a server may mix them in a column."""
    if value is None or value is UNREADABLE:
        return None
    return (0, value, "") if isinstance(value, int | float) else (1, 0, value)
