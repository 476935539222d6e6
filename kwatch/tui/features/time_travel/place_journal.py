"""The journal as far as a place goes: of its one resource, or of several as of one, whose keys then tell of which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.catalog.indices import indexers_for
from kwatch.history.watches import Scope
from kwatch.query.keys import located, qualified
from kwatch.tui.features.time_travel.past_index import PastIndex
from kwatch.tui.features.time_travel.place_past import PlacePast
from kwatch.tui.features.time_travel.scoped_past import ScopedPast

if TYPE_CHECKING:
    from kwatch.history.as_of import Arrival
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version
    from kwatch.history.watches import Gap
    from kwatch.query.access import IndexAccess
    from kwatch.tui.place import Place


class PlaceJournal:
    """Reads only. Sequences are those of the whole journal."""

    def __init__(self, journal: Journal, context: str, place: Place) -> None:
        self.is_mixed = bool(place.others)
        self._journal = journal
        self._context = context
        self._parts = tuple(place.alone(resource) for resource in place.resources)
        self._of = tuple(
            (context, str(part.resource), f"{part.namespace}/" if part.namespace else "") for part in self._parts
        )

    def next_sequence(self, sequence: int) -> int | None:
        """That of the place's next delta; None if there is none."""
        found = [self._journal.next_sequence(sequence, *of) for of in self._of]
        return min((each for each in found if each is not None), default=None)

    def previous_sequence(self, sequence: int) -> int | None:
        """That of the place's delta before; None if there is none."""
        found = [self._journal.previous_sequence(sequence, *of) for of in self._of]
        return max((each for each in found if each is not None), default=None)

    def version(self, sequence: int | None) -> Version | None:
        """The delta of that sequence."""
        if sequence is None:
            return None
        found = self._journal.log(sequence - 1, 1)
        return found[0] if found and found[0].sequence == sequence else None

    def arrivals(self, after: int, limit: int) -> tuple[list[Arrival], int]:
        """The place's deltas among the next `limit` of all after a sequence, and up to where was looked."""
        answers = [self._journal.arrivals(context, resource, after, limit) for context, resource, _ in self._of]
        # Something may have arrived between the questions.
        known = min(known for _, known in answers)
        found = [
            arrival._replace(key=qualified(place, arrival.key)) if self.is_mixed else arrival
            for place, ((arrivals, _), (_, _, prefix)) in enumerate(zip(answers, self._of, strict=True))
            for arrival in arrivals
            if arrival.sequence <= known and arrival.key.startswith(prefix)
        ]
        return (sorted(found) if self.is_mixed else found), known

    def part(self, key: str) -> int:
        """Of which of the resources a key is."""
        place = located(key) if self.is_mixed else None
        return place[0] if place is not None else 0

    def gaps(self) -> tuple[Gap, ...]:
        """When something was not watched, oldest first."""
        found = [
            gap
            for part in self._parts
            for gap in self._journal.gaps(
                self._context,
                str(part.resource),
                Scope(part.namespace, part.label_selector or "", part.field_selector or ""),
            )
        ]
        return tuple(sorted(found, key=lambda gap: gap.since))

    def past(self, sequence: int) -> PlacePast:
        """The place after a delta, to be moved from there."""
        parts = []
        for part, (context, name, _) in zip(self._parts, self._of, strict=True):
            as_of = self._journal.as_of(context, name, sequence=sequence)
            parts.append((part, as_of, self._journal.changes_as_of(context, name, sequence)))
        return PlacePast(parts)

    def index(self, sequence: int) -> IndexAccess:
        """Indices over the place after a delta."""
        indices = []
        for part, (context, name, _) in zip(self._parts, self._of, strict=True):
            source = ScopedPast(self._journal.as_of(context, name, sequence=sequence), part)
            indices.append((part.resource, PastIndex(source, indexers_for(part.resource))))
        if not self.is_mixed:
            return indices[0][1]
        from kwatch.view.merged_source import MergedSource

        return MergedSource(indices)
