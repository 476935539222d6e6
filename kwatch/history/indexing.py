"""Finding out what each new version changed, behind the sinks, and filing it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from sys import intern
from typing import Any, NamedTuple, TypeVar

import msgspec

from kwatch.base.threads import report
from kwatch.history.archive import Archive
from kwatch.history.diff.raw import Split
from kwatch.history.life import Life, Packed
from kwatch.history.recent_versions import RecentVersions
from kwatch.history.stream import Stream

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

    life: Life
    sequence: int
    """That of the last of them."""
    before: Split | Packed | None
    versions: list[tuple[float, bool, bool, Packed]]
    """Receipt, whether it is a deletion, whether a list found it, content."""


class Indexing:
    """Files the changes of versions. Used by one thread."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._recent = RecentVersions()

    @property
    def bytes(self) -> int:
        """What it keeps to work with, until it rests."""
        return self._recent.bytes

    def look_at(self, lives: Iterable[Life]) -> None:
        """File the changes of their versions that are not filed yet. All are taken under one hold of the lock."""
        with self._archive.lock:
            found = [self._guarded(self._take, life, life) for life in lives]
        for unseen in found:
            if unseen is not None:
                self._guarded(self._file, unseen, unseen.life)

    def _guarded(self, look: Callable[[T], R], at: T, life: Life) -> R | None:
        """What nobody foresaw costs one object some changes in the index, and is said."""
        try:
            return look(at)
        except Exception as error:  # noqa: BLE001 - reported
            life.unseen, life.waiting = 0, False
            report(f"the index of changes, at {life.stream.resource} {life.key}", error)
            return None

    def _take(self, life: Life) -> _Unseen | None:
        ledger, payloads = life.ledger, life.payloads
        end = len(payloads)
        start = max(end - life.unseen, life.gone)
        life.unseen = 0
        life.waiting = False
        if start >= end:
            return None
        before: Split | Packed | None = None
        if start > life.gone:
            before = self._recent.take(life.number, ledger.sequence(start - 1)) or life.packed(start - 1)
        versions = [(*ledger.receipt(place), life.packed(place)) for place in range(start, end)]
        life.release(max(0, start - 1))
        return _Unseen(life, ledger.sequence(end - 1), before, versions)

    def _file(self, unseen: _Unseen) -> None:
        life, sequence, earlier, versions = unseen
        try:
            before = earlier if isinstance(earlier, Split) or earlier is None else Split(earlier.raw)
            for at, deleted, relisted, content in versions:
                before = self._compare(life, at, before, content, deleted=deleted, relisted=relisted)
        except (msgspec.DecodeError, RecursionError) as error:
            life.stream.changes.touch(life.key, versions[-1][0])
            log.warning("what changed in %s %s is not known: %s", life.stream.resource, life.key, error)
            return
        if before is not None and not life.ended:
            self._recent.put(life.number, sequence, before)

    def forget(self) -> None:
        """Drop the changes of names of which nothing is left."""
        archive = self._archive
        with archive.lock:
            gone, archive.forgotten = archive.forgotten, []
            keys: dict[Stream, list[str]] = {}
            for life in gone:
                if life.key not in life.stream.lives:
                    keys.setdefault(life.stream, []).append(life.key)
        for stream, names in keys.items():
            stream.changes.forget(names)

    def rest(self) -> None:
        """Give back memory while there is nothing to do."""
        self._recent.clear()

    def _compare(
        self, life: Life, at: float, before: Split | None, content: Packed, *, deleted: bool, relisted: bool
    ) -> Split | None:
        """File what one version changed; returns what its successor must be compared with."""
        changes = life.stream.changes
        if deleted:
            changes.touch(life.key, at)
            return None
        raw = content.raw
        after = Split(raw)
        if changes.learns:
            changes.learn(_parse(raw))
        if before is not None:
            found = before.diff(after)
            if found:
                changes.add(life.key, at, found)
        elif not relisted:
            changes.touch(life.key, at)
        if life.stream.holds_events and not life.regarding:
            life.regarding = intern(_regarded(raw))
        return after


def _regarded(raw: bytes) -> str:
    """The uid of what an Event is about."""
    try:
        event = _event(raw)
    except msgspec.DecodeError:
        return ""
    reference = event.involved_object or event.regarding
    return reference.uid if reference is not None else ""
