"""A row as filters and views see it: an object, and what was read from it so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from kwatch.catalog.column import Column
from kwatch.catalog.kind import Kind, Values
from kwatch.informer.keys import split_key
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object

SEPARATOR = "\n"
"""Between the cells of a haystack; no filter can hold it."""


class RowReader:
    """Reads the rows of one view: its kind, and the columns whose cells text is searched in.

    Cells that tell how long ago something was are left out: they would change while nobody looks.
    """

    def __init__(self, kind: Kind, shown: Sequence[int] | None = None, *, with_namespace: bool = False) -> None:
        indices = range(len(kind.columns)) if shown is None else shown
        self.kind = kind
        self.with_namespace = with_namespace
        self._searched: tuple[tuple[int, Column], ...] = tuple(
            (index, kind.columns[index]) for index in indices if not kind.columns[index].depends_on_time
        )

    def values(self, obj: Object) -> Values:
        """Every column's value."""
        return self.kind.read(obj if isinstance(obj, KubeObject) else cast("KubeObject", obj))

    def cells(self, key: str, values: Values) -> list[str]:
        """The texts that are searched: namespace if shown, name, and the shown cells."""
        namespace, _, name = key.rpartition("/")
        cells = [namespace, name] if self.with_namespace else [name]
        cells += [column.text(values[index], 0) for index, column in self._searched]
        return cells


class Row:
    """One object under its key. What is read from it is kept, because it can never change: a new version is a new row.

    Two threads that read at the same time read the same, so no lock is needed.
    """

    __slots__ = ("_haystack", "_reader", "_values", "key", "obj")

    def __init__(self, key: str, obj: Object, reader: RowReader, values: Values | None = None) -> None:
        self.key = key
        self.obj = obj
        self._reader = reader
        self._values = values
        self._haystack: str | None = None

    @property
    def values(self) -> Values:
        """One value a column."""
        values = self._values
        if values is None:
            values = self._values = self._reader.values(self.obj)
        return values

    @property
    def known_values(self) -> Values | None:
        """The values, if somebody has read them already."""
        return self._values

    @property
    def text(self) -> str:
        """The searched cells as they are shown."""
        return SEPARATOR.join(self._reader.cells(self.key, self.values))

    @property
    def haystack(self) -> str:
        """The searched cells in lower case."""
        haystack = self._haystack
        if haystack is None:
            haystack = self._haystack = self.text.lower()
        return haystack

    @property
    def is_ready(self) -> bool:
        """Whether a text can be searched without reading the object."""
        return self._haystack is not None

    @property
    def namespace(self) -> str:
        """Empty for cluster-scoped objects."""
        return split_key(self.key)[0]

    @property
    def name(self) -> str:
        """The object's name."""
        return split_key(self.key)[1]
