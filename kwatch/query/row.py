"""A row as filters and views see it: an object, and what was read from it so far. And the keys of rows.

A key is `namespace/name` or `name`; in a view of several resources, with the place of its resource before it:
`002:shop/web-1`, `000:/node-7`. Such a key always has a slash, and before it a colon, which no namespace contains. So
it sorts by resource, namespace and name, and what is said here of keys holds for both forms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kwatch.catalog.column import NONE, plain_text
from kwatch.catalog.kind import Kind, Values
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object
from kwatch.informer.resource import Resource

if TYPE_CHECKING:
    from kwatch.catalog.health import Assessment


SEPARATOR = "\n"
"""Between the cells of a search text: what `^` and `$` look for, and `.` does not cross."""
_DIGITS = 3


class Row:
    """One object under its key. What is read from it is kept, because it can never change: a new version is a new row.

    Two threads that read at the same time read the same, so no lock is needed.
    """

    __slots__ = ("_assessment", "_obj", "_reader", "key", "known_search_text", "known_values")

    def __init__(self, key: str, obj: Object, reader: RowReader, values: Values | None = None) -> None:
        self.key = key
        self._obj = obj
        self._reader = reader
        self._assessment: Assessment | None = None
        self.known_values = values
        """The values, if they were read already."""
        self.known_search_text: str | None = None
        """The search text, if it was made already."""

    @property
    def obj(self) -> Object:
        return self._obj

    @property
    def values(self) -> Values:
        values = self.known_values
        if values is None:
            values = self.known_values = self._reader.values(self.key, self.obj)
        return values

    @property
    def text(self) -> str:
        """The searched cells as they are shown."""
        return self._reader.text(self.key, self.values)

    @property
    def search_text(self) -> str:
        """The searched cells in lower case."""
        search_text = self.known_search_text
        if search_text is None:
            search_text = self.known_search_text = self.text.lower()
        return search_text

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
        return namespace_of(self.key)

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]


class RowReader:
    """Reads the rows of one view: its kind, and the columns whose cells text is searched in.

    Cells that tell how long ago something was are left out: they change by themselves.
    """

    def __init__(
        self,
        kind: Kind,
        shown: Sequence[int] | None = None,
        *,
        with_namespace: bool = False,
        contexts: Sequence[str] = (),
    ) -> None:
        indices = range(len(kind.columns)) if shown is None else shown
        searched = [index for index in indices if not kind.columns[index].depends_on_time]
        self.kind = kind
        self.with_namespace = with_namespace
        self._contexts = contexts if len(contexts) > 1 else ()
        self._read: Callable[[Any], Values] = kind.read
        self._read_at = kind.read_at
        self._plain = tuple([index for index in searched if kind.columns[index].text is plain_text])
        self._wide = frozenset([index for index in searched if kind.columns[index].priority])
        self._formatted = tuple(
            [(index, kind.columns[index].text) for index in searched if kind.columns[index].text is not plain_text]
        )

    def values(self, key: str, obj: Any) -> Values:
        return self._read(obj) if self._read_at is None else self._read_at[part_of(key)](obj)

    def text(self, key: str, values: Values) -> str:
        """The texts that are searched, with SEPARATOR between: context and namespace if shown, name, shown cells."""
        _, slash, name = key.rpartition("/")
        cells = [namespace_of(key), name] if slash and self.with_namespace else [name]
        if self._contexts:
            cells.insert(0, self._contexts[part_of(key)])
        for index in self._plain:
            value = values[index]
            if type(value) is str:
                # What many objects lack, in a column that may be out of sight, is nothing to find.
                if value is not name and (value != NONE or index not in self._wide):
                    cells.append(value)
            elif value is not None:
                cells.append(plain_text(value, 0))
        for index, text in self._formatted:
            cells.append(text(values[index], 0))
        return SEPARATOR.join(cells)


def qualify(place: int, keys: Iterable[str]) -> list[str]:
    """The keys of one resource as those of a view in which it is the one at `place`."""
    prefix = f"{place:0{_DIGITS}}:"
    of_cluster = f"{prefix}/"
    return [prefix + key if "/" in key else of_cluster + key for key in keys]


def qualified(place: int, key: str) -> str:
    """The same for one key."""
    return qualify(place, (key,))[0]


def located(key: str) -> tuple[int, str] | None:
    """The place of the resource and the key there; None for a key that does not tell."""
    start = _DIGITS + 1
    if key[_DIGITS:start] != ":" or "/" not in key:
        return None
    return int(key[:_DIGITS]), key[start + 1 :] if key[start] == "/" else key[start:]


def part_of(key: str) -> int:
    """The place of the resource that a qualified key is of."""
    return int(key[:_DIGITS])


def context_of(contexts: Sequence[str], key: str) -> str:
    """Where the object under a key is, by the context of each place; in a view of a single one, that."""
    return contexts[0] if len(contexts) == 1 else contexts[part_of(key)]


class RowKeys:
    """How keys of `count` resources become those of one table, and back; of a single resource they are the same."""

    def __init__(self, count: int) -> None:
        self._is_mixed = count > 1

    def of(self, place: int, keys: Iterable[str]) -> Iterable[str]:
        """The keys of the resource at `place` as they are in the table, in their order."""
        return qualify(place, keys) if self._is_mixed else keys

    def locate(self, key: str) -> tuple[int, str]:
        """The place of the resource that a key of the table is of, and the key there."""
        return (self._is_mixed and located(key)) or (0, key)


class QualifiedKeys(dict[str, str]):
    """Keys of one resource -> the same in a view of several: always the same texts, which sets then find at once."""

    LIMIT = 500_000
    """From so many on it starts over: keys come and go."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self._place = place

    def __missing__(self, key: str) -> str:
        if len(self) >= self.LIMIT:
            self.clear()
        found = self[key] = qualified(self._place, key)
        return found

    def of(self, keys: Iterable[str]) -> Iterator[str]:
        return map(self.__getitem__, keys)


def namespace_of(key: str) -> str:
    """Empty for cluster-scoped objects."""
    namespace = key.rpartition("/")[0]
    return namespace[_DIGITS + 1 :] if namespace[_DIGITS : _DIGITS + 1] == ":" else namespace


def resource_finder(resources: Sequence[Resource]) -> Callable[[str], Resource]:
    """Which of the resources a key is of."""
    if len(resources) == 1:
        only = resources[0]
        return lambda key: only
    return lambda key: resources[part_of(key)]
