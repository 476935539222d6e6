"""The objects of one resource: each as bytes, what they were within a window of changes, and who listens for more."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec

from kwatch.simulator.api_types import SCHEMA, APIType


@dataclass(frozen=True, slots=True)
class FieldLabel:
    """One field: its label, where its value is, and what an absent one is taken for."""

    label: str
    path: tuple[str, ...]
    default: str = ""

    def read(self, obj: Mapping[str, Any]) -> str:
        value: Any = obj
        for step in self.path:
            value = value.get(step) if isinstance(value, dict) else None
        return self.default if value is None else _field_text(value)


def _field_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(str(item.get("ip", "")) if isinstance(item, dict) else str(item) for item in value)
    return str(value)


def _label(text: str) -> FieldLabel:
    label, *more = text.split()
    given = dict(part.split("=") for part in more)
    return FieldLabel(label, tuple(given.get("path", label).split(".")), given.get("default", ""))


@lru_cache(maxsize=256)
def field_labels(api_type: APIType) -> tuple[FieldLabel, ...]:
    general = ["metadata.name", "metadata.namespace"][: 2 if api_type.namespaced or not api_type.custom else 1]
    custom = [path.removeprefix(".") for path in api_type.selectable_fields]
    return tuple(map(_label, [*general, *SCHEMA["field_labels"].get(api_type.storage, ()), *custom]))


_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class Record:
    """An object at one revision, encoded once.

    `raw` is how a list shows it: objects of built-in types without kind and apiVersion. `fields` are the values of
    the type's field labels, in their order.
    """

    api_type: APIType
    key: str
    revision: int
    raw: bytes
    labels: Mapping[str, str]
    fields: tuple[str, ...]

    @property
    def namespace(self) -> str:
        """Empty for cluster-scoped objects."""
        return self.key.rpartition("/")[0]

    @property
    def whole(self) -> bytes:
        """How a get or a watch shows it: with kind and apiVersion."""
        return self.raw if self.api_type.custom else type_prefix(self.api_type) + self.raw[1:]

    def tree(self) -> dict[str, Any]:
        """The object, decoded, with kind and apiVersion."""
        decoded: dict[str, Any] = msgspec.json.decode(self.whole)
        return decoded

    def at(self, revision: int) -> Record:
        """The same content under another resourceVersion: how a watch shows a deletion or a departure."""
        tree = self.tree()
        tree["metadata"]["resourceVersion"] = str(revision)
        return replace(self, revision=revision, raw=encoded_item(self.api_type, tree))

    @classmethod
    def of(cls, api_type: APIType, key: str, revision: int, tree: dict[str, Any]) -> Record:
        labels = tree["metadata"].get("labels") or {}
        fields = tuple(label.read(tree) for label in field_labels(api_type))
        return cls(api_type, key, revision, encoded_item(api_type, tree), labels, fields)


class Change:
    """What one write did to one object. `previous` is None for ADDED; a DELETED one shows the last content under
    the revision of the deletion.
    """

    __slots__ = ("_departure", "_encoded", "previous", "record", "type")

    def __init__(self, change_type: str, record: Record, previous: Record | None) -> None:
        self.type = change_type
        self.record = record
        self.previous = previous
        self._encoded: dict[object, bytes] = {}
        self._departure: Record | None = None

    @property
    def revision(self) -> int:
        """When it happened."""
        return self.record.revision

    def departure(self) -> Record:
        """What a watch shows whose selector matched before and no longer does: the previous content, this revision."""
        if self._departure is None:
            assert self.previous is not None
            self._departure = self.previous.at(self.revision)
        return self._departure

    def encoded(self, form: object, encode: Callable[[], bytes]) -> bytes:
        """The bytes of this change in some form, made once however many watches want them."""
        found = self._encoded.get(form)
        if found is None:
            found = self._encoded[form] = encode()
        return found


def type_prefix(api_type: APIType) -> bytes:
    """`{"kind":"Pod","apiVersion":"v1",`: how every object of a built-in type begins."""
    return f'{{"kind":"{api_type.kind}","apiVersion":"{api_type.api_version}",'.encode()


def encoded_item(api_type: APIType, tree: dict[str, Any]) -> bytes:
    if api_type.custom:
        return _encode(tree, order="sorted")
    return _encode({key: value for key, value in tree.items() if key not in ("kind", "apiVersion")})


Listener = Callable[[Change | None], None]
"""Called in the event loop for every change; with None when the resource is served no longer."""

_SNAPSHOTS = 4


class Expired(Exception):
    """The revision lies before the window of changes that are remembered."""


class Collection:
    """Current records by key, and a window of changes that leads back to earlier revisions."""

    def __init__(self, api_type: APIType, floor: int, window: int) -> None:
        self.api_type = api_type
        self.records: dict[str, Record] = {}
        self.trees: dict[str, dict[str, Any]] = {}
        self.floor = floor
        """Every change after this revision is remembered, so that it is the oldest one that can be shown."""
        self._window = window
        self._changes: deque[Change] = deque()
        self._listeners: dict[Listener, None] = {}
        self._sorted: tuple[Record, ...] | None = None
        self._snapshots: OrderedDict[int, tuple[Record, ...]] = OrderedDict()

    def apply(self, change: Change, tree: dict[str, Any] | None) -> None:
        key = change.record.key
        if tree is None:
            del self.records[key]
            del self.trees[key]
        else:
            self.records[key] = change.record
            self.trees[key] = tree
        self._sorted = None
        self._changes.append(change)
        if len(self._changes) > self._window:
            self.floor = self._changes.popleft().revision
        for listener in tuple(self._listeners):
            listener(change)

    def compact(self, revision: int) -> None:
        """Forget the changes up to a revision: a request for anything before it gets 410."""
        while self._changes and self._changes[0].revision <= revision:
            self._changes.popleft()
        self.floor = max(self.floor, revision)
        for old in [each for each in self._snapshots if each < self.floor]:
            del self._snapshots[old]

    def end_watches(self) -> None:
        """The resource is gone or its definition has changed: the listeners get None."""
        for listener in tuple(self._listeners):
            listener(None)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear of every change from now on; call the result to stop."""
        self._listeners[listener] = None

        def stop() -> None:
            self._listeners.pop(listener, None)

        return stop

    def changes_after(self, revision: int) -> Iterator[Change]:
        """What happened since; raise Expired if that is not all known any more."""
        if revision < self.floor:
            raise Expired
        start = bisect_right(self._changes, revision, key=lambda change: change.revision)
        return islice(self._changes, start, None)

    def current(self) -> Sequence[Record]:
        """Every record, in the order of keys, which is that of lists."""
        if self._sorted is None:
            self._sorted = tuple(self.records[key] for key in sorted(self.records))
        return self._sorted

    def as_of(self, revision: int) -> Sequence[Record]:
        """Every record at an earlier revision, in the order of keys; raise Expired if it is no longer known."""
        if revision < self.floor:
            raise Expired
        if not self._changes or self._changes[-1].revision <= revision:
            return self.current()
        if revision not in self._snapshots:
            self._snapshots[revision] = self._undo_to(revision)
            if len(self._snapshots) > _SNAPSHOTS:
                self._snapshots.popitem(last=False)
        return self._snapshots[revision]

    def _undo_to(self, revision: int) -> tuple[Record, ...]:
        records = dict(self.records)
        for change in reversed(self._changes):
            if change.revision <= revision:
                break
            if change.previous is None:
                del records[change.record.key]
            else:
                records[change.record.key] = change.previous
        return tuple(records[key] for key in sorted(records))


def in_namespace(records: Sequence[Record], namespace: str) -> Sequence[Record]:
    """The part of sorted records that lies in a namespace; all of them for the empty one."""
    if not namespace:
        return records
    start = bisect_left(records, f"{namespace}/", key=lambda record: record.key)
    end = bisect_left(records, f"{namespace}0", lo=start, key=lambda record: record.key)  # "0" follows "/"
    return records[start:end]
