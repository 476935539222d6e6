"""The journal as far as a table goes: of its one resource, or of several as of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.catalog.indices import indexers_for
from kwatch.history.watches import Scope
from kwatch.view.as_of_source import AsOfIndex, AsOfPart, AsOfSource
from kwatch.view.merged_source import merged
from kwatch.view.scope import filtered

if TYPE_CHECKING:
    from kwatch.history.as_of import Arrival
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version
    from kwatch.history.watches import Gap
    from kwatch.query.context import IndexAccess
    from kwatch.tui.place import Place


class TableJournal:
    """Reads only. Sequences are those of the whole journal."""

    def __init__(self, journal: Journal, context: str, place: Place) -> None:
        self.is_mixed = bool(place.others)
        self._journal = journal
        self._context = context
        self._parts = tuple(place.alone(resource) for resource in place.resources)
        self._of = tuple(
            (context, str(part.resource), f"{part.namespace}/" if part.namespace else "") for part in self._parts
        )
        self._last: tuple[int, Version | None] = (-1, None)
        self._next: tuple[int, Version | None] = (-1, None)

    def next_sequence(self, sequence: int) -> int | None:
        """That of the table's next delta; None if there is none."""
        found = [self._journal.next_sequence(sequence, *of) for of in self._of]
        return min((each for each in found if each is not None), default=None)

    def previous_sequence(self, sequence: int) -> int | None:
        """That of the table's delta before; None if there is none."""
        found = [self._journal.previous_sequence(sequence, *of) for of in self._of]
        return max((each for each in found if each is not None), default=None)

    def last_delta(self, sequence: int) -> Version | None:
        """The table's last delta up to a sequence; None if nothing is known. Asked of the journal once for each."""
        if sequence != self._last[0]:
            self._last = sequence, self._version(self.previous_sequence(sequence + 1))
        return self._last[1]

    def next_delta(self, sequence: int) -> Version | None:
        """The table's first delta after a sequence; None if there is none yet."""
        if sequence != self._next[0] or self._next[1] is None:
            self._next = sequence, self._version(self.next_sequence(sequence))
        return self._next[1]

    def arrivals(self, after: int, limit: int) -> tuple[list[tuple[Arrival, int]], int]:
        """The table's deltas among the next `limit` of all after a sequence, each with the place of its resource; and
        up to where was looked.
        """
        answers = [self._journal.arrivals(context, resource, after, limit) for context, resource, _ in self._of]
        # Something may have arrived between the questions.
        known = min(known for _, known in answers)
        found = [
            (arrival, place)
            for place, ((arrivals, _), (_, _, prefix)) in enumerate(zip(answers, self._of, strict=True))
            for arrival in arrivals
            if arrival.sequence <= known and arrival.key.startswith(prefix)
        ]
        return (sorted(found) if self.is_mixed else found), known

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

    def source(self, sequence: int) -> AsOfSource:
        """The table's objects after a delta, to be moved from there."""
        return AsOfSource(
            [
                AsOfPart(
                    part.resource,
                    part.scope,
                    self._journal.as_of(context, name, sequence=sequence),
                    self._journal.changes_as_of(context, name, sequence),
                )
                for part, (context, name, _) in zip(self._parts, self._of, strict=True)
            ]
        )

    def index(self, sequence: int) -> IndexAccess:
        """Indexes over the table's objects after a delta."""
        return merged(
            [
                (
                    part.resource,
                    AsOfIndex(
                        filtered(self._journal.as_of(context, name, sequence=sequence), part.scope),
                        indexers_for(part.resource),
                    ),
                )
                for part, (context, name, _) in zip(self._parts, self._of, strict=True)
            ]
        )

    def _version(self, sequence: int | None) -> Version | None:
        found = self._journal.log(sequence - 1, 1) if sequence is not None else ()
        return found[0] if found and found[0].sequence == sequence else None
