"""What a filter asks the journal of a moment in the past: what had changed until then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kwatch.history.change_pattern import ChangePattern
from kwatch.history.diff.raw import Split
from kwatch.history.object_history import Content, ObjectHistory
from kwatch.history.seek import time_of
from kwatch.history.store import JournalStore
from kwatch.history.stream import Stream
from kwatch.informer.kube_object import KubeObject


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
