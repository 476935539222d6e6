"""What a filter asks the journal of a moment in the past: what had changed until then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kwatch.history.archive import Archive
from kwatch.history.change_pattern import ChangePattern
from kwatch.history.diff.raw import Split
from kwatch.history.life import Content, Life
from kwatch.history.moments import time_of
from kwatch.history.stream import Stream
from kwatch.informer.kube_object import KubeObject


class PastChanges:
    """As JournalChanges, after the delta `sequence`. The index answers what it can; the rest is compared afresh.

    What had to make room is not known. Times are seconds since the epoch.
    """

    is_indexed = False
    """What changed after the moment must be compared afresh for an answer."""

    def __init__(self, archive: Archive, stream: Stream, sequence: int) -> None:
        self._archive = archive
        self._stream = stream
        self.sequence = sequence

    def last_changes(self, path: str, old: str | None, new: str | None) -> Mapping[str, float]:
        """Key -> when it last changed in that way until then: `path` empty for any change, None for any value."""
        now = time_of(self._archive, self.sequence)
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
        with self._archive.lock:
            contents: dict[str, Content] = {}
            for key in self._stream.lives:
                life = next(
                    (each for each in reversed(self._stream.lives_of(key)) if _began(each, self.sequence)), None
                )
                place = life.ledger.until(self.sequence) - 1 if life is not None else -1
                if life is not None and place >= life.gone and life.ledger.deleted(place):
                    contents[key] = life.content(place)
        return {key: content.object for key, content in contents.items()}

    def _steps(self, key: str) -> Iterator[tuple[float, Content | None, Content | None]]:
        """Each change of a key with both its versions, the latest first; None where it was created or deleted."""
        with self._archive.lock:
            lives = self._stream.lives_of(key)
            steps = [step for life in reversed(lives) for step in _steps_of(life, self.sequence)]
        yield from steps


def _began(life: Life, sequence: int) -> bool:
    return life.ledger.until(sequence) > 0


def _steps_of(life: Life, sequence: int) -> Iterator[tuple[float, Content | None, Content | None]]:
    ledger = life.ledger
    for place in range(ledger.until(sequence) - 1, life.gone - 1, -1):
        at = ledger.received_at(place)
        if ledger.deleted(place):
            yield at, None, None
        elif place > life.gone:
            before = None if ledger.deleted(place - 1) else life.content(place - 1)
            yield at, before, life.content(place)
        elif not life.evicted and not ledger.relisted(place):
            yield at, None, life.content(place)
