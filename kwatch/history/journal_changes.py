"""What a filter asks the journal: the index of changes of one resource, with how far it is behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kwatch.history.as_of import time_of
from kwatch.history.change_pattern import ChangePattern, Pair
from kwatch.history.diff.compare import Split
from kwatch.history.object_history import Content, ObjectHistory, Stream
from kwatch.history.store import JournalStore, in_slices
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


class PastChanges:
    """As JournalChanges, after the delta `sequence`. The index answers what it can; the rest is compared afresh.

    What had to make room is not known. Times are seconds since the epoch.
    """

    is_indexed = False
    """What changed after the moment must be compared afresh for an answer."""

    def __init__(self, store: JournalStore, stream: Stream, sequence: int) -> None:
        self._store = store
        self._stream = stream
        self.sequence = sequence

    def last_changes(self, path: str, old: str | None, new: str | None) -> Mapping[str, float]:
        """Key -> when it last changed in that way until then: `path` empty for any change, None for any value."""
        now = time_of(self._store, self.sequence)
        candidates = self._stream.changes.last_changes(path, old, new)
        found = {key: at for key, at in candidates.items() if at <= now}
        for key in candidates.keys() - found.keys():
            at = self.last_change(key, path, old, new)
            if at is not None:
                found[key] = at
        return found

    def last_change(self, key: str, path: str, old: str | None, new: str | None) -> float | None:
        """The same for one key."""
        pattern = ChangePattern(path, old, new, self._stream.changes.outside)
        anything = not path and pattern.any_value
        for at, before, after in self._steps(key):
            if before is None or after is None:
                if anything:
                    return at
            elif any(map(pattern.matches, Split(before.raw).diff(Split(after.raw)))):
                return at
        return None

    def is_settled(self, key: str) -> bool:
        """The past does not change any more."""
        return True

    @property
    def unsettled(self) -> int:
        """The past does not change any more."""
        return 0

    def paths(self) -> Mapping[str, int]:
        """Every path that ever changed -> how many objects changed there: for completion."""
        return self._stream.changes.paths()

    def deleted_objects(self) -> Mapping[str, KubeObject]:
        """Key -> last object of what was gone then."""
        with self._store.lock:
            contents: dict[str, Content] = {}
            for key in self._stream.histories:
                history = next(
                    (each for each in reversed(self._stream.histories_of(key)) if _began(each, self.sequence)), None
                )
                place = history.columns.until(self.sequence) - 1 if history is not None else -1
                if history is not None and place >= history.gone and history.columns.deleted(place):
                    contents[key] = history.content(place)
        return {key: content.object for key, content in contents.items()}

    def _steps(self, key: str) -> Iterator[tuple[float, Content | None, Content | None]]:
        """Each change of a key with both its versions, the latest first; None where it was created or deleted."""
        with self._store.lock:
            histories = self._stream.histories_of(key)
            steps = [step for history in reversed(histories) for step in _steps_of(history, self.sequence)]
        yield from steps


def _began(history: ObjectHistory, sequence: int) -> bool:
    return history.columns.until(sequence) > 0


def _steps_of(history: ObjectHistory, sequence: int) -> Iterator[tuple[float, Content | None, Content | None]]:
    columns = history.columns
    for place in range(columns.until(sequence) - 1, history.gone - 1, -1):
        at = columns.received_at(place)
        if columns.deleted(place):
            yield at, None, None
        elif place > history.gone:
            before = None if columns.deleted(place - 1) else history.content(place - 1)
            yield at, before, history.content(place)
        elif not history.evicted and not columns.relisted(place):
            yield at, None, history.content(place)
