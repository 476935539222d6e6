"""What a filter asks the journal: the index of changes of one resource, with how far it is behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kwatch.history.change_pattern import Pair
from kwatch.history.object_history import Content, ObjectHistory
from kwatch.history.slices import in_slices
from kwatch.history.store import JournalStore
from kwatch.history.stream import Stream
from kwatch.informer.kube_object import KubeObject


class JournalChanges:
    """Reads only; callable from any thread. Times are seconds since the epoch."""

    def __init__(self, store: JournalStore, stream: Stream) -> None:
        self._store = store
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
        history = self._stream.histories.get(key)
        return history is None or not history.waiting

    @property
    def unsettled(self) -> int:
        """How many objects the index has yet to look at."""
        return sum(history.waiting for history in list(self._stream.histories.values()))

    def deleted(self) -> Mapping[str, float]:
        """Every key whose object is gone -> when that became known."""
        found: dict[str, float] = {}
        for some in in_slices(self._store.lock, self._ended(), _ends_of):
            found |= some
        return found

    def deleted_objects(self) -> Mapping[str, KubeObject]:
        """Key -> last object of what is gone and still kept."""
        found: dict[str, KubeObject] = {}
        for contents in in_slices(self._store.lock, self._ended(), _last_contents_of):
            found |= {key: content.object for key, content in contents.items()}
        return found

    def _ended(self) -> list[ObjectHistory]:
        """The lives of objects that are gone, or were when this was asked."""
        return [history for history in list(self._stream.histories.values()) if history.ended]

    def paths(self) -> Mapping[str, int]:
        """Every path that changed -> how many objects changed there: for completion and facets."""
        return self._stream.changes.paths()

    def values(self, path: str) -> tuple[Pair, ...]:
        """The changes of value known of a path."""
        return self._stream.changes.values(path)


def _ends_of(histories: Sequence[ObjectHistory]) -> dict[str, float]:
    return {
        history.key: history.columns.received_at(len(history.columns) - 1)
        for history in histories
        if history.ended and len(history)
    }


def _last_contents_of(histories: Sequence[ObjectHistory]) -> dict[str, Content]:
    return {
        history.key: history.content(len(history.payloads) - 1)
        for history in histories
        if history.ended and len(history)
    }
