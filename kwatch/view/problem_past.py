"""The past of a problem: since when it is there, how often something was wrong with the object, and what before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from kwatch.catalog.health import assess
from kwatch.history.journal import Journal
from kwatch.history.version import Version
from kwatch.informer.kube_object import KubeObject
from kwatch.view.problems import UnhealthyObject
from kwatch.view.suspects.failure import failure_of

MOST_READ = 40
"""Versions of an object that are read, the newest."""


@dataclass(frozen=True, slots=True)
class ProblemPast:
    """What is known of how a problem came to be."""

    since: float | None
    """In seconds since the epoch; None where nothing tells."""
    approximate: bool
    """`since` is what the object itself says: something was wrong already when it was first seen."""
    times: int
    """How often something was wrong with the object, this time included, as far as is remembered."""
    before: str
    """What else was wrong with it last; empty for nothing."""


def past_of(
    unhealthy: UnhealthyObject, obj: KubeObject | None, journal: Journal | None, context: str, now: float
) -> ProblemPast:
    """Read the newest versions of an object up to `now`; takes a millisecond or so, and is for a thread."""
    states = [*_states(unhealthy, journal, context, now)]
    times = sum(bool(now_wrong and not wrong) for (_, wrong), (_, now_wrong) in pairwise([(0.0, ""), *states]))
    since: float | None = None
    seen = False
    for at, reason in reversed(states):
        if not reason:
            seen = True
            break
        since = at
    kind = _kind_of(unhealthy.problem.reason)
    before = next((reason for _, reason in reversed(states) if reason and _kind_of(reason) != kind), "")
    if not seen:
        said = _said_of(unhealthy, obj)
        since = said if said is not None and said <= now else None  # the server's clock may be ahead
    return ProblemPast(since, not seen, max(times, 1), before)


def _states(
    unhealthy: UnhealthyObject, journal: Journal | None, context: str, now: float
) -> Iterator[tuple[float, str]]:
    """From when on what was wrong, empty for nothing, oldest first. A state is judged by how it was at its end."""
    if journal is None:
        return
    kept = journal.versions(context, str(unhealthy.resource), unhealthy.key)
    versions: list[Version] = [each for each in kept if each.at <= now][-MOST_READ:]
    for version, until in zip(versions, [*(each.at for each in versions[1:]), now], strict=True):
        try:
            problem = assess(unhealthy.resource, journal.object_of(version)).at(until)
        except KeyError:
            continue
        is_wrong = problem is not None and not version.deleted
        began = max(version.at, problem.since or 0.0) if problem is not None else version.at
        yield began, problem.reason if problem is not None and is_wrong else ""


def _said_of(unhealthy: UnhealthyObject, obj: KubeObject | None) -> float | None:
    try:
        return failure_of(unhealthy.resource.kind, obj.tree()).since if obj is not None else None
    except (msgspec.DecodeError, RecursionError):
        return None


def _kind_of(reason: str) -> str:
    """What a reason says before the details: `crash loop`."""
    return reason.partition(":")[0]
