"""What was not watched, and what history has lost: said, never hidden."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

NEAR = 5.0
"""Seconds between two gaps that may be one: a list that only looked, and a watch that was refused again."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A resource was not watched between these moments, in seconds since the epoch; of one namespace, or of all."""

    context: str
    resource: str
    since: float
    until: float
    cause: str
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Evicted:
    """What had to make room for newer versions."""

    versions: int = 0
    objects: int = 0
    """Deleted objects of which nothing is left."""
    through_sequence: int = 0
    through_at: float = 0.0
    """When the newest evicted version was received, in seconds since the epoch."""


def joined(gaps: Iterable[Gap], moments: Sequence[float]) -> list[Gap]:
    """Gaps of one cause, oldest first, between which nothing was seen to have changed, as one. `moments`, ascending,
    are when something was. So what is never watched, but listed every 15 s, has not a gap every 15 s.
    """
    found: list[Gap] = []
    for gap in sorted(gaps, key=lambda each: each.since):
        last = found[-1] if found else None
        if last is None or not _follows(last, gap, moments):
            found.append(gap)
        else:
            found[-1] = replace(last, until=max(last.until, gap.until))
    return found


def _follows(last: Gap, gap: Gap, moments: Sequence[float]) -> bool:
    if replace(last, since=0.0, until=0.0) != replace(gap, since=0.0, until=0.0):
        return False
    is_unseen = bisect_left(moments, last.until) == bisect_left(moments, gap.since)
    return is_unseen and gap.since - last.until <= NEAR
