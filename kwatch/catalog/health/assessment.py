"""What is wrong with an object, from when to when it counts, and the rule that finds it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from kwatch.catalog.column import Level

DELETING_AFTER = 300.0
"""Seconds after which a deletion hangs."""
_LONGEST = 240


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. It counts from `since` until `until`, in seconds since the epoch; None is unlimited."""

    reason: str
    level: Level = Level.BAD
    since: float | None = None
    until: float | None = None

    def counts_at(self, now: float) -> bool:
        return (self.since is None or self.since <= now) and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Assessment:
    """Every problem, the worst first."""

    problems: tuple[Problem, ...] = ()

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Assessment:
        """Sort them; those of one level stay in order."""
        found = tuple(sorted(problems, key=lambda problem: problem.level is not Level.BAD))
        return cls(found) if found else HEALTHY

    def at(self, now: float) -> Problem | None:
        """The worst problem at a moment (seconds since the epoch)."""
        return next((problem for problem in self.problems if problem.counts_at(now)), None)

    def all_at(self, now: float) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.counts_at(now))

    @property
    def is_timed(self) -> bool:
        return any(problem.since is not None or problem.until is not None for problem in self.problems)

    def next_due(self, now: float) -> float | None:
        """When the answer may change though the object does not; None for never."""
        moments = (moment for problem in self.problems for moment in (problem.since, problem.until))
        first = min((moment for moment in moments if moment is not None and moment > now), default=math.inf)
        return None if math.isinf(first) else first


HEALTHY = Assessment()


def sentence(*parts: str | None) -> str:
    """`unschedulable: 0/3 nodes are available`: what is known, joined, in one line of bearable length."""
    text = ": ".join([" ".join(part.split()) for part in parts if part])
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def after(start: float | None, seconds: float) -> float | None:
    """The moment so long after a start; at once where the start is unknown."""
    return None if start is None else start + seconds


class Rule(NamedTuple):
    """What is read of an object, and what is found in it. `own_deletion`: the rule looks at deletions itself."""

    shape: type[Any]
    find: Callable[[Any], Iterable[Problem]]
    own_deletion: bool = False
