"""What a filter asks the journal of a moment in the past: what had changed until then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kwatch.history.archive import Archive
from kwatch.history.change_pattern import ChangePattern
from kwatch.history.diff.raw import Split
from kwatch.history.life import Content, Life
from kwatch.history.moments import time_of
from kwatch.history.stream import Stream


class PastChanges:
    """As JournalChanges, after the delta `sequence`. The index answers what it can; the rest is compared afresh.

    What had to make room is not known. Times are seconds since the epoch.
    """

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
        pattern = ChangePattern(path, old, new)
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

    def _steps(self, key: str) -> Iterator[tuple[float, Content | None, Content | None]]:
        """Each change of a key with both its versions, the latest first; None where it was created or deleted."""
        with self._archive.lock:
            lives = self._stream.lives_of(key)
            steps = [step for life in reversed(lives) for step in _steps_of(life, self.sequence)]
        yield from steps


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
