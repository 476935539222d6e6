"""How busy objects are: for the columns CHANGED, DELTAS and CHURN."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

from kwatch.history.as_of import AsOf, time_of
from kwatch.history.object_history import ObjectHistory, Stream
from kwatch.history.store import JournalStore

T = TypeVar("T")

BARS = 10
"""Into how many equal parts the last minutes are cut..."""
BAR = 30.0
"""...and how many seconds each is; they begin at whole multiples of it, so that counts stand still in between."""
_SILENCE = (0,) * BARS
_AT_ONCE = 1024
"""Objects looked at under one hold of the lock."""


class Activity(NamedTuple):
    """`changed_at` is the receipt of the last delta (seconds since the epoch), `deltas` how many there were in all.

    That an object was there when watching began is no delta: None and 0 where there was no other.
    """

    changed_at: float | None
    deltas: int


class Activities:
    """How busy the objects of one resource are. Callable from any thread: the lock is held for a thousand objects
    at a time.
    """

    def __init__(
        self, store: JournalStore, stream: Stream, clock: Callable[[], float], as_of: AsOf | None = None
    ) -> None:
        """At the moment at which `as_of` stands, also when it is moved; without it now, by `clock`."""
        self._store = store
        self._stream = stream
        self._clock = clock
        self._as_of = as_of

    @property
    def now(self) -> float:
        """The moment that is asked about."""
        return self._clock() if self._as_of is None else time_of(self._store, self._as_of.sequence)

    def of(self, keys: Sequence[str]) -> list[Activity | None]:
        """What is known of each key; None for nothing."""
        counts = zip(self.changed(keys), self.deltas(keys), strict=True)
        return [Activity(changed_at, deltas) if deltas is not None else None for changed_at, deltas in counts]

    def changed(self, keys: Sequence[str]) -> list[float | None]:
        """When the last delta of each key came; None for never."""
        sequence = self._sequence
        return self._of_each(keys, lambda history: _changed_at(history, sequence), None)

    def deltas(self, keys: Sequence[str]) -> list[int | None]:
        """How many deltas came of each key; None for one that is not known."""
        sequence = self._sequence
        listed: int | None = 0
        return self._of_each(keys, lambda history: _deltas(history, sequence), listed)

    def churn(self, keys: Sequence[str]) -> list[int]:
        """How many deltas each key had in the last minutes, all bars together."""
        start, sequence = _edges(self.now)[0], self._sequence
        return [count or 0 for count in self._of_each(keys, lambda history: _deltas_since(history, start, sequence), 0)]

    def bars(self, key: str, now: float) -> tuple[int, ...]:
        """How many deltas a key had in each part of the last minutes, the present one last."""
        edges, sequence = _edges(now), self._sequence
        with self._store.lock:
            history = self._stream.histories.get(key)
            if history is None or (not history.previous and history.columns.last_received_at < edges[0]):
                return _SILENCE  # nearly all that are on screen
            since = [_deltas_since(history, edge, sequence) for edge in edges]
        return tuple([earlier - later for earlier, later in pairwise([*since, 0])])

    def busy(self) -> set[str]:
        """The keys that had a delta in the last minutes: only their churn changes while time passes."""
        with self._store.lock:
            keys = list(self._stream.histories)  # nothing came of those that were only listed
        start = _edges(self.now)[0]
        return {key for key, at in zip(keys, self.changed(keys), strict=True) if at is not None and at >= start}

    @property
    def _sequence(self) -> int | None:
        return self._as_of.sequence if self._as_of is not None else None

    def _of_each(self, keys: Sequence[str], what: Callable[[ObjectHistory], T], listed: T) -> list[T | None]:
        """`listed` is that of an object of which nothing came since a list found it."""
        stream, sequence = self._stream, self._sequence
        histories = stream.histories
        found: list[T | None] = []
        for start in range(0, len(keys), _AT_ONCE):
            with self._store.lock:
                for key in keys[start : start + _AT_ONCE]:
                    history = histories.get(key)
                    if history is not None:
                        found.append(what(history))
                    else:
                        found.append(listed if self._was_listed(key, sequence) else None)
        return found

    def _was_listed(self, key: str, sequence: int | None) -> bool:
        number = self._stream.listed.get(key)
        if number is None or sequence is None:
            return number is not None
        first = self._store.first.get(number)
        return first is not None and first.sequence <= sequence


def _edges(now: float) -> list[float]:
    """Where the bars begin, the oldest first."""
    last = now - now % BAR
    return [last - back * BAR for back in range(BARS - 1, -1, -1)]


def _deltas(newest: ObjectHistory, sequence: int | None) -> int | None:
    """As of a sequence, None being now. Called with the journal's lock held, like the next two."""
    if sequence is None and newest.previous is None:
        # Nearly all of 100,000: no more is done than is needed.
        return newest.columns.deltas + newest.evicted - newest.gone
    deltas, known = 0, False
    for history, until in _histories(newest, sequence):
        known = True
        deltas += until - history.gone + history.evicted - (history.previous is None and history.columns.began_listed)
    return deltas if known else None


def _changed_at(newest: ObjectHistory, sequence: int | None) -> float | None:
    if sequence is None and newest.previous is None:
        return newest.columns.last_received_at if newest.columns.deltas or newest.evicted else None
    for history, until in _histories(newest, sequence):
        if until > 1 or history.previous is not None or history.evicted or not history.columns.began_listed:
            return history.columns.received_at(until - 1)
    return None


def _deltas_since(newest: ObjectHistory, start: float, sequence: int | None) -> int:
    """How many there were at or after a moment, as of a sequence, as far as they are kept."""
    if sequence is None and newest.previous is None and newest.evicted == newest.gone:
        return newest.columns.deltas_since(start)
    count = 0
    for history, until in _histories(newest, sequence):
        columns = history.columns
        if columns.received_at(until - 1) < start:
            break
        is_whole = history.evicted == history.gone
        listed = history.previous is None and columns.began_listed and is_whole
        count += max(0, until - max(columns.received_before(start, until), int(listed)))
    return count


def _histories(newest: ObjectHistory, sequence: int | None) -> Iterator[tuple[ObjectHistory, int]]:
    """The histories under a name, the newest first, with how many of their versions count."""
    history: ObjectHistory | None = newest
    while history is not None:
        until = len(history.columns) if sequence is None else history.columns.until(sequence)
        if until:
            yield history, until
        history = history.previous
