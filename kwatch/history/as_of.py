"""A resource as of a moment: a source of objects like the live cache; and which delta belongs to which time;
and how things were that are not any more.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from math import inf
from typing import NamedTuple, TypeVar

from kwatch.history.first_versions import FirstVersion
from kwatch.history.object_history import Content, ObjectHistory, Stream
from kwatch.history.store import JournalStore, in_slices, yield_lock
from kwatch.history.version import Version
from kwatch.informer.kube_object import KubeObject

R = TypeVar("R")

_LOG_SLICE = 512
"""Entries of the log looked at under one hold of the lock."""
_AHEAD = 32
"""Objects whose content is fetched under one hold of the lock, to be unpacked without it."""
_SOUGHT_AT_ONCE = 1024
"""Entries of the log passed over under one hold of the lock."""


class AsOf:
    """The objects of a resource after the delta with `sequence`. Move it in one thread; reading is safe in any.

    What looks at all objects takes the journal's lock slice by slice: it never keeps an informer waiting for long.
    """

    def __init__(self, store: JournalStore, stream: Stream, sequence: int) -> None:
        self._store = store
        self._stream = stream
        self.sequence = sequence

    def __len__(self) -> int:
        return len(self.list_keys())

    def list_keys(self) -> list[str]:
        """The keys of every object there was, as far as it is kept."""
        sequence = self.sequence
        listed, found = self._over_all(
            -1, sequence, lambda histories: [each.key for each in histories if _place(each, sequence)]
        )
        return [*listed, *chain.from_iterable(found)]

    def get_by_key(self, key: str) -> KubeObject | None:
        """The object as it was; None if there was none, or its version is not kept any more."""
        with self._store.lock:
            content = self._content(key, self.sequence)
        return content.object if content is not None else None

    def objects(self, keys: Iterable[str] | None = None) -> Iterator[tuple[str, KubeObject]]:
        """Keys and objects as they were, of these keys or of all; faster than one by one."""
        sequence, waiting = self.sequence, iter(self.list_keys() if keys is None else keys)
        while batch := list(islice(waiting, _AHEAD)):
            with self._store.lock:
                contents = [(key, self._content(key, sequence)) for key in batch]
            for key, content in contents:
                if content is not None:
                    yield key, content.object

    def has_key(self, key: str) -> bool:
        """Whether there was such an object, as far as it is kept; nothing is unpacked for that."""
        with self._store.lock:
            return self._listed(key, self.sequence) is not None or (
                _place(self._stream.histories.get(key), self.sequence) is not None
            )

    @property
    def forgotten(self) -> int:
        """How many objects there may have been whose versions are evicted."""
        sequence = self.sequence
        with self._store.lock:
            histories = list(self._stream.histories.values())
        return sum(
            in_slices(self._store.lock, histories, lambda some: sum(_is_forgotten(each, sequence) for each in some))
        )

    def move_to(self, sequence: int, *, cancelled: Callable[[], bool] = lambda: False) -> set[str]:
        """Go to another moment; returns the keys of what differs between the two, at most.

        Takes no longer than looking at every object once, however far it is. If it is `cancelled`, which is asked now
        and then, nothing moves, and the result is empty.
        """
        low, high = sorted((self.sequence, sequence))
        with self._store.lock:
            log = self._store.log
            near = log.after(high) - log.after(low) <= len(self._stream)
        found = self._in_log(low, high) if near else self._in_histories(low, high)
        keys: set[str] = set()
        for some in found:
            keys |= some
            if cancelled():
                return set()
        self.sequence = sequence
        return keys

    def _in_log(self, low: int, high: int) -> Iterator[set[str]]:
        """The keys of the log's entries after `low` up to `high`."""
        store, stream = self._store, self._stream
        while low < high:
            with store.lock:
                start = store.log.after(low)
                stop = min(start + _LOG_SLICE, store.log.after(high))
                entries = store.log.entries(start, stop)
                kept = (store.kept(number) for _, number in entries)
                found = {each.key for each in kept if each is not None and each.stream is stream}
            yield found
            low = entries[-1][0] if entries else high

    def _in_histories(self, low: int, high: int) -> Iterator[set[str]]:
        """The keys with deltas after `low` up to `high`, found by looking at every object."""
        listed, found = self._over_all(
            low, high, lambda histories: {each.key for each in histories if _has_between(each, low, high)}
        )
        return chain((set(listed),), found)

    def _over_all(
        self, after: int, through: int, look: Callable[[Sequence[ObjectHistory]], R]
    ) -> tuple[Iterator[str], Iterator[R]]:
        """The keys of objects that were only listed, after a sequence, through another; and what `look` finds among
        the newest histories of all others, slice by slice.
        """
        with self._store.lock:
            listed = self._store.first.objects(self._stream, after, through)
            histories = list(self._stream.histories.values())
        return (obj.key for obj in listed), in_slices(self._store.lock, histories, look)

    def _listed(self, key: str, sequence: int) -> KubeObject | None:
        """The object of a key of which nothing came since a list found it, if that was until then."""
        number = self._stream.listed.get(key)
        first = self._store.first.get(number) if number is not None else None
        return first.object if first is not None and first.sequence <= sequence else None

    def _content(self, key: str, sequence: int) -> Content | None:
        if (listed := self._listed(key, sequence)) is not None:
            return Content.of(listed)
        place = _place(self._stream.histories.get(key), sequence)
        return place[0].content(place[1]) if place is not None else None


def _place(history: ObjectHistory | None, sequence: int) -> tuple[ObjectHistory, int] | None:
    """Which object there was of a key's, and at which version; None if there was none."""
    while history is not None:
        position = history.columns.until(sequence) - 1
        if position >= history.gone:
            return None if history.columns.deleted(position) else (history, position)
        if position >= 0 or history.evicted:
            return None
        history = history.previous
    return None


def _has_between(history: ObjectHistory | None, low: int, high: int) -> bool:
    """Whether a key has a delta after `low` up to `high`."""
    while history is not None:
        columns = history.columns
        if len(columns) and columns.until(high) > columns.until(low):
            return True
        if len(columns) and columns.sequence(0) <= low:
            return False
        history = history.previous
    return False


def _is_forgotten(history: ObjectHistory, sequence: int) -> bool:
    return bool(history.evicted) and history.columns.until(sequence) <= history.gone


class Arrival(NamedTuple):
    """A delta without its object: `at` is its receipt in seconds since the epoch."""

    sequence: int
    at: float
    key: str
    listed: bool
    """First seen in a list: it was there before."""


def arrivals(store: JournalStore, stream: Stream, after: int, limit: int) -> tuple[list[Arrival], int]:
    """A stream's deltas among the next `limit` of all after a sequence, and the sequence up to which it looked."""
    found: list[Arrival] = []
    with store.lock:
        start = store.log.after(after)
        for sequence, history, position in store.entries(start, start + limit):
            if history.stream is not stream:
                continue
            if isinstance(history, FirstVersion):
                found.append(Arrival(sequence, history.at, history.key, True))
            else:
                columns = history.columns
                listed = position == 0 and not history.evicted and columns.relisted(0)
                found.append(Arrival(sequence, columns.received_at(position), history.key, listed))
        looked_at = min(start + limit, len(store.log))
        return found, store.log.entry(looked_at - 1)[0] if looked_at > start else after


def seek(store: JournalStore, stream: Stream, sequence: int, direction: int, prefix: str = "") -> int | None:
    """The sequence of a stream's next (1) delta, or of the one before (-1); None if there is none.

    Only keys that begin with `prefix` count.
    """
    log, passed = store.log, sequence
    while True:
        with store.lock:
            index = log.after(passed) if direction > 0 else log.from_(passed) - 1
            for _ in range(_SOUGHT_AT_ONCE):
                if not 0 <= index < len(log):
                    return None
                passed, number = log.entry(index)
                kept = store.kept(number)
                if kept is not None and kept.stream is stream and kept.key.startswith(prefix):
                    return passed
                index += direction
        yield_lock()


def sequence_at(store: JournalStore, time: float) -> int:
    """The sequence of the last delta received up to `time` (seconds since the epoch), 0 if there is none.

    Where the clock jumped, a time may have come twice: then the sequence is of one of its moments.
    """
    with store.lock:
        count = bisect_right(range(len(store.log)), time, key=lambda index: received_at(store, index))
        return store.log.entry(count - 1)[0] if count else 0


def time_of(store: JournalStore, sequence: int) -> float:
    """When the last delta up to `sequence` was received; -inf if there is none."""
    with store.lock:
        count = store.log.after(sequence)
        return received_at(store, count - 1) if count else -inf


def received_at(store: JournalStore, index: int) -> float:
    """When an entry of the log was received; -inf if it is not kept."""
    entry = store.entry(index)
    if entry is None:
        return -inf
    _, history, position = entry
    return history.at if isinstance(history, FirstVersion) else history.columns.received_at(position)


def former_versions(store: JournalStore, stream: Stream, until: int | None, *, changed: bool) -> Iterator[Version]:
    """One of each object, as of the delta `until` (None: now), as far as it is kept."""

    def look(histories: Iterable[ObjectHistory]) -> list[Version]:
        found = (_former(each, until, changed=changed) for each in histories)
        return [store.version(*each) for each in found if each is not None]

    with store.lock:
        histories = [*stream.histories.values()]  # those that were only listed are there, as they were
    for found in in_slices(store.lock, histories, look):
        yield from found


def _former(newest: ObjectHistory, until: int | None, *, changed: bool) -> tuple[ObjectHistory, int] | None:
    """History and position. Under the store's lock."""
    history: ObjectHistory | None = newest
    while history is not None:
        position = (len(history.payloads) if until is None else history.columns.until(until)) - 1
        if position >= 0:
            if position < history.gone:
                return None
            if history.columns.deleted(position):
                return history, position
            return (history, history.gone) if changed and position > history.gone else None
        history = history.previous
    return None
