"""What a filter asks the journal: the index of changes of one resource, with how far it is behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kwatch.history.archive import Archive
from kwatch.history.change_pattern import Pair
from kwatch.history.holding import in_slices
from kwatch.history.life import Content, Life
from kwatch.history.stream import Stream
from kwatch.informer.kube_object import KubeObject


class JournalChanges:
    """Reads only; callable from any thread. Times are seconds since the epoch."""

    def __init__(self, archive: Archive, stream: Stream) -> None:
        self._archive = archive
        self._stream = stream

    is_indexed = True
    """Everything is answered by the index."""

    def last_changes(self, path: str, old: str | None, new: str | None) -> Mapping[str, float]:
        """Key -> when it last changed in that way: `path` empty for any change, None for any value."""
        return self._stream.changes.last_changes(path, old, new)

    def last_change(self, key: str, path: str, old: str | None, new: str | None) -> float | None:
        """The same for one key."""
        return self._stream.changes.last_change(key, path, old, new)

    def is_settled(self, key: str) -> bool:
        """Whether every change received of the key has been looked at."""
        life = self._stream.lives.get(key)
        return life is None or not life.waiting

    @property
    def unsettled(self) -> int:
        """How many objects the index has yet to look at."""
        return sum(life.waiting for life in list(self._stream.lives.values()))

    def deleted(self) -> Mapping[str, float]:
        """Every key whose object is gone -> when that became known."""
        found: dict[str, float] = {}
        for some in in_slices(self._archive.lock, self._ended(), _ends_of):
            found |= some
        return found

    def deleted_objects(self) -> Mapping[str, KubeObject]:
        """Key -> last object of what is gone and still kept."""
        found: dict[str, KubeObject] = {}
        for contents in in_slices(self._archive.lock, self._ended(), _last_contents_of):
            found |= {key: content.object for key, content in contents.items()}
        return found

    def _ended(self) -> list[Life]:
        """The lives of objects that are gone, or were when this was asked."""
        return [life for life in list(self._stream.lives.values()) if life.ended]

    def paths(self) -> Mapping[str, int]:
        """Every path that changed -> how many objects changed there: for completion and facets."""
        return self._stream.changes.paths()

    def values(self, path: str) -> tuple[Pair, ...]:
        """The changes of value known of a path."""
        return self._stream.changes.values(path)


def _ends_of(lives: Sequence[Life]) -> dict[str, float]:
    return {life.key: life.ledger.received_at(len(life.ledger) - 1) for life in lives if life.ended and len(life)}


def _last_contents_of(lives: Sequence[Life]) -> dict[str, Content]:
    return {life.key: life.content(len(life.payloads) - 1) for life in lives if life.ended and len(life)}
