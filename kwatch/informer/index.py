"""Indexes: the functions that give an object's values, and which keys are filed under which value."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import attrgetter
from sys import getsizeof, intern
from typing import Any

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import labels_of, metadata_of, namespace_of
from kwatch.informer.protocol import Object

log = logging.getLogger("kwatch.informer.indexer")

Values = Sequence[str]
IndexFunc = Callable[[Any], Sequence[str]]
"""The values of one object (a KubeObject) in one index, a sequence of texts; an empty one leaves the object out."""

NAMESPACE_INDEX = "namespace"
LABEL_INDEX = "label"
OWNER_INDEX = "owner"
NODE_INDEX = "node"


def namespace_index(obj: Object) -> Sequence[str]:
    """metadata.namespace; cluster-scoped objects are filed under the empty string."""
    return (namespace_of(obj),)


def label_index(obj: Object) -> Sequence[str]:
    """One value a label, `key=value`."""
    # Interned, because a handful of labels is shared by thousands of objects.
    return tuple([intern(f"{key}={value}") for key, value in labels_of(obj).items()])


def label_key_index(obj: Object) -> Sequence[str]:
    """The labels' keys, for `app` and `!app`."""
    return tuple(labels_of(obj))


def owner_index(obj: Object) -> Sequence[str]:
    """The uids of metadata.ownerReferences."""
    if isinstance(obj, KubeObject):
        return tuple([owner.uid for owner in obj.owners])
    owners = metadata_of(obj).get("ownerReferences") or ()
    return tuple(str(owner["uid"]) for owner in owners if isinstance(owner, Mapping) and owner.get("uid"))


def node_index(obj: Object) -> Sequence[str]:
    """spec.nodeName; objects without one are left out."""
    if isinstance(obj, KubeObject):
        return (obj.node,) if obj.node else ()
    spec: Any = obj.get("spec")
    node = spec.get("nodeName") if isinstance(spec, Mapping) else None
    return (str(node),) if node else ()


def standard_indexers() -> dict[str, IndexFunc]:
    """The four indexes every kwatch table has."""
    return {
        NAMESPACE_INDEX: namespace_index,
        LABEL_INDEX: label_index,
        OWNER_INDEX: owner_index,
        NODE_INDEX: node_index,
    }


_SAMPLED = 25
_MOST_SHARED = 4096
_shared_values: dict[Values, Values] = {}


def _shared(values: Values) -> Values:
    """Most objects share their values with others: one tuple does for all."""
    if len(_shared_values) >= _MOST_SHARED:
        _shared_values.clear()
    return _shared_values.setdefault(values, values)


@dataclass(frozen=True, slots=True)
class IndexSize:
    """How many distinct values an index has, and how many keys are filed under any."""

    values: int
    keys: int


_READ: Mapping[IndexFunc, str] = {
    namespace_index: "namespace",
    label_index: "labels",
    label_key_index: "labels",
    owner_index: "owners",
    node_index: "node",
}
"""Of which attribute of a KubeObject these functions make their values, and of nothing else."""


class Index:
    """Keeps the values of every key, so that removing one never calls the index function with an old object: but where
    that reads one attribute of KubeObjects, which never change, the object before says what its values were, and one
    with the same attribute need not be filed again.

    Not locked: the Indexer that owns it is.
    """

    __slots__ = ("_derived", "_read", "func", "keys_by_value", "values_by_key")

    def __init__(self, func: IndexFunc, *, derives: bool = False) -> None:
        """`derives`: it is given the object before with every change."""
        self.func = func
        self.keys_by_value: dict[str, FiledKeys] = {}
        self.values_by_key: dict[str, Values] = {}
        """Of what does not derive them."""
        attribute = _READ.get(func) if derives else None
        self._read: Callable[[Any], object] | None = attrgetter(attribute) if attribute is not None else None
        self._derived = 0
        """How many keys are filed that are not in `values_by_key`."""

    def emptied(self) -> Index:
        """An empty one of the same kind."""
        return Index(self.func, derives=self._read is not None)

    def take_over(self, other: Index) -> None:
        """Hold what another one of the same kind holds, which is not used any more."""
        self.keys_by_value, self.values_by_key, self._derived = other.keys_by_value, other.values_by_key, other._derived

    @property
    def size(self) -> IndexSize:
        return IndexSize(len(self.keys_by_value), len(self.values_by_key) + self._derived)

    def derives(self, obj: object) -> bool:
        """Whether it finds out by itself what the values of an object are."""
        return self._read is not None and type(obj) is KubeObject

    def bytes(self, sample: int) -> int:
        """About how much memory it takes, by so many of its values and keys, or rather more: a few values of thousands
        have most of the keys.
        """
        step = max(1, len(self.keys_by_value) // (_SAMPLED * sample))
        some = islice(self.keys_by_value.items(), 0, None, step)
        filed = [getsizeof(value) + keys.bytes for value, keys in some]
        # The tuples of values are shared, by about as many as are filed under one value.
        tuples = min(len(self.keys_by_value), len(self.values_by_key)) * 64
        of_values = sum(filed) * len(self.keys_by_value) // max(1, len(filed))
        return of_values + tuples + getsizeof(self.keys_by_value) + getsizeof(self.values_by_key)

    def put(self, key: str, values: Values) -> None:
        """File a key under exactly these values."""
        old = self.values_by_key.get(key, ())
        if old == values:
            return
        if len(values) > 1:
            values = tuple(dict.fromkeys(values))
        self._move(key, old, values)
        if values:
            self.values_by_key[key] = _shared(values)
        else:
            self.values_by_key.pop(key, None)

    def refile(self, key: str, values: Values | None, old: Object | None, obj: Object | None) -> None:
        """File a key under the values of an object that takes the place of another; None where it derives them."""
        if not self.derives(old):
            before: Values = ()
            if values is not None:
                self.put(key, values)
                return
            self.remove(key)
        elif self._is_alike(old, obj):
            return
        else:
            before = self._values(old)
        after = self._values(obj) if values is None else ()
        self._derived += bool(after) - bool(before)
        self._move(key, before, after)
        if values:
            self.put(key, values)

    def differs(self, key: str, values: Values | None, old: Object | None, obj: Object | None) -> bool:
        """Whether `refile` would do anything."""
        if not self.derives(old):
            return values != self.values_by_key.get(key, ())
        return not self._is_alike(old, obj) and self._values(old) != (self._values(obj) if values is None else values)

    def remove_of(self, key: str, old: Object) -> None:
        """Take out a key under which this object was."""
        self.refile(key, (), old, None)

    def _is_alike(self, old: object, new: object) -> bool:
        return self._read is not None and type(new) is KubeObject and self._read(old) is self._read(new)

    def _values(self, obj: Any) -> Values:
        values = self.func(obj)
        return tuple(dict.fromkeys(values)) if len(values) > 1 else values

    def _move(self, key: str, old: Values, values: Values) -> None:
        for value in old:
            if value not in values:
                self._withdraw(key, value)
        filed = self.keys_by_value
        for value in values:
            keys = filed.get(value)
            if keys is None:
                filed[value] = FiledKeys(key)
            elif value not in old:
                keys.add(key)

    def compact(self, value: str) -> None:
        """Take as little room as can be for what is filed under a value."""
        keys = self.keys_by_value.get(value)
        if keys is not None:
            keys.settle()

    def remove(self, key: str) -> None:
        for value in self.values_by_key.pop(key, ()):
            self._withdraw(key, value)

    def _withdraw(self, key: str, value: str) -> None:
        keys = self.keys_by_value.get(value)
        if keys is None:
            return
        keys.remove(key)
        # Values come and go (a uid, a hash); what is left of old ones would be a leak.
        if not keys:
            del self.keys_by_value[value]


class IndexValues:
    """Calls index functions. One that raises gives no values; `on_error` gets each new message once."""

    def __init__(self, on_error: Callable[[str], None] | None = None) -> None:
        self._on_error = on_error
        self.errors = 0
        self.last_error = ""

    def of_each(self, indices: Iterable[Index], obj: Object) -> list[Values | None]:
        """The values of an object to be filed in each of these indexes; None where the index derives them."""
        return [None if index.derives(obj) else self.of(index, obj) for index in indices]

    def of(self, index: Index, obj: Object) -> Values:
        try:
            values = index.func(obj)
            if type(values) is not tuple:
                if isinstance(values, str | bytes):
                    raise TypeError(f"an index function returns a sequence of values, not the one value {values!r}")
                values = tuple(values)
            "".join(values)  # a value that is no text must fail here, not in the middle of a change
        except Exception as error:  # noqa: BLE001 - the user's function; counted, and the cache goes on
            self._failed(f"{type(error).__name__}: {error}")
            return ()
        return values

    def _failed(self, message: str) -> None:
        self.errors += 1
        # A function that fails for one object fails for thousands: report the same message once.
        if message != self.last_error:
            self.last_error = message
            log.warning("an index function failed: %s", message)
            if self._on_error is not None:
                self._on_error(message)


_FEW = 16
"""Keys up to which another tuple is made for each that comes or goes."""
_SETTLED = 4
"""One part in so many may have come or gone before another tuple is made."""


class FiledKeys:
    """Distinct keys in no particular order: a tuple, and what came and went since it was made.

    A set takes 35 bytes and more for each, and a quarter of a kilobyte for one; a tuple takes 8. Adding and removing
    cost what they cost in a set, on average.
    """

    __slots__ = ("_came", "_gone", "_settled")

    def __init__(self, *keys: str) -> None:
        self._settled = keys
        self._came: set[str] | None = None
        self._gone: set[str] | None = None

    def __len__(self) -> int:
        came, gone = self._came, self._gone
        return len(self._settled) + (len(came) if came else 0) - (len(gone) if gone else 0)

    def __iter__(self) -> Iterator[str]:
        gone = self._gone
        still = [key for key in self._settled if key not in gone] if gone else self._settled
        return chain(still, self._came) if self._came else iter(still)

    def add(self, key: str) -> None:
        """Add one that is not there."""
        settled = self._settled
        if len(settled) < _FEW:
            self._settled = (*settled, key)
        elif self._gone and key in self._gone:
            self._gone.remove(key)
        elif (came := self._came) is None:
            self._came = {key}
        else:
            came.add(key)
            if len(came) * _SETTLED > len(settled):
                self.settle()

    def remove(self, key: str) -> None:
        """Take out one that is there."""
        settled = self._settled
        if self._came and key in self._came:
            self._came.remove(key)
        elif len(settled) <= _FEW:
            self._settled = tuple([each for each in settled if each != key])
        elif (gone := self._gone) is None:
            self._gone = {key}
        else:
            gone.add(key)
            if len(gone) * _SETTLED > len(settled):
                self.settle()

    def settle(self) -> None:
        """Take as little room as can be."""
        if self._gone:
            self._settled = tuple(self)
        elif self._came:
            self._settled += tuple(self._came)
        self._came = self._gone = None

    @property
    def bytes(self) -> int:
        """What it takes, without the keys themselves."""
        parts = (self, self._settled, self._came, self._gone)
        return sum([getsizeof(each) for each in parts if each is not None])
