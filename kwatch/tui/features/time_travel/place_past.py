"""Everything that a place showed at a moment, moved through time as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kwatch.tui.features.time_travel.scoped_past import ScopedPast
from kwatch.view.journal_access import scoped_changes
from kwatch.view.source import Unindexed

if TYPE_CHECKING:
    from kwatch.history.as_of import AsOf
    from kwatch.history.journal_changes import PastChanges
    from kwatch.query.access import JournalAccess
    from kwatch.tui.place import Place
    from kwatch.view.source import Source


class PlacePast:
    """`source` gives the rows, `changes` answers filters that ask for changes; both move along."""

    def __init__(self, parts: Sequence[tuple[Place, AsOf, PastChanges]]) -> None:
        """Each of the resources alone."""
        self._as_of = [as_of for _, as_of, _ in parts]
        self._changes = [changes for _, _, changes in parts]
        sources = [ScopedPast(as_of, place) for place, as_of, _ in parts]
        changes = [scoped_changes(of_part, place.scope) for place, _, of_part in parts]
        self.source: Source = sources[0]
        self.changes: JournalAccess = changes[0]
        if len(parts) > 1:
            from kwatch.view.journal_access import MergedJournal
            from kwatch.view.merged_source import MergedSource

            resources = [place.resource for place, _, _ in parts]
            self.source = MergedSource([*zip(resources, map(Unindexed, sources), strict=True)])
            self.changes = MergedJournal(changes)

    @property
    def first(self) -> AsOf:
        """The (first) resource as it was, moved along."""
        return self._as_of[0]

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
