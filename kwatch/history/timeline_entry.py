"""What stands on a timeline, and in which order."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.history.event_facts import EventFacts
from kwatch.history.gap import Gap
from kwatch.history.ownership import Relation, RelationType
from kwatch.history.reconstruction import ReconstructedEntry
from kwatch.history.version import Version

_PROOFS = ("metadata", "managedFields", "condition", "container", "event")
"""What proves something, by how early within a second it tends to be."""
_SIGNED_DISTANCE = {RelationType.OWNER: -1, RelationType.CHILD: 1}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One of: a version, what the server proves of before (`proof`), a gap, the beginning of the watch (`listed`)."""

    at: float
    """When it happened, in seconds since the epoch."""
    relation: Relation | None = None
    """Whose it is; None for what is about all."""
    version: Version | None = None
    approximate: bool = False
    """The server's word, to the second, and not when it was received."""
    first_listed: bool = False
    """The first list brought it: it had been so for a while."""
    event: EventFacts | None = None
    proof: ReconstructedEntry | None = None
    gap: Gap | None = None
    resources: tuple[str, ...] = ()
    """What was not watched in the gap."""
    listed: tuple[tuple[str, int], ...] = ()
    """From then on these were watched: a resource, and how many objects of it belong here."""

    @property
    def relation_type(self) -> RelationType:
        """What it is to the object."""
        if self.relation is not None:
            return self.relation.type
        return RelationType.GAP if self.gap is not None else RelationType.LISTED

    @property
    def distance(self) -> int:
        """How many owners or children lie between: 1 is the nearest."""
        return self.relation.distance if self.relation is not None else 0

    @property
    def id(self) -> str:
        """The same whenever the timeline is read again."""
        if self.version is not None:
            return str(self.version.sequence)
        if self.relation is not None and self.proof is not None:
            return f"{self.relation.uid or self.relation.key}\n{self.at}\n{self.proof.source}\n{self.proof.words}"
        return f"{self.relation_type}\n{self.at}"

    @property
    def order(self) -> tuple[float, int, int, int]:
        """By when it happened; what is known to the second before what was seen in it, from owners down to children."""
        sequence = self.version.sequence if self.version is not None and not self.approximate else 0
        subject = self.relation.subject if self.relation is not None else None
        depth = _SIGNED_DISTANCE.get(subject.type, 0) * subject.distance if subject is not None else 0
        source = "event" if self.event is not None else self.proof.source if self.proof is not None else ""
        return self.at, sequence, depth, _PROOFS.index(source) if source in _PROOFS else -1
