"""A resource as it was at a moment: a source of objects like the live cache, to be moved through time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TypeVar

from kwatch.history.archive import Archive
from kwatch.history.holding import in_slices
from kwatch.history.life import Content, Life
from kwatch.history.stream import Stream
from kwatch.history.version import Version
from kwatch.informer.kube_object import KubeObject

R = TypeVar("R")

_LOG_SLICE = 512
"""Entries of the log looked at under one hold of the lock."""
_AHEAD = 32
"""Objects whose content is fetched under one hold of the lock, to be unpacked without it."""


class AsOf:
    """The objects of a resource after the delta with `sequence`. Move it in one thread; reading is safe in any.

    What goes over all objects takes the journal's lock slice by slice: it never keeps an informer waiting for long.
    """

    def __init__(self, archive: Archive, stream: Stream, sequence: int) -> None:
        self._archive = archive
        self._stream = stream
        self.sequence = sequence

    def __len__(self) -> int:
        return len(self.list_keys())

    def list_keys(self) -> list[str]:
        """The keys of every object there was, as far as it is kept."""
        sequence = self.sequence
        return [
            *chain.from_iterable(self._over_all(lambda lives: [each.key for each in lives if _place(each, sequence)]))
        ]

    def get_by_key(self, key: str) -> KubeObject | None:
        """The object as it was; None if there was none, or its version is not kept any more."""
        with self._archive.lock:
            content = self._content(key, self.sequence)
        return content.object if content is not None else None

    def objects(self, keys: Iterable[str] | None = None) -> Iterator[tuple[str, KubeObject]]:
        """Those there were of these keys, or all, with their keys; faster than one by one. Stop whenever you like."""
        sequence, waiting = self.sequence, iter(self.list_keys() if keys is None else keys)
        while batch := list(islice(waiting, _AHEAD)):
            with self._archive.lock:
                contents = [(key, self._content(key, sequence)) for key in batch]
            for key, content in contents:
                if content is not None:
                    yield key, content.object

    def version_of(self, key: str) -> Version | None:
        """Which version it was."""
        with self._archive.lock:
            place = _place(self._stream.lives.get(key), self.sequence)
            return self._archive.version(*place) if place is not None else None

    def differing_from_now(self) -> set[str]:
        """The keys of what has come, gone or changed since."""
        sequence = self.sequence
        found = self._over_all(lambda lives: {each.key for each in lives if each.ledger.is_later(sequence)})
        return set().union(*found)

    @property
    def forgotten(self) -> int:
        """How many objects there may have been whose versions had to make room."""
        sequence = self.sequence
        return sum(self._over_all(lambda lives: sum(_is_forgotten(each, sequence) for each in lives)))

    def move_to(self, sequence: int, *, cancelled: Callable[[], bool] = lambda: False) -> set[str]:
        """Go to another moment; returns the keys of what differs between the two, at most.

        Takes no longer than looking at every object once, however far it is. If it is `cancelled`, which is asked now
        and then, nothing moves, and the result is empty.
        """
        archive = self._archive
        low, high = sorted((self.sequence, sequence))
        with archive.lock:
            start, stop = archive.log.after(low), archive.log.after(high)
            near = stop - start <= len(self._stream.lives)
        found = self._passed(low, high) if near else self._moved(low, high)
        keys: set[str] = set()
        for some in found:
            keys |= some
            if cancelled():
                return set()
        self.sequence = sequence
        return keys

    def _passed(self, low: int, high: int) -> Iterator[set[str]]:
        """The keys of the log's entries after `low` up to `high`."""
        archive, stream = self._archive, self._stream
        while low < high:
            with archive.lock:
                start = archive.log.after(low)
                stop = min(start + _LOG_SLICE, archive.log.after(high))
                entries = archive.log.entries(start, stop)
                lives = (archive.lives.get(number) for _, number in entries)
                found = {life.key for life in lives if life is not None and life.stream is stream}
            yield found
            low = entries[-1][0] if entries else high

    def _moved(self, low: int, high: int) -> Iterator[set[str]]:
        """The keys with deltas after `low` up to `high`, found at the objects and not in the log."""
        return self._over_all(lambda lives: {each.key for each in lives if _has_between(each, low, high)})

    def _over_all(self, look: Callable[[Sequence[Life]], R]) -> Iterator[R]:
        """What `look` finds among the newest lives of all keys, slice by slice."""
        with self._archive.lock:
            lives = list(self._stream.lives.values())
        return in_slices(self._archive.lock, lives, look)

    def _content(self, key: str, sequence: int) -> Content | None:
        place = _place(self._stream.lives.get(key), sequence)
        return place[0].content(place[1]) if place is not None else None


def _place(life: Life | None, sequence: int) -> tuple[Life, int] | None:
    """Which life of a key was there, and at which version; None if none was."""
    while life is not None:
        position = life.ledger.until(sequence) - 1
        if position >= life.gone:
            return None if life.ledger.deleted(position) else (life, position)
        if position >= 0 or life.evicted:
            return None
        life = life.previous
    return None


def _has_between(life: Life | None, low: int, high: int) -> bool:
    """Whether a key has a delta after `low` up to `high`."""
    while life is not None:
        ledger = life.ledger
        if len(ledger) and ledger.until(high) > ledger.until(low):
            return True
        if len(ledger) and ledger.sequence(0) <= low:
            return False
        life = life.previous
    return False


def _is_forgotten(life: Life, sequence: int) -> bool:
    return bool(life.evicted) and life.ledger.until(sequence) <= life.gone
