"""Finding out what each new version changed, behind the sinks, and filing it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from sys import intern
from typing import Any, NamedTuple, TypeVar

import msgspec

from kwatch.base.threads import report
from kwatch.history.diff.compare import Split
from kwatch.history.object_history import ObjectHistory, Packed, Stream
from kwatch.history.store import JournalStore

MOST_BYTES = 16 << 20


class RecentVersions:
    """The last version of the lives looked at last, within a bound of bytes. Used by one thread."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._splits: dict[int, tuple[int, Split]] = {}

    @property
    def bytes(self) -> int:
        """How much of the bound is used."""
        return self._bytes

    def take(self, history: int, sequence: int) -> Split | None:
        """A life's version, if it is here; not any more afterwards."""
        found = self._splits.pop(history, None)
        if found is None:
            return None
        self._bytes -= len(found[1])
        return found[1] if found[0] == sequence else None

    def put(self, history: int, sequence: int, split: Split) -> None:
        """Keep a life's last version; what came first has to go if it is too much."""
        self._splits[history] = (sequence, split)
        self._bytes += len(split)
        while self._bytes > self._most:
            oldest = next(iter(self._splits))
            self._bytes -= len(self._splits.pop(oldest)[1])

    def clear(self) -> None:
        """Keep nothing."""
        self._splits.clear()
        self._bytes = 0


T = TypeVar("T")
R = TypeVar("R")


class _Reference(msgspec.Struct, gc=False):
    uid: str = ""


class _Event(msgspec.Struct, gc=False, rename="camel"):
    involved_object: _Reference | None = None
    regarding: _Reference | None = None


_event = msgspec.json.Decoder(_Event).decode
_parse = msgspec.json.Decoder(dict[str, Any]).decode
log = logging.getLogger("kwatch.history")


class _Unseen(NamedTuple):
    """Versions of a life that are to be filed, with what the first of them must be compared with."""

    history: ObjectHistory
    sequence: int
    """That of the last of them."""
    before: Split | Packed | None
    versions: list[tuple[float, bool, bool, Packed]]
    """Receipt, whether it is a deletion, whether a list found it, content."""


class ChangeIndexer:
    """Files the changes of versions. Used by one thread."""

    def __init__(self, store: JournalStore) -> None:
        self._store = store
        self._recent = RecentVersions()

    @property
    def bytes(self) -> int:
        """What it keeps to work with, until it rests."""
        return self._recent.bytes

    def look_at(self, histories: Iterable[ObjectHistory]) -> None:
        """File the changes of their versions that are not filed yet. All are taken under one hold of the lock."""
        with self._store.lock:
            found = [self._guarded(self._take, history, history) for history in histories]
        for unseen in found:
            if unseen is not None:
                self._guarded(self._file, unseen, unseen.history)

    def _guarded(self, look: Callable[[T], R], at: T, history: ObjectHistory) -> R | None:
        """What nobody foresaw costs one object some changes in the index, and is said."""
        try:
            return look(at)
        except Exception as error:  # noqa: BLE001 - reported
            history.unseen, history.waiting = 0, False
            report(f"the index of changes, at {history.stream.resource} {history.key}", error)
            return None

    def _take(self, history: ObjectHistory) -> _Unseen | None:
        columns, payloads = history.columns, history.payloads
        end = len(payloads)
        start = max(end - history.unseen, history.gone)
        history.unseen = 0
        history.waiting = False
        if start >= end:
            return None
        before: Split | Packed | None = None
        if start > history.gone:
            before = self._recent.take(history.number, columns.sequence(start - 1)) or history.packed(start - 1)
        versions = [(*columns.receipt(place), history.packed(place)) for place in range(start, end)]
        history.release(max(0, start - 1))
        return _Unseen(history, columns.sequence(end - 1), before, versions)

    def _file(self, unseen: _Unseen) -> None:
        history, sequence, earlier, versions = unseen
        try:
            before = earlier if isinstance(earlier, Split) or earlier is None else Split(earlier.raw)
            for at, deleted, relisted, content in versions:
                before = self._compare(history, at, before, content, deleted=deleted, relisted=relisted)
        except (msgspec.DecodeError, RecursionError) as error:
            history.stream.changes.touch(history.key, versions[-1][0])
            log.warning("what changed in %s %s is not known: %s", history.stream.resource, history.key, error)
            return
        if before is not None and not history.ended:
            self._recent.put(history.number, sequence, before)

    def forget(self) -> None:
        """Drop the changes of names of which nothing is left."""
        store = self._store
        with store.lock:
            gone, store.forgotten = store.forgotten, []
            keys: dict[Stream, list[str]] = {}
            for history in gone:
                if history.key not in history.stream.histories:
                    keys.setdefault(history.stream, []).append(history.key)
        for stream, names in keys.items():
            stream.changes.forget(names)

    def rest(self) -> None:
        """Give back memory while there is nothing to do."""
        self._recent.clear()

    def _compare(
        self, history: ObjectHistory, at: float, before: Split | None, content: Packed, *, deleted: bool, relisted: bool
    ) -> Split | None:
        """File what one version changed; returns what its successor must be compared with."""
        changes = history.stream.changes
        if deleted:
            changes.touch(history.key, at)
            return None
        raw = content.raw
        after = Split(raw)
        if changes.learns:
            changes.learn(_parse(raw))
        if before is not None:
            found = before.diff(after)
            if found:
                changes.add(history.key, at, found)
        elif not relisted:
            changes.touch(history.key, at)
        if history.stream.holds_events and not history.regarding:
            history.regarding = intern(_regarded(raw))
        return after


def _regarded(raw: bytes) -> str:
    """The uid of what an Event is about."""
    try:
        event = _event(raw)
    except msgspec.DecodeError:
        return ""
    reference = event.involved_object or event.regarding
    return reference.uid if reference is not None else ""
