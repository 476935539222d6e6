"""What of a resource was watched, from when to when; and so, when something of it was not."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from math import inf
from typing import NamedTuple

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


def merged_gaps(gaps: Iterable[Gap], moments: Sequence[float]) -> list[Gap]:
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


NOT_OPEN = "no view of it was open"
"""The cause of a gap between two informers."""


class Scope(NamedTuple):
    """How much of a resource an informer sees; empty is all of it."""

    namespace: str | None = None
    labels: str = ""
    fields: str = ""

    @property
    def selective(self) -> bool:
        """Whether it sees only some of the objects where it looks."""
        return bool(self.labels or self.fields)

    def covers(self, other: Scope) -> bool:
        """Whether whoever sees this much also sees all of the other."""
        if self.namespace not in (None, other.namespace):
            return False
        return not self.selective or (self.labels, self.fields) == (other.labels, other.fields)


class Coverage(Enum):
    """How much of what one asks about was watched at a moment."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


@dataclass(slots=True, eq=False)
class Watch:
    """One time of watching, in seconds since the epoch; `ended` None goes on. `cause` is why it ended."""

    scope: Scope
    began: float
    ended: float | None = None
    cause: str = NOT_OPEN


class Hole(NamedTuple):
    """A time between two times of watching."""

    since: float
    until: float
    cause: str
    scope: Scope


class Watches:
    """Those of one resource. Written under the journal's lock."""

    def __init__(self) -> None:
        self._watches: list[Watch] = []
        self._holes: tuple[Hole, ...] | None = None

    def begin(self, scope: Scope, at: float) -> Watch:
        """Somebody watches."""
        watch = Watch(scope, at)
        self._watches.append(watch)
        self._holes = None
        return watch

    def end(self, watch: Watch, at: float, cause: str = NOT_OPEN) -> None:
        """Nobody does so any more."""
        watch.ended, watch.cause = max(at, watch.began), cause
        self._holes = None

    @property
    def namespaces(self) -> frozenset[str | None]:
        """Where somebody ever watched; None stands for all of them."""
        return frozenset(watch.scope.namespace for watch in self._watches)

    @property
    def watching(self) -> int:
        """How many watch now."""
        return sum(watch.ended is None for watch in self._watches)

    def sees(self, scope: Scope) -> bool:
        """Whether somebody watches all of so much now."""
        return any(watch.ended is None and watch.scope.covers(scope) for watch in self._watches)

    @property
    def unwatched_since(self) -> float | None:
        """Since when nobody watches any of it, if somebody did before."""
        if not self._watches or self.watching:
            return None
        return max(watch.ended or 0.0 for watch in self._watches)

    def coverage(self, scope: Scope, at: float) -> Coverage:
        """How much of so much was watched at a moment."""
        then = [each.scope for each in self._watches if each.began <= at and (each.ended is None or at < each.ended)]
        if any(each.covers(scope) for each in then):
            return Coverage.ALL
        meets = any(None in (each.namespace, scope.namespace) or each.namespace == scope.namespace for each in then)
        return Coverage.SOME if meets else Coverage.NONE

    def holes(self) -> tuple[Hole, ...]:
        """When something of what was watched was not watched, oldest first: what is so of more is not said of less."""
        if self._holes is None:
            found: dict[tuple[float, float], Hole] = {}
            for scope in sorted({watch.scope for watch in self._watches}, key=_narrowness):
                for hole in self.holes_of(scope):
                    found.setdefault((hole.since, hole.until), hole)
            self._holes = tuple(sorted(found.values(), key=lambda hole: hole.since))
        return self._holes

    def holes_of(self, scope: Scope) -> Iterator[Hole]:
        """When not all of so much was watched."""
        return self.holes_where(lambda each: each.covers(scope), scope)

    def holes_where(self, sees: Callable[[Scope], bool], scope: Scope) -> Iterator[Hole]:
        """When nobody watched who `sees` what one asks about."""
        return _between([watch for watch in self._watches if sees(watch.scope)], scope)


def _between(watches: Iterable[Watch], scope: Scope) -> Iterator[Hole]:
    reached, cause = inf, NOT_OPEN  # before anybody watched there was nothing to miss
    for watch in sorted(watches, key=lambda each: each.began):
        if watch.began > reached:
            yield Hole(reached, watch.began, cause, scope)
        ended = inf if watch.ended is None else watch.ended
        if reached == inf or ended > reached:
            reached, cause = ended, watch.cause
        if watch.ended is None:
            return


def _narrowness(scope: Scope) -> tuple[bool, bool, Scope]:
    return scope.selective, scope.namespace is not None, Scope(scope.namespace or "", scope.labels, scope.fields)
