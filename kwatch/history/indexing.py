"""Finding out what each new version changed, behind the sinks, and filing it in the index of changes."""

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

T = TypeVar("T")
R = TypeVar("R")

MOST_BYTES = 16 << 20
"""Bytes of versions that are kept to be compared with their successors, so that they need not be unpacked again."""


class _Reference(msgspec.Struct, gc=False):
    uid: str = ""


class _Event(msgspec.Struct, gc=False, rename="camel"):
    involved_object: _Reference | None = None
    regarding: _Reference | None = None


_event = msgspec.json.Decoder(_Event).decode
_parse = msgspec.json.Decoder(dict[str, Any]).decode
log = logging.getLogger("kwatch.history")


class _Unindexed(NamedTuple):
    """Versions of an object that are to be filed, and what the first of them must be compared with."""

    history: ObjectHistory
    sequence: int
    """The sequence of the last of them."""
    before: Split | Packed | None
    versions: list[tuple[float, bool, bool, Packed]]
    """Receipt, whether it is a deletion, whether a list found it, content."""


class ChangeIndexer:
    """Files the changes of versions. Used by one thread."""

    def __init__(self, store: JournalStore) -> None:
        self._store = store
        self._recent: dict[int, tuple[int, Split]] = {}
        """Last versions: sequence and content by number of history, the oldest first."""
        self.bytes = 0
        """How many bytes of JSON these are."""

    def index(self, histories: Iterable[ObjectHistory]) -> None:
        """File the changes of their versions that are not filed yet. All are taken under one hold of the lock."""
        with self._store.lock:
            found = [self._guarded(self._take, history, history) for history in histories]
        for unindexed in found:
            if unindexed is not None:
                self._guarded(self._file, unindexed, unindexed.history)

    def _guarded(self, work: Callable[[T], R], at: T, history: ObjectHistory) -> R | None:
        """An internal error costs one object some changes in the index, and is reported."""
        try:
            return work(at)
        except Exception as error:  # noqa: BLE001 - reported
            history.unindexed, history.queued = 0, False
            report(f"the index of changes, at {history.stream.resource} {history.key}", error)
            return None

    def _take(self, history: ObjectHistory) -> _Unindexed | None:
        columns, payloads = history.columns, history.payloads
        end = len(payloads)
        start = max(end - history.unindexed, history.gone)
        history.unindexed = 0
        history.queued = False
        if start >= end:
            return None
        before: Split | Packed | None = None
        if start > history.gone:
            before = self._take_recent(history, columns.sequence(start - 1)) or history.packed(start - 1)
        versions = [(*columns.receipt(place), history.packed(place)) for place in range(start, end)]
        history.release(max(0, start - 1))
        return _Unindexed(history, columns.sequence(end - 1), before, versions)

    def _file(self, unindexed: _Unindexed) -> None:
        history, sequence, earlier, versions = unindexed
        try:
            before = earlier if isinstance(earlier, Split) or earlier is None else Split(earlier.raw)
            for at, deleted, relisted, content in versions:
                before = self._compare(history, at, before, content, deleted=deleted, relisted=relisted)
        except (msgspec.DecodeError, RecursionError) as error:
            history.stream.changes.touch(history.key, versions[-1][0])
            log.warning("what changed in %s %s is not known: %s", history.stream.resource, history.key, error)
            return
        if before is not None and not history.ended:
            self._keep_recent(history, sequence, before)

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
            history.regarding = intern(_regarding(raw) or NOTHING)
        return after

    def _take_recent(self, history: ObjectHistory, sequence: int) -> Split | None:
        found = self._recent.pop(history.number, None)
        if found is None:
            return None
        self.bytes -= len(found[1])
        return found[1] if found[0] == sequence else None

    def _keep_recent(self, history: ObjectHistory, sequence: int, split: Split) -> None:
        self._recent[history.number] = (sequence, split)
        self.bytes += len(split)
        while self.bytes > MOST_BYTES:
            oldest = next(iter(self._recent))
            self.bytes -= len(self._recent.pop(oldest)[1])

    def forget(self) -> None:
        """Drop the changes of objects that are evicted completely."""
        store = self._store
        with store.lock:
            gone, store.forgotten = store.forgotten, []
            keys: dict[Stream, list[str]] = {}
            for history in gone:
                if history.key not in history.stream:
                    keys.setdefault(history.stream, []).append(history.key)
        for stream, names in keys.items():
            stream.changes.forget(names)

    def rest(self) -> None:
        """Free memory while there is nothing to do."""
        self._recent.clear()
        self.bytes = 0


NOTHING = "-"
"""What an Event is about that names nothing: it need not be asked again."""


def _regarding(raw: bytes) -> str:
    """The uid of what an Event is about; empty where it does not say."""
    try:
        event = _event(raw)
    except msgspec.DecodeError:
        return ""
    reference = event.involved_object or event.regarding
    return reference.uid if reference is not None else ""
