"""Finding out what each new version changed, behind the sinks, and filing it."""

from __future__ import annotations

import logging

import msgspec

from kwatch.history.archive import Archive
from kwatch.history.diff.raw import diff_raw
from kwatch.history.life import Life
from kwatch.history.recent_raws import RecentRaws


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
        self._recent = RecentRaws()

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
        if unpack_previous is not None:
            before = unpack_previous.raw
        for at, deleted, relisted, content in versions:
            raw = content.raw
            if deleted or before is None:
                if deleted or not relisted:
                    life.stream.changes.touch(life.key, at)
            else:
                self._compare(life, at, before, raw)
            before = raw
        assert before is not None
        self._recent.put(life.number, life.indexed, before)
        if life.stream.holds_events and not life.regarding:
            life.regarding = _regarded(before)

    def rest(self) -> None:
        """Give back memory while there is nothing to do."""
        self._recent.clear()

    def _compare(self, life: Life, at: float, before: bytes, raw: bytes) -> None:
        changes = life.stream.changes
        try:
            found = diff_raw(before, raw)
        except (msgspec.DecodeError, RecursionError) as error:
            changes.touch(life.key, at)
            log.warning("what changed in %s %s is not known: %s", life.stream.resource, life.key, error)
            return
        if found:
            changes.add(life.key, at, found)


def _regarded(raw: bytes) -> str:
    """The uid of what an Event is about."""
    try:
        event = _event(raw)
    except msgspec.DecodeError:
        return ""
    reference = event.involved_object or event.regarding
    return reference.uid if reference is not None else ""
