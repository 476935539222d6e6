"""A kind: the columns of a resource and how to read them all from one object in one go."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf
from operator import attrgetter
from typing import Any, Generic, TypeVar

import msgspec

from kwatch.base.duration import humanize, unchanged_for
from kwatch.base.quantity import quantity_order
from kwatch.catalog.column import UNKNOWN, UNREADABLE, Column, Level, no_level, plain_order, plain_text
from kwatch.catalog.shapes import Shape, read_tolerantly
from kwatch.informer.kube_object import KubeObject

__all__ = ["UNREADABLE", "Kind", "Values"]

Values = tuple[Any, ...]
"""One value a column, in the columns' order. None is a blank cell, UNREADABLE a '?'."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one resource looks. `read` decodes an object partially, once, and never raises: what it cannot read is
    UNREADABLE. Values are small, immutable and independent of the time, so that a view may keep 100,000 of them.

    `read_at`: of several resources side by side each is read in its own way, by its place.
    """

    name: str
    columns: tuple[Column, ...]
    read: Callable[[KubeObject], Values]
    read_at: tuple[Callable[[KubeObject], Values], ...] | None = None

    def column_index(self, title: str) -> int:
        """Where a column is, by title, case ignored; raise KeyError."""
        wanted = title.casefold().replace("-", " ")
        for index, column in enumerate(self.columns):
            if column.title.casefold().replace("-", " ") == wanted:
                return index
        raise KeyError(title)

    def texts(self, values: Values, now: float) -> tuple[str, ...]:
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


S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Field(Generic[S]):
    """A column, and where its value comes from: the shape, or (`of_head`) what every KubeObject knows anyway."""

    column: Column
    read: Callable[[S], Any]
    of_head: bool = False
    repeated: bool = False
    """Whether many objects share few values, so that keeping each string once pays."""

    def showing(self, show: Callable[[Any, float], str]) -> Field[S]:
        """The same value, shown in other words."""
        return replace(self, column=replace(self.column, text=show, unchanged_for=None))


def declare(name: str, shape: type[S], *fields: Field[S], within: str = "") -> Kind:
    """A kind. `shape` is that of the object or, with `within`, that of its `spec` or `status`, if no more is read."""
    readers = tuple((field.read, field.of_head, field.repeated) for field in fields)
    whole: type[Any] = shape
    if within:
        whole = msgspec.defstruct(name, [(within, shape, shape())], bases=(Shape,), frozen=True, gc=False)

    def read(obj: KubeObject) -> Values:
        try:
            shaped = getattr(obj.read(whole), within) if within else obj.read(whole)
            values = []
            for reader, of_head, repeated in readers:
                value: Any = reader(obj if of_head else shaped)  # type: ignore[arg-type]
                values.append(sys.intern(value) if repeated and type(value) is str else value)
            return tuple(values)
        except _MISREAD:
            tolerant = read_tolerantly(obj, whole)
            return _read_each(obj, getattr(tolerant, within) if within else tolerant, fields)

    return Kind(name, tuple(field.column for field in fields), read)


_MISREAD = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RecursionError)
"""What reading a value of an unexpected form raises."""


def _read_each(obj: KubeObject, shaped: S, fields: tuple[Field[S], ...]) -> Values:
    """The slow way for an object that is not as it should be: what is readable is shown."""
    values = []
    for field in fields:
        try:
            value = field.read(obj if field.of_head else shaped)  # type: ignore[arg-type]
        except _MISREAD:
            value = UNREADABLE
        readable = isinstance(value, _SMALL)
        # Whatever decorates it, a name is known: a row must stay recognisable.
        values.append(value if readable else obj.name if field.column.title == "Name" else UNREADABLE)
    return tuple(values)


_SMALL = (str, bool, int, float, tuple, type(None))


def name() -> Field[Any]:
    return Field(Column("Name", format="name", min_width=8), attrgetter("name"), of_head=True)


def text(
    title: str,
    read: Callable[[S], str | int | bool | None],
    *,
    wide: bool = False,
    levels: Mapping[str, Level] | Callable[[Any], Level] | None = None,
    order: Callable[[Any], Any] = plain_order,
    unique: bool = False,
    right: bool = False,
    min_width: int = 4,
    max_width: int = 64,
    reserve: int = 0,
    spare: int = 0,
    compare: str = "text",
    server_format: str = "",
    server_type: str = "string",
    show: Callable[[Any, float], str] = plain_text,
    absent: str = "",
    of_head: bool = False,
) -> Field[S]:
    """Text, shown as it is. `unique`: seldom the same in two objects, so not worth sharing. `absent`: what None shows,
    where that is not a blank cell.
    """
    column = Column(
        title,
        type=server_type,
        format=server_format,
        priority=int(wide),
        text=show,
        order=order,
        level=level_of(levels),
        right=right,
        min_width=min_width,
        max_width=max_width,
        reserve=reserve,
        spare=spare,
        compare=compare,
    )
    repeated = not unique
    if absent:
        return Field(column, lambda shaped: absent if (value := read(shaped)) is None else value, of_head, repeated)
    return Field(column, read, of_head, repeated)


def quantity(title: str, read: Callable[[S], str]) -> Field[S]:
    """An amount as Kubernetes writes it: `8Gi`."""
    return text(title, read, order=quantity_order, right=True, compare="quantity", max_width=12)


def number(
    title: str,
    read: Callable[[S], int | None],
    *,
    wide: bool = False,
    server_type: str = "integer",
    levels: Callable[[Any], Level] | None = None,
) -> Field[S]:
    column = Column(
        title, type=server_type, priority=int(wide), level=level_of(levels), right=True, max_width=16, compare="number"
    )
    return Field(column, read)


def boolean(title: str, read: Callable[[S], bool], *, wide: bool = False, server_type: str = "boolean") -> Field[S]:
    return Field(Column(title, type=server_type, priority=int(wide), max_width=8), read)


def age(title: str = "Age", read: Callable[[S], float | None] | None = None, *, wide: bool = False) -> Field[S]:
    """How long ago a moment was; of creation, unless `read` gives another (seconds since the epoch)."""
    column = age_column(title, priority=int(wide))
    if read is not None:
        return Field(column, read)
    of_creation: Callable[[Any], Any] = _created
    return Field(column, of_creation, of_head=True)


def age_column(title: str, priority: int = 0, server_type: str = "string", description: str = "") -> Column:
    """A column of moments, shown and compared by how long ago they were, the youngest first."""
    return Column(
        title,
        type=server_type,
        priority=priority,
        description=description,
        text=age_text,
        unchanged_for=age_unchanged_for,
        order=youngest_first,
        right=True,
        max_width=12,
        reserve=6,
        depends_on_time=True,
        compare="duration",
    )


def created_at() -> Field[Any]:
    """The moment of creation as such: what a server prints for resources it has no printing rules for."""
    column = Column("Created At", type="date", min_width=20, max_width=20)
    return Field(column, attrgetter("creation_timestamp"), of_head=True)


def age_text(value: Any, now: float) -> str:
    """How long ago `value` (seconds since the epoch) was."""
    if value is None:
        return UNKNOWN
    return "?" if value is UNREADABLE else humanize(now - value)


def age_unchanged_for(value: Any, now: float) -> float:
    """For how many seconds `age_text` stays as it is."""
    return inf if value is None or value is UNREADABLE else unchanged_for(now - value)


def youngest_first(value: Any) -> float | None:
    """Order moments so that ages ascend."""
    return None if value is None or value is UNREADABLE else -value


def _created(obj: KubeObject) -> float | None:
    return obj.created


def level_of(levels: Mapping[str, Level] | Callable[[Any], Level] | None) -> Callable[[Any], Level]:
    """Turn a table of words, or a function, into what a Column asks."""
    if levels is None:
        return no_level
    if isinstance(levels, Mapping):
        table = levels
        return lambda value: table.get(value, Level.NONE)
    return levels
