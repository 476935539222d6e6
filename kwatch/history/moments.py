"""From times to deltas and back: which delta was the last at a time, which is the next of a resource."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from kwatch.history.archive import Archive
from kwatch.history.holding import breathe
from kwatch.history.stream import Stream

_AT_ONCE = 1024
"""Entries of the log passed over under one hold of the lock."""


class Arrival(NamedTuple):
    """A delta without its object: `at` is its receipt in seconds since the epoch."""

    sequence: int
    at: float
    key: str
    listed: bool
    """First seen in a list: it was there before."""


def sequence_at(archive: Archive, time: float) -> int:
    """The sequence of the last delta received up to `time` (seconds since the epoch), 0 if there is none.

    Where the clock jumped, a time may have come twice: then one of its moments.
    """
    with archive.lock:
        count = bisect_right(range(len(archive.log)), time, key=lambda index: received_at(archive, index))
        return archive.log.entry(count - 1)[0] if count else 0


def time_of(archive: Archive, sequence: int) -> float:
    """When the last delta up to `sequence` was received; -inf if there is none."""
    with archive.lock:
        count = archive.log.after(sequence)
        return received_at(archive, count - 1) if count else float("-inf")


def received_at(archive: Archive, index: int) -> float:
    """When an entry of the log was received; -inf if it is not kept."""
    sequence, number = archive.log.entry(index)
    life = archive.lives.get(number)
    position = life.position(sequence) if life is not None else None
    if life is None or position is None:
        return float("-inf")
    return life.ledger.received_at(position)


def arrivals(archive: Archive, stream: Stream, after: int, limit: int) -> tuple[list[Arrival], int]:
    """A stream's deltas among the next `limit` of all after a sequence, and the sequence up to which was looked."""
    found: list[Arrival] = []
    with archive.lock:
        start = archive.log.after(after)
        entries = archive.log.entries(start, start + limit)
        for sequence, number in entries:
            life = archive.lives.get(number)
            if life is None or life.stream is not stream:
                continue
            position = life.position(sequence)
            if position is not None:
                ledger = life.ledger
                listed = position == 0 and not life.evicted and ledger.relisted(0)
                found.append(Arrival(sequence, ledger.received_at(position), life.key, listed))
    return found, entries[-1][0] if entries else after


def step(archive: Archive, stream: Stream | None, sequence: int, direction: int, prefix: str = "") -> int | None:
    """The sequence of the next (1) or the one before (-1) delta, of a stream or of all; None if there is none.

    Only keys that begin with `prefix` count.
    """
    log, passed = archive.log, sequence
    while True:
        with archive.lock:
            index = log.after(passed) if direction > 0 else log.from_(passed) - 1
            for _ in range(_AT_ONCE):
                if not 0 <= index < len(log):
                    return None
                passed, number = log.entry(index)
                life = archive.lives.get(number)
                if life is not None and (stream is None or life.stream is stream) and life.key.startswith(prefix):
                    return passed
                index += direction
        breathe()
