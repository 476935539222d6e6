"""Which delta of a place was the last at a sequence, and which is the next; asked once for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kwatch.history.version import Version
    from kwatch.tui.features.time_travel.place_journal import PlaceJournal


class LastDelta:
    """Of a place."""

    def __init__(self, journal: PlaceJournal) -> None:
        self._journal = journal
        self._asked = -1
        self._found: Version | None = None
        self._asked_next = -1
        self._next: Version | None = None

    def at(self, sequence: int) -> Version | None:
        """The last one up to a sequence; None if nothing is known."""
        if sequence != self._asked:
            self._asked = sequence
            self._found = self._journal.version(self._journal.previous_sequence(sequence + 1))
        return self._found

    def next(self, sequence: int) -> Version | None:
        """The first one after a sequence; None if there is none yet."""
        if sequence != self._asked_next or self._next is None:
            self._asked_next = sequence
            self._next = self._journal.version(self._journal.next_sequence(sequence))
        return self._next
