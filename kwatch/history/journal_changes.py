"""What a filter asks the journal about one resource: which objects changed where, and when last; now or in the past.

Both classes implement the query's JournalAccess: `path` empty means any change, an old or new value of None any value,
and times are seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kwatch.history.as_of import time_of
from kwatch.history.change_pattern import ChangePattern
from kwatch.history.diff.compare import Split
from kwatch.history.object_history import Content, ObjectHistory, Stream
from kwatch.history.store import JournalStore, in_slices
from kwatch.informer.kube_object import KubeObject


class JournalChanges:
    """The index of changes of one resource. Reads only; callable from any thread."""

    is_indexed = True

    def __init__(self, store: JournalStore, stream: Stream) -> None:
        self._store = store
        self._stream = stream

    def last_changes(self, path: str, old: str | None, new: str | None) -> Mapping[str, float]:
        """Key -> when it last changed in that way."""
        return self._stream.changes.last_changes(path, old, new)

    def last_change(self, key: str, path: str, old: str | None, new: str | None) -> float | None:
        """The same for one key."""
        return self._stream.changes.last_change(key, path, old, new)

    def is_settled(self, key: str) -> bool:
        """Whether every change received of the key has been indexed."""
        history = self._stream.histories.get(key)
        return history is None or not history.queued

    @property
    def unsettled(self) -> int:
        """How many objects the index has yet to look at."""
        return sum(history.queued for history in list(self._stream.histories.values()))

    def paths(self) -> Mapping[str, int]:
        """Every path that changed -> how many objects changed there: for completion and facets."""
        return self._stream.changes.paths()

    def deleted_objects(self) -> Mapping[str, KubeObject]:
        """Key -> last object of what is gone and still kept."""
        ended = [history for history in list(self._stream.histories.values()) if history.ended]
        found: dict[str, KubeObject] = {}
        for contents in in_slices(self._store.lock, ended, _last_contents):
            found |= {key: content.object for key, content in contents.items()}
        return found


def _last_contents(histories: Sequence[ObjectHistory]) -> dict[str, Content]:
    return {each.key: each.content(len(each.payloads) - 1) for each in histories if each.ended and len(each)}


class PastChanges:
    """Changes up to the delta `sequence`. The index answers what it can; for the rest versions are compared again.

    What is evicted is not known.
    """

    is_indexed = False
    unsettled = 0

    def __init__(self, store: JournalStore, stream: Stream, sequence: int) -> None:
        self._store = store
        self._stream = stream
        self.sequence = sequence

    def last_changes(self, path: str, old: str | None, new: str | None) -> Mapping[str, float]:
        """Key -> when it last changed in that way until then."""
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
        with self._store.lock:
            histories = self._stream.histories_of(key)
            changes = [change for history in reversed(histories) for change in _changes(history, self.sequence)]
        for at, before, after in changes:
            if before is None or after is None:
                if anything:
                    return at
            elif any(map(pattern.matches, Split(before.raw).diff(Split(after.raw)))):
                return at
        return None

    def is_settled(self, key: str) -> bool:
        """True: the past does not change any more."""
        return True

    def paths(self) -> Mapping[str, int]:
        """Every path that ever changed -> how many objects changed there: for completion."""
        return self._stream.changes.paths()

    def deleted_objects(self) -> Mapping[str, KubeObject]:
        """Key -> last object of what was gone then."""
        contents: dict[str, Content] = {}
        with self._store.lock:
            for key in self._stream.histories:
                histories = reversed(self._stream.histories_of(key))
                lengths = ((history, history.columns.until(self.sequence)) for history in histories)
                history, length = next((each for each in lengths if each[1]), (None, 0))
                if history is not None and length > history.gone and history.columns.deleted(length - 1):
                    contents[key] = history.content(length - 1)
        return {key: content.object for key, content in contents.items()}


def _changes(history: ObjectHistory, sequence: int) -> Iterator[tuple[float, Content | None, Content | None]]:
    """Each change until then with both its versions, the latest first; None where it was created or deleted."""
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
