"""A row as filters and views see it: an object, and what was read from it so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kwatch.catalog.column import plain_text
from kwatch.catalog.kind import Kind, Values
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object
from kwatch.informer.resource import Resource
from kwatch.query.keys import namespace_of

if TYPE_CHECKING:
    from kwatch.catalog.health import Assessment

SEPARATOR = "\n"
"""Between the cells of a haystack: what `^` and `$` look for, and `.` does not cross."""


class RowReader:
    """Reads the rows of one view: its kind, and the columns whose cells text is searched in.

    Cells that tell how long ago something was are left out: they would change while nobody looks.
    """

    def __init__(self, kind: Kind, shown: Sequence[int] | None = None, *, with_namespace: bool = False) -> None:
        indices = range(len(kind.columns)) if shown is None else shown
        searched = [index for index in indices if not kind.columns[index].depends_on_time]
        self.kind = kind
        self.with_namespace = with_namespace
        self._read: Callable[[Any], Values] = kind.read
        self._plain = tuple([index for index in searched if kind.columns[index].text is plain_text])
        self._formatted = tuple(
            [(index, kind.columns[index].text) for index in searched if kind.columns[index].text is not plain_text]
        )

    def values(self, obj: Object) -> Values:
        """Every column's value."""
        return self._read(obj)

    def text(self, key: str, values: Values) -> str:
        """The texts that are searched, with SEPARATOR between: the namespace if shown, the name, the shown cells."""
        _, slash, name = key.rpartition("/")
        cells = [namespace_of(key), name] if slash and self.with_namespace else [name]
        for index in self._plain:
            value = values[index]
            if type(value) is str:
                if value is not name:
                    cells.append(value)
            elif value is not None:
                cells.append(plain_text(value, 0))
        for index, text in self._formatted:
            cells.append(text(values[index], 0))
        return SEPARATOR.join(cells)


class Row:
    """One object under its key. What is read from it is kept, because it can never change: a new version is a new row.

    Two threads that read at the same time read the same, so no lock is needed.
    """

    __slots__ = ("_assessment", "_obj", "_reader", "key", "known_haystack", "known_values")

    def __init__(self, key: str, obj: Object, reader: RowReader, values: Values | None = None) -> None:
        self.key = key
        self._obj = obj
        self._reader = reader
        self._assessment: Assessment | None = None
        self.known_values = values
        """The values, if somebody has read them already."""
        self.known_haystack: str | None = None
        """The haystack, if somebody has searched it already."""

    @property
    def obj(self) -> Object:
        """The object."""
        return self._obj

    @property
    def values(self) -> Values:
        """One value a column."""
        values = self.known_values
        if values is None:
            values = self.known_values = self._reader.values(self.obj)
        return values

    @property
    def text(self) -> str:
        """The searched cells as they are shown."""
        return self._reader.text(self.key, self.values)

    @property
    def haystack(self) -> str:
        """The searched cells in lower case."""
        haystack = self.known_haystack
        if haystack is None:
            haystack = self.known_haystack = self.text.lower()
        return haystack

    def assessed(self, resource: Resource) -> Assessment:
        """What is or may become wrong with the object. Only KubeObjects can be judged; everything else is healthy."""
        assessment = self._assessment
        if assessment is None:
            # Imported when first asked for: the rules of health are many, and the first screen needs none of them.
            from kwatch.catalog.health import HEALTHY, assess

            obj = self.obj
            assessment = self._assessment = assess(resource, obj) if isinstance(obj, KubeObject) else HEALTHY
        return assessment

    @property
    def namespace(self) -> str:
        """Empty for cluster-scoped objects."""
        return namespace_of(self.key)

    @property
    def name(self) -> str:
        """The object's name."""
        return self.key.rpartition("/")[2]
