"""Which delta of a place was the last at a sequence, and which is the next; asked once for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version


class LastDelta:
    """Of a resource, of the keys that begin with `prefix`."""

    def __init__(self, journal: Journal, context: str, resource: str, prefix: str) -> None:
        self._journal = journal
        self._of = (context, resource, prefix)
        self._asked = -1
        self._found: Version | None = None
        self._asked_next = -1
        self._next: Version | None = None

    def at(self, sequence: int) -> Version | None:
        """The last one up to a sequence; None if nothing is known."""
        if sequence != self._asked:
            self._asked = sequence
            self._found = self._version(self._journal.previous_sequence(sequence + 1, *self._of))
        return self._found

    def next(self, sequence: int) -> Version | None:
        """The first one after a sequence; None if there is none yet."""
        if sequence != self._asked_next or self._next is None:
            self._asked_next = sequence
            self._next = self._version(self._journal.next_sequence(sequence, *self._of))
        return self._next

    def _version(self, sequence: int | None) -> Version | None:
        if sequence is None:
            return None
        found = self._journal.log(sequence - 1, 1)
        return found[0] if found and found[0].sequence == sequence else None
