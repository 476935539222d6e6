"""Everything that a place showed at a moment, moved through time as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kwatch.view.source import Unindexed

if TYPE_CHECKING:
    from kwatch.history.as_of import AsOf
    from kwatch.history.past_changes import PastChanges
    from kwatch.informer.resource import Resource
    from kwatch.query.access import JournalAccess
    from kwatch.tui.past.scoped_past import ScopedPast
    from kwatch.view.source import Source


class PlacePast:
    """`source` gives the rows, `changes` answers filters that ask for changes; both move along."""

    def __init__(self, parts: Sequence[tuple[Resource, AsOf, ScopedPast, PastChanges]]) -> None:
        self._as_of = [as_of for _, as_of, _, _ in parts]
        self._changes = [changes for _, _, _, changes in parts]
        _, _, first, changes = parts[0]
        self.source: Source = first
        self.changes: JournalAccess = changes
        if len(parts) > 1:
            from kwatch.view.merged_journal import MergedJournal
            from kwatch.view.merged_source import MergedSource

            self.source = MergedSource([(resource, Unindexed(source)) for resource, _, source, _ in parts])
            self.changes = MergedJournal(self._changes)

    @property
    def sequence(self) -> int:
        """After which delta it stands."""
        return self._as_of[0].sequence

    @property
    def forgotten(self) -> int:
        """How many objects there may have been whose versions had to make room."""
        return sum(as_of.forgotten for as_of in self._as_of)

    def move_to(self, sequence: int) -> set[str]:
        """Go to another moment; returns the keys of what differs between the two, at most."""
        moved = [as_of.move_to(sequence) for as_of in self._as_of]
        for changes in self._changes:
            changes.sequence = sequence
        if len(moved) == 1:
            return moved[0]
        from kwatch.query.keys import qualify

        return {key for place, keys in enumerate(moved) for key in qualify(place, keys)}
