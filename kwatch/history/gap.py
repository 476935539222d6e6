"""What was not watched, and what history has lost: said, never hidden."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gap:
    """A resource was not watched between these moments, in seconds since the epoch."""

    context: str
    resource: str
    since: float
    until: float
    cause: str


@dataclass(frozen=True, slots=True)
class Evicted:
    """What had to make room for newer versions."""

    versions: int = 0
    objects: int = 0
    """Deleted objects of which nothing is left."""
    through_sequence: int = 0
    through_at: float = 0.0
    """When the newest evicted version was received, in seconds since the epoch."""
