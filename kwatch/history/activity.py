"""How busy objects are: for the columns CHANGED, DELTAS and CHURN."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

from kwatch.history.archive import Archive
from kwatch.history.as_of import AsOf
from kwatch.history.life import Life
from kwatch.history.moments import time_of
from kwatch.history.stream import Stream

T = TypeVar("T")

BARS = 10
"""Into how many equal parts the last minutes are cut..."""
BAR = 30.0
"""...and how many seconds each is; they begin at whole multiples of it, so that counts stand still in between."""
_AT_ONCE = 1024
"""Objects looked at under one hold of the lock."""


class Activity(NamedTuple):
    """`changed_at` is the receipt of the last delta (seconds since the epoch), `deltas` how many there were in all.

    That an object was there when watching began is no delta: None and 0 where there was no other.
    """

    changed_at: float | None
    deltas: int


class Activities:
    """Of one resource. Callable from any thread; the lock is held for a thousand objects at a time."""

    def __init__(self, archive: Archive, stream: Stream, clock: Callable[[], float], as_of: AsOf | None = None) -> None:
        """With `as_of` at its moment, wherever it is moved; `clock` tells the time otherwise."""
        self._archive = archive
        self._stream = stream
        self._clock = clock
        self._as_of = as_of

    @property
    def now(self) -> float:
        """The moment spoken of."""
        return self._clock() if self._as_of is None else time_of(self._archive, self._as_of.sequence)

    def of(self, keys: Sequence[str]) -> list[Activity | None]:
        """What is known of each key; None for nothing."""
        sequence = self._sequence
        return self._of_each(keys, lambda life: _activity(life, sequence))

    def changed(self, keys: Sequence[str]) -> list[float | None]:
        """When the last delta of each key came; None for never."""
        sequence = self._sequence
        return self._of_each(keys, lambda life: _changed_at(life, sequence))

    def deltas(self, keys: Sequence[str]) -> list[int | None]:
        """How many deltas came of each key; None for one that is not known."""
        sequence = self._sequence
        return self._of_each(keys, lambda life: _deltas(life, sequence))

    def churn(self, keys: Sequence[str]) -> list[int]:
        """How many deltas each key had in the last minutes, all bars together."""
        start, sequence = _edges(self.now)[0], self._sequence
        return [count or 0 for count in self._of_each(keys, lambda life: _deltas_since(life, start, sequence))]

    def bars(self, key: str, now: float) -> tuple[int, ...]:
        """How many deltas a key had in each part of the last minutes, the present one last."""
        edges, sequence = _edges(now), self._sequence
        with self._archive.lock:
            life = self._stream.lives.get(key)
            since = [_deltas_since(life, edge, sequence) if life is not None else 0 for edge in edges]
        return tuple([earlier - later for earlier, later in pairwise([*since, 0])])

    def busy(self) -> set[str]:
        """The keys that had a delta in the last minutes: only their churn changes while time passes."""
        with self._archive.lock:
            keys = list(self._stream.lives)
        start = _edges(self.now)[0]
        return {key for key, at in zip(keys, self.changed(keys), strict=True) if at is not None and at >= start}

    @property
    def _sequence(self) -> int | None:
        return self._as_of.sequence if self._as_of is not None else None

    def _of_each(self, keys: Sequence[str], what: Callable[[Life], T]) -> list[T | None]:
        lives, found = self._stream.lives, []
        for start in range(0, len(keys), _AT_ONCE):
            with self._archive.lock:
                for key in keys[start : start + _AT_ONCE]:
                    life = lives.get(key)
                    found.append(what(life) if life is not None else None)
        return found


def _edges(now: float) -> list[float]:
    """Where the bars begin, the oldest first."""
    last = now - now % BAR
    return [last - back * BAR for back in range(BARS - 1, -1, -1)]


def _activity(newest: Life, sequence: int | None) -> Activity | None:
    """As of a sequence, None being now. Called with the journal's lock held."""
    deltas = _deltas(newest, sequence)
    return None if deltas is None else Activity(_changed_at(newest, sequence), deltas)


def _deltas(newest: Life, sequence: int | None) -> int | None:
    if sequence is None and newest.previous is None:
        # Nearly all of 100,000: no more is done than is needed.
        return newest.ledger.deltas + newest.evicted - newest.gone
    deltas, known = 0, False
    for life, until in _lives(newest, sequence):
        known = True
        deltas += until - life.gone + life.evicted - (life.previous is None and life.ledger.began_listed)
    return deltas if known else None


def _changed_at(newest: Life, sequence: int | None) -> float | None:
    if sequence is None and newest.previous is None:
        return newest.ledger.last_received_at if newest.ledger.deltas or newest.evicted else None
    for life, until in _lives(newest, sequence):
        if until > 1 or life.previous is not None or life.evicted or not life.ledger.began_listed:
            return life.ledger.received_at(until - 1)
    return None


def _deltas_since(newest: Life, start: float, sequence: int | None) -> int:
    """How many there were at or after a moment, as of a sequence, as far as they are kept."""
    if sequence is None and newest.previous is None and newest.evicted == newest.gone:
        return newest.ledger.deltas_since(start)
    count = 0
    for life, until in _lives(newest, sequence):
        ledger = life.ledger
        if ledger.received_at(until - 1) < start:
            break
        is_whole = life.evicted == life.gone
        listed = life.previous is None and ledger.began_listed and is_whole
        count += max(0, until - max(ledger.received_before(start, until), int(listed)))
    return count


def _lives(newest: Life, sequence: int | None) -> Iterator[tuple[Life, int]]:
    """The lives under a name, the newest first, with how many places of their ledgers count."""
    life: Life | None = newest
    while life is not None:
        until = len(life.ledger) if sequence is None else life.ledger.until(sequence)
        if until:
            yield life, until
        life = life.previous
