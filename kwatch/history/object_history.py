"""The versions of one object, and all objects of one resource.

An object deleted and created again under its name has another uid, and so another history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kwatch.history.change_index import ChangeIndex
from kwatch.history.coverage import Watches
from kwatch.history.packing import KEYFRAME_OVERHEAD, Keyframe, distance_of, unpack_version
from kwatch.history.version import VersionColumns
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.masking import mask_json

EVENTS = frozenset({"events", "events.events.k8s.io"})
"""The resources whose objects are Events."""

Payload = KubeObject | Keyframe | bytes
"""The content of a version. The cache's own object, if it is the last version of a living object or not indexed yet;
else a keyframe, or bytes packed against the keyframe before it.
"""

GONE = b""
"""The payload of an evicted version whose neighbours are still there."""
VERSION_BYTES = 64
"""What a version costs beside its payload: its columns, its place in the log and in the list of payloads."""
LISTED_BYTES = 60
"""What an object costs that has none, beside its version: its key is that of the object."""
_HISTORY_BYTES = 600
"""What a history costs beside its versions, as measured: its key and its uid are those of the object."""
_CELLS_BYTES = 150
_CELL_BYTES = 64
"""What the server's cells of a version take, and each of them."""


@dataclass(slots=True, eq=False)
class ObjectHistory:
    """One object from its first to its last version. Written under the journal's lock.

    A position counts the versions that are kept, from the oldest on.
    """

    number: int
    """Histories are numbered as they begin."""
    stream: Stream
    key: str
    uid: str
    previous: ObjectHistory | None
    """The history of the object that had the same name before."""
    kind: str = ""
    api_version: str = ""
    owners: tuple[str, ...] = ()
    """The uids of its owners."""
    node: str = ""
    """The node it is bound to."""
    regarding: str = ""
    """If it is an Event: the uid of what it is about."""
    columns: VersionColumns = field(default_factory=VersionColumns)
    payloads: list[Payload] = field(default_factory=list)
    ended: bool = False
    """Whether the object is deleted or replaced: the cache does not hold its last version any more."""
    gone: int = 0
    """How many versions at the front are evicted and only still there because others are packed against them."""
    evicted: int = 0
    """How many versions were evicted in all."""
    compacted: int = 0
    """How many payloads at the front are in their final form."""
    unindexed: int = 0
    """How many versions at the end are not in the index of changes yet."""
    queued: bool = False
    """Whether it waits for the background thread."""
    pinned: bool = False
    """Whether its oldest version would be evicted by now, were it not the last of a living object."""
    holds_digest: bool = False
    """Whether the last version is without its data."""
    cells: dict[int, tuple[Any, ...]] | None = None
    """The server's Table cells by sequence, where it sent any."""

    def __len__(self) -> int:
        return len(self.payloads) - self.gone

    @property
    def own_bytes(self) -> int:
        """About how many bytes of memory it takes beside its versions, as long as one is kept."""
        return _HISTORY_BYTES + (len(self.key) + len(self.uid) if self.ended else 0)

    def position(self, sequence: int) -> int | None:
        """Where the version with exactly this sequence is; None if it is not kept."""
        position = self.columns.until(sequence) - 1
        return position if position >= self.gone and self.columns.sequence(position) == sequence else None

    def positions(self) -> range:
        """The positions of every version kept, oldest first."""
        return range(self.gone, len(self.payloads))

    def packed(self, position: int) -> Packed:
        """The content of one version, if only its JSON is asked for."""
        payload = self.payloads[position]
        return payload if isinstance(payload, KubeObject) else self.content(position)

    def content(self, position: int) -> Content:
        """The content of one version, to be unpacked without the lock."""
        payload = self.payloads[position]
        if not isinstance(payload, bytes):
            return Content(self, position, payload, None)
        keyframe = self.payloads[position - distance_of(payload)]
        assert isinstance(keyframe, Keyframe)
        return Content(self, position, payload, keyframe)

    def release(self, start: int) -> None:
        """Keep no object from `start` on, only what is packed in it; but of a living one the last, which is cached."""
        payloads = self.payloads
        for position in range(start, len(payloads) if self.ended else len(payloads) - 1):
            payload = payloads[position]
            if isinstance(payload, KubeObject):
                payloads[position] = Keyframe(*payload.stored)

    def evict(self, position: int) -> int:
        """Give up every version up to `position`; returns how many bytes became free."""
        freed = 0
        for place in range(self.gone, position + 1):
            freed += VERSION_BYTES
            payload = self.payloads[place]
            if not isinstance(payload, Keyframe):
                freed += payload_bytes(payload)
                self.payloads[place] = GONE
            if self.cells is not None:
                freed += cells_bytes(self.cells.pop(self.columns.sequence(place), None))
        self.evicted += position + 1 - self.gone
        self.gone = position + 1
        return freed + self._drop_front()

    def _drop_front(self) -> int:
        """Forget what is evicted and no version is packed against any more."""
        if self.gone < len(self.payloads) and isinstance(self.payloads[self.gone], bytes):
            return 0
        freed = sum(payload_bytes(payload) for payload in self.payloads[: self.gone])
        del self.payloads[: self.gone]
        self.columns.forget(self.gone)
        self.compacted = max(0, self.compacted - self.gone)
        self.gone = 0
        return freed


class Content:
    """What a version holds, packed. Nothing in it changes, so it can be unpacked in any thread, without the lock."""

    __slots__ = ("_cells", "_history", "_keyframe", "_payload", "_version")

    def __init__(self, history: ObjectHistory, position: int, payload: Payload, keyframe: Keyframe | None) -> None:
        self._payload = payload
        self._keyframe = keyframe
        self._history = history
        self._version = history.columns.resource_version(position)
        self._cells = history.cells.get(history.columns.sequence(position)) if history.cells is not None else None

    @classmethod
    def of(cls, obj: KubeObject) -> Content:
        """That of the only version of an object."""
        content = cls.__new__(cls)
        content._payload = obj
        return content

    @property
    def raw(self) -> bytes:
        """The JSON as it arrived, but with secret values masked. Raise msgspec.DecodeError if that cannot be done."""
        if isinstance(self._payload, KubeObject):
            return self._payload.raw
        return mask_json(self._disclosed, self._history.kind)

    @property
    def _disclosed(self) -> bytes:
        """The JSON, byte for byte as it arrived."""
        payload = self._payload
        if isinstance(payload, KubeObject):
            return payload.disclosed
        if isinstance(payload, Keyframe):
            return payload.raw
        assert self._keyframe is not None
        return unpack_version(payload, self._keyframe.raw)

    @property
    def object(self) -> KubeObject:
        """The object, with the server's cells if it sent any."""
        payload = self._payload
        if isinstance(payload, KubeObject):
            return payload
        history, version = self._history, self._version
        if history.kind and version > 0:
            namespace, _, name = history.key.rpartition("/")
            kind, api_version = history.kind, history.api_version
            obj = KubeObject.identified(self._disclosed, kind, api_version, namespace, name, str(version))
        else:
            obj = KubeObject(self._disclosed, history.kind, history.api_version)
        if self._cells is not None:
            obj.cells = self._cells
        return obj


Packed = KubeObject | Keyframe | Content
"""What has the JSON of a version, to be unpacked without the lock."""


def payload_bytes(payload: Payload) -> int:
    """About how many bytes of memory a payload takes; an object as much as the Keyframe that is made of it."""
    if isinstance(payload, bytes):
        return len(payload) + 48 if payload else 0
    if isinstance(payload, Keyframe):
        return payload.size
    return payload.stored_size + KEYFRAME_OVERHEAD


def cells_bytes(cells: tuple[Any, ...] | None) -> int:
    """About how many bytes of memory the server's cells of a version take."""
    return _CELLS_BYTES + _CELL_BYTES * len(cells) if cells is not None else 0


class Stream:
    """All objects of one resource of one context. Written under the journal's lock."""

    __slots__ = ("_begin", "changes", "context", "histories", "listed", "resource", "watches")

    def __init__(self, context: str, resource: str, begin: Callable[[int], ObjectHistory]) -> None:
        """`begin` makes the history of an object that was only listed, by its number."""
        self.context = context
        self.resource = resource
        self.histories: dict[str, ObjectHistory] = {}
        """The newest history of each key; it knows those before. Of a key that is in `listed` there is none."""
        self.listed: dict[str, int] = {}
        """The keys of objects that a list found, and of which nothing came since, with the numbers of FirstVersions."""
        self.changes = ChangeIndex()
        self.watches = Watches(context, resource)
        self._begin = begin

    @property
    def holds_events(self) -> bool:
        """Whether its objects are Events, which are about other objects."""
        return self.resource in EVENTS

    def __len__(self) -> int:
        return len(self.histories) + len(self.listed)

    def __contains__(self, key: str) -> bool:
        return key in self.histories or key in self.listed

    def history(self, key: str) -> ObjectHistory | None:
        """The newest history of a key. One that was only listed has one from now on: to look at many, there is
        `listed`.
        """
        history = self.histories.get(key)
        if history is None and (number := self.listed.get(key)) is not None:
            history = self._begin(number)
        return history

    def histories_of(self, key: str) -> list[ObjectHistory]:
        """Every history under a name, oldest first."""
        found = list(_back(self.history(key)))
        found.reverse()
        return found

    def remove(self, history: ObjectHistory) -> None:
        """Forget a history that is evicted completely."""
        newest = self.histories.get(history.key)
        if newest is not history:
            for later in _back(newest):
                if later.previous is history:
                    later.previous = history.previous
        elif history.previous is None:
            del self.histories[history.key]
        else:
            self.histories[history.key] = history.previous


def _back(history: ObjectHistory | None) -> Iterator[ObjectHistory]:
    while history is not None:
        yield history
        history = history.previous
