"""A resource as it was at a moment: a source of objects like the live cache, to be moved through time."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.history.archive import Archive
from kwatch.history.life import Content, Life
from kwatch.history.stream import Stream
from kwatch.history.version import Version
from kwatch.informer.kube_object import KubeObject


class AsOf:
    """The objects of a resource after the delta with `sequence`. Move it in one thread; reading is safe in any."""

    def __init__(self, archive: Archive, stream: Stream, sequence: int) -> None:
        self._archive = archive
        self._stream = stream
        self.sequence = sequence

    def __len__(self) -> int:
        with self._archive.lock:
            return sum(1 for _ in self._present())

    def list_keys(self) -> list[str]:
        """The keys of every object there was, as far as it is kept."""
        with self._archive.lock:
            return [life.key for life, _ in self._present()]

    def get_by_key(self, key: str) -> KubeObject | None:
        """The object as it was; None if there was none, or its version is not kept any more."""
        with self._archive.lock:
            place = _place(self._stream.lives.get(key), self.sequence)
            content: Content | None = place[0].content(place[1]) if place is not None else None
        return content.object if content is not None else None

    def version_of(self, key: str) -> Version | None:
        """Which version it was."""
        with self._archive.lock:
            place = _place(self._stream.lives.get(key), self.sequence)
            return self._archive.version(*place) if place is not None else None

    def differing_from_now(self) -> set[str]:
        """The keys of what has come, gone or changed since."""
        with self._archive.lock:
            return {
                life.key
                for life in self._stream.lives.values()
                if life.ledger.sequence(len(life.ledger) - 1) > self.sequence
            }

    @property
    def forgotten(self) -> int:
        """How many objects there may have been whose versions had to make room."""
        with self._archive.lock:
            return sum(_is_forgotten(life, self.sequence) for life in self._stream.lives.values())

    def move_to(self, sequence: int) -> set[str]:
        """Go to another moment; returns the keys of what differs between the two, at most."""
        archive = self._archive
        with archive.lock:
            low, high = sorted((self.sequence, sequence))
            self.sequence = sequence
            passed = archive.log.entries(archive.log.after(low), archive.log.after(high))
            lives = (archive.lives.get(number) for _, number in passed)
            return {life.key for life in lives if life is not None and life.stream is self._stream}

    def _present(self) -> Iterator[tuple[Life, int]]:
        for life in self._stream.lives.values():
            place = _place(life, self.sequence)
            if place is not None:
                yield place


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


def _is_forgotten(life: Life, sequence: int) -> bool:
    return bool(life.evicted) and life.ledger.until(sequence) <= life.gone
