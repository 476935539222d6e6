"""Finding out what each new version changed, behind the sinks, and filing it."""

from __future__ import annotations

import logging

import msgspec

from kwatch.history.archive import Archive
from kwatch.history.diff.raw import diff_raw
from kwatch.history.life import Life
from kwatch.informer.delta import DeltaType


class _Reference(msgspec.Struct, gc=False):
    uid: str = ""


class _Event(msgspec.Struct, gc=False, rename="camel"):
    involved_object: _Reference | None = None
    regarding: _Reference | None = None


_event = msgspec.json.Decoder(_Event).decode
log = logging.getLogger("kwatch.history")


def index_changes(archive: Archive, life: Life) -> None:
    """File the changes of a life's versions that are not filed yet. Only one thread may do this."""
    with archive.lock:
        life.waiting = False
        ledger, changes = life.ledger, life.stream.changes
        start = max(ledger.until(life.indexed), life.gone)
        facts = [ledger.at(position) for position in range(start, len(ledger))]
        first = max(start - 1, life.gone)
        contents = [life.content(position) for position in range(first, len(ledger))]
    if contents and not life.regarding and life.stream.holds_events:
        life.regarding = _regarded(contents[-1].raw)
    before = contents[0].raw if first < start else None
    for fact, content in zip(facts, contents[start - first :], strict=True):
        if fact.type is DeltaType.DELETED or (before is None and fact.type is DeltaType.ADDED):
            changes.touch(life.key, fact.at)
        raw = content.raw
        if before is not None and fact.type is not DeltaType.DELETED:
            try:
                changes.add(life.key, fact.at, diff_raw(before, raw))
            except (msgspec.DecodeError, RecursionError) as error:
                changes.touch(life.key, fact.at)
                log.warning("what changed in %s %s is not known: %s", life.stream.resource, life.key, error)
        before = raw
    if facts:
        life.indexed = facts[-1].sequence


def _regarded(raw: bytes) -> str:
    """The uid of what an Event is about."""
    try:
        event = _event(raw)
    except msgspec.DecodeError:
        return ""
    reference = event.involved_object or event.regarding
    return reference.uid if reference is not None else ""
