"""Room for what is new: the oldest versions go first, but never the last one of a living object."""

from __future__ import annotations

from kwatch.history.archive import Archive
from kwatch.history.gap import Evicted
from kwatch.history.life import Life

_AT_ONCE = 128
"""Versions given up under one hold of the lock."""


def evict(archive: Archive, budget_bytes: int, older_than: float | None) -> bool:
    """Give up some versions beyond the budget or received before `older_than`; whether there may be more to do."""
    with archive.lock:
        return all(_evict_one(archive, budget_bytes, older_than) for _ in range(_AT_ONCE))


def _evict_one(archive: Archive, budget_bytes: int, older_than: float | None) -> bool:
    """Look at the oldest; False if there is nothing (more) to give up."""
    over = archive.bytes > budget_bytes
    if archive.superseded:
        pinned = archive.superseded[-1]
        if over or _is_older(pinned, pinned.gone, older_than):
            archive.superseded.pop()
            if pinned.number in archive.lives and (pinned.ended or len(pinned) > 1):
                _give_up(archive, pinned, pinned.gone)
            return True
    if not len(archive.log):
        return False
    sequence, number = archive.log.entry(0)
    life = archive.lives.get(number)
    if life is None or (position := life.position(sequence)) is None:
        archive.log.drop_front()
        return True
    if not over and not _is_older(life, position, older_than):
        return False
    archive.log.drop_front()
    if position == len(life.payloads) - 1 and not life.ended:
        life.pinned = True
    else:
        _give_up(archive, life, position)
    return True


def _is_older(life: Life, position: int, than: float | None) -> bool:
    return than is not None and life.ledger.received_at(position) < than


def _give_up(archive: Archive, life: Life, position: int) -> None:
    was = archive.evicted
    count = position + 1 - life.gone
    sequence, at = life.ledger.sequence(position), life.ledger.received_at(position)
    last = position == len(life.payloads) - 1
    archive.bytes -= life.evict(position)
    if last:
        del archive.lives[life.number]
        archive.bytes -= life.own_bytes
        life.stream.remove(life)
        if life.key not in life.stream.lives:
            archive.forgotten.append(life)
    archive.evicted = Evicted(
        was.versions + count, was.objects + last, max(was.through_sequence, sequence), max(was.through_at, at)
    )
