"""Finding out what each new version changed, behind the sinks, and filing it."""

from __future__ import annotations

import logging

import msgspec

from kwatch.history.archive import Archive
from kwatch.history.diff.raw import Split
from kwatch.history.life import Content, Life
from kwatch.history.recent_versions import RecentVersions
from kwatch.history.stream import Stream


class _Reference(msgspec.Struct, gc=False):
    uid: str = ""


class _Event(msgspec.Struct, gc=False, rename="camel"):
    involved_object: _Reference | None = None
    regarding: _Reference | None = None


_event = msgspec.json.Decoder(_Event).decode
log = logging.getLogger("kwatch.history")


class Indexing:
    """Files the changes of versions. Used by one thread."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._recent = RecentVersions()

    def look_at(self, life: Life) -> None:
        """File the changes of a life's versions that are not filed yet."""
        ledger = life.ledger
        with self._archive.lock:
            life.waiting = False
            start, end = max(ledger.until(life.indexed), life.gone), len(ledger)
            if start == end:
                return
            life.indexed = ledger.sequence(end - 1)
            previous = ledger.sequence(start - 1) if start > life.gone else 0
            before = self._recent.take(life.number, previous)
            unpack_previous = life.content(start - 1) if start > life.gone and before is None else None
            versions = [
                (ledger.received_at(place), ledger.deleted(place), ledger.relisted(place), life.content(place))
                for place in range(start, end)
            ]
        try:
            if unpack_previous is not None:
                before = Split(unpack_previous.raw)
            for at, deleted, relisted, content in versions:
                before = self._compare(life, at, before, content, deleted=deleted, relisted=relisted)
        except (msgspec.DecodeError, RecursionError) as error:
            life.stream.changes.touch(life.key, versions[-1][0])
            log.warning("what changed in %s %s is not known: %s", life.stream.resource, life.key, error)
            return
        if before is not None and not life.ended:
            self._recent.put(life.number, life.indexed, before)

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
        self, life: Life, at: float, before: Split | None, content: Content, *, deleted: bool, relisted: bool
    ) -> Split | None:
        """File what one version changed; returns what its successor must be compared with."""
        changes = life.stream.changes
        if deleted:
            changes.touch(life.key, at)
            return None
        raw = content.raw
        after = Split(raw)
        if before is not None:
            found = before.diff(after)
            if found:
                changes.add(life.key, at, found)
        elif not relisted:
            changes.touch(life.key, at)
        if life.stream.holds_events and not life.regarding:
            life.regarding = _regarded(raw)
        return after


def _regarded(raw: bytes) -> str:
    """The uid of what an Event is about."""
    try:
        event = _event(raw)
    except msgspec.DecodeError:
        return ""
    reference = event.involved_object or event.regarding
    return reference.uid if reference is not None else ""
