"""From times to deltas and back: which delta was the last at a time, which is the next of a resource."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from kwatch.history.slices import yield_lock
from kwatch.history.store import JournalStore
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


def sequence_at(store: JournalStore, time: float) -> int:
    """The sequence of the last delta received up to `time` (seconds since the epoch), 0 if there is none.

    Where the clock jumped, a time may have come twice: then one of its moments.
    """
    with store.lock:
        count = bisect_right(range(len(store.log)), time, key=lambda index: received_at(store, index))
        return store.log.entry(count - 1)[0] if count else 0


def time_of(store: JournalStore, sequence: int) -> float:
    """When the last delta up to `sequence` was received; -inf if there is none."""
    with store.lock:
        count = store.log.after(sequence)
        return received_at(store, count - 1) if count else float("-inf")


def received_at(store: JournalStore, index: int) -> float:
    """When an entry of the log was received; -inf if it is not kept."""
    sequence, number = store.log.entry(index)
    history = store.histories.get(number)
    position = history.position(sequence) if history is not None else None
    if history is None or position is None:
        return float("-inf")
    return history.columns.received_at(position)


def arrivals(store: JournalStore, stream: Stream, after: int, limit: int) -> tuple[list[Arrival], int]:
    """A stream's deltas among the next `limit` of all after a sequence, and the sequence up to which was looked."""
    found: list[Arrival] = []
    with store.lock:
        start = store.log.after(after)
        entries = store.log.entries(start, start + limit)
        for sequence, number in entries:
            history = store.histories.get(number)
            if history is None or history.stream is not stream:
                continue
            position = history.position(sequence)
            if position is not None:
                columns = history.columns
                listed = position == 0 and not history.evicted and columns.relisted(0)
                found.append(Arrival(sequence, columns.received_at(position), history.key, listed))
    return found, entries[-1][0] if entries else after


def seek(store: JournalStore, stream: Stream | None, sequence: int, direction: int, prefix: str = "") -> int | None:
    """The sequence of the next (1) or the one before (-1) delta, of a stream or of all; None if there is none.

    Only keys that begin with `prefix` count.
    """
    log, passed = store.log, sequence
    while True:
        with store.lock:
            index = log.after(passed) if direction > 0 else log.from_(passed) - 1
            for _ in range(_AT_ONCE):
                if not 0 <= index < len(log):
                    return None
                passed, number = log.entry(index)
                history = store.histories.get(number)
                if (
                    history is not None
                    and (stream is None or history.stream is stream)
                    and history.key.startswith(prefix)
                ):
                    return passed
                index += direction
        yield_lock()
