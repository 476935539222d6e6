"""The past of problems: since when they are there, how often they came and went, what was before, and what healed.

All of it is read from the versions of an object. What time alone ends is none from then on. What is a problem only once
it was so for a while (a pod that is not ready) counts from then on, and is then said to have been so since it began.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import NamedTuple

import msgspec

from kwatch.base.duration import humanize
from kwatch.catalog.column import Level
from kwatch.catalog.health import Problem, assess
from kwatch.history.journal import Journal
from kwatch.history.object_history import EVENTS
from kwatch.history.version import Moment, Version
from kwatch.informer.delta import DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.view.problems import Healing, UnhealthyObject, failure_word, owner_of
from kwatch.view.suspects.failure import failure_of

MOST_READ = 200
"""Versions of an object that are read, the newest."""
MOST_MEMBERS = 10
"""Of those that fail alike, how many are read."""


WINDOWS = (300.0, 900.0, 3600.0, 21_600.0, 86_400.0)
"""Seconds that may be shown: the first that holds all that is remembered."""


class State(NamedTuple):
    """How an object was from `at` on, in seconds since the epoch; or will be, if nothing happens before."""

    at: float
    reason: str
    """What was wrong; empty for nothing."""
    is_there: bool = True
    began: float | None = None
    """Since when it was seen to be so, where it counts only from `at` on because it lasted."""

    def differs(self, before: State) -> bool:
        return (self.reason, self.is_there) != (before.reason, before.is_there)


def states_at(states: Sequence[State], now: float) -> list[State]:
    """How it was until a moment, as one knows then: what counts because it lasted was so from its beginning on."""
    found: list[State] = []
    for state in states:
        if state.at > now:
            break
        if state.began is not None and found and found[-1].is_there and not found[-1].reason:
            state = state._replace(at=max(state.began, found[-1].at))
            if state.at == found[-1].at:
                found.pop()
        found.append(state)
    return found


@dataclass(frozen=True, slots=True)
class ProblemPast:
    """What is remembered of one object, or of several as of one: it is ill while one of them is."""

    states: tuple[State, ...] = ()
    """Oldest first."""
    said: float | None = None
    """Since when it fails, as far as the object itself says."""
    is_whole: bool = False
    """Whether there was nothing of it before the first state: it was seen to be created."""

    def at(self, now: float) -> ProblemAge:
        """What that says at a moment, at which it is ill."""
        states = states_at(self.states, now)
        times = sum(bool(later.reason and not sooner.reason) for sooner, later in pairwise([State(0.0, ""), *states]))
        well = next((place for place in range(len(states) - 1, -1, -1) if not states[place].reason), None)
        ill = states[well + 1 :] if well is not None else states
        reason = states[-1].reason if states else ""
        word = failure_word(reason)
        others = (each.reason for each in reversed(states) if each.reason and failure_word(each.reason) != word)
        before = next(others, "")
        if well is None and ill and self.is_whole:
            return ProblemAge(ill[0].at, False, max(times, 1), before, None)
        if well is None:
            said = self.said if self.said is not None and self.said <= now else None  # the server's clock may be ahead
            return ProblemAge(said, True, max(times, 1), before, None)
        since = ill[0].at if ill else None
        was_there = states[well].is_there and since is not None
        return ProblemAge(since, False, max(times, 1), before, since - states[well].at if since and was_there else None)

    def shares(self, start: float, end: float, count: int) -> list[float | None]:
        """How much of each of `count` equal parts of a time it was ill, 0 to 1; None where nothing is known of it."""
        length = (end - start) / count
        ill, known = [0.0] * count, [0.0] * count
        states = states_at(self.states, end)
        for state, until in zip(states, [*(each.at for each in states[1:]), inf], strict=False):
            begins, ends = max(state.at, start), min(until, end)
            if ends <= begins or not state.is_there:
                continue
            for part in range(int((begins - start) / length), min(count, int((ends - start) / length) + 1)):
                shared = min(ends, start + (part + 1) * length) - max(begins, start + part * length)
                known[part] += max(0.0, shared)
                ill[part] += max(0.0, shared) if state.reason else 0.0
        return [ill[part] / known[part] if known[part] else None for part in range(count)]


@dataclass(frozen=True, slots=True)
class ProblemAge:
    """How old a problem is."""

    since: float | None
    """In seconds since the epoch; None where nothing tells."""
    approximate: bool
    """`since` is what the object itself says: something was wrong already when it was first seen."""
    times: int
    """How often something was wrong with the object, this time included, as far as is remembered."""
    before: str
    """What else was wrong with it last; empty for nothing."""
    well_for: float | None
    """Seconds for which nothing was wrong before that, or longer; None where that is not known."""


def past_of(
    members: Sequence[UnhealthyObject],
    object_of: Callable[[UnhealthyObject], KubeObject | None],
    journal: Journal | None,
    context: str,
    until: Moment | None = None,
    apart: float = 0.0,
) -> ProblemPast:
    """Read the newest versions of those that fail alike, or of one; takes some milliseconds, and is for a thread.
    `apart`: so many seconds the clock of this machine is ahead of the server's.
    """
    read = [*members[:MOST_MEMBERS]]
    kept = [versions_of(journal, context, each, until) for each in read]
    pasts = [states_of(each.resource, versions, journal) for each, versions in zip(read, kept, strict=True)]
    said = [at + apart for each in read if (at := _said_of(each, object_of(each))) is not None]
    is_whole = all(versions and versions[0].type is DeltaType.ADDED for versions in kept)
    return ProblemPast(pasts[0] if len(pasts) == 1 else merged(pasts), min(said, default=None), is_whole)


def versions_of(
    journal: Journal | None, context: str, unhealthy: UnhealthyObject, until: Moment | None = None
) -> Sequence[Version]:
    """The newest ones, up to a moment."""
    kept = journal.versions(context, *unhealthy.id) if journal is not None else ()
    return [each for each in kept if until is None or each.sequence <= until.sequence][-MOST_READ:]


def states_of(resource: Resource, versions: Sequence[Version], journal: Journal | None) -> tuple[State, ...]:
    """One after the other, each another than the one before."""
    found: list[State] = []
    for state in _states(resource, versions, journal):
        if not found or state.differs(found[-1]):
            found.append(state)
    return tuple(found)


def _states(resource: Resource, versions: Sequence[Version], journal: Journal | None) -> Iterator[State]:
    waiting: dict[float, float] = {}
    """When it was first seen, by the moment from which on it counts."""
    for version, end in zip(versions, [*(each.at for each in versions[1:]), inf], strict=False):
        if version.deleted or journal is None:
            waiting = {}
            yield State(version.at, "", False)
            continue
        obj = journal.object_or_none(version)
        if obj is None:
            continue
        assessment = assess(resource, obj)
        due = [each.since for each in assessment.problems if each.since is not None]
        waiting = {each: waiting.get(each, version.at) for each in due}
        at: float | None = version.at
        while at is not None and at < end:
            problem = assessment.at(at)
            began = waiting[problem.since] if problem is not None and problem.since is not None else None
            yield State(at, problem.reason if problem is not None else "", True, began)
            at = assessment.next_due(at)


def merged(pasts: Sequence[Sequence[State]]) -> tuple[State, ...]:
    """Of several as of one: what is wrong with the first of them with which anything is."""
    now: dict[int, State] = {}
    found: list[State] = []
    changes = sorted(((state.at, place, state) for place, past in enumerate(pasts) for state in past))
    for at, place, state in changes:
        now[place] = state
        first = next((now[each] for each in sorted(now) if now[each].reason), State(at, ""))
        merged_state = State(at, first.reason, any(each.is_there for each in now.values()), first.began)
        if not found or merged_state.differs(found[-1]):
            found.append(merged_state)
    return tuple(found)


def _said_of(unhealthy: UnhealthyObject, obj: KubeObject | None) -> float | None:
    try:
        return failure_of(unhealthy.resource.kind, obj.tree()).since if obj is not None else None
    except (msgspec.DecodeError, RecursionError):
        return None


MOST_ARRIVALS = 100_000
"""Deltas that are looked through for what healed, the newest."""
MOST_HEALED = 5_000
"""Objects that are read for that."""
_PAGE = 1_000
_OVERLAP = 900.0
"""Seconds before the beginning from which on deltas are looked at: problems end without one, too."""


class HealedObjects:
    """What was wrong since a moment and is not any more. For one thread; `take` it in, then `list`."""

    def __init__(
        self,
        journal: Journal,
        context: str,
        resources: Mapping[str, Resource],
        start: float,
        until: Moment | None = None,
    ) -> None:
        """`resources` by name; `start` in seconds since the epoch; nothing that came after `until` counts."""
        self._journal = journal
        self._context = context
        self._resources = resources
        self._until = until
        self._pasts: dict[tuple[str, str], tuple[tuple[State, ...], Version, str]] = {}
        self._ill: dict[tuple[str, str], Version] = {}
        """What is ill has not healed: it is read once it has."""
        first = journal.log_position(journal.sequence_at(start - _OVERLAP))
        last = journal.log_length if until is None else journal.log_position(until.sequence)
        self.left_out = max(0, last - first - MOST_ARRIVALS)
        """How many deltas were too many to be looked through, the oldest; then how many objects, too."""
        begin = journal.log_window(first + self.left_out, first + self.left_out + 1)
        self._through = begin[0].sequence - 1 if begin else journal.last_sequence

    def take(self, ill: Container[tuple[str, str]] = (), is_over: Callable[[], bool] = lambda: False) -> bool:
        """Take in what arrived, and what is not `ill` any more; whether anything did. It ends early when `is_over`."""
        changed: dict[tuple[str, str], Version] = {}
        while not is_over():
            page = self._journal.log(self._through, _PAGE)
            for version in page:
                if self._until is not None and version.sequence > self._until.sequence:
                    break
                if version.context == self._context and version.resource not in EVENTS:
                    changed.pop((version.resource, version.key), None)
                    changed[version.resource, version.key] = version
            if not page or (self._until is not None and page[-1].sequence >= self._until.sequence):
                break
            self._through = page[-1].sequence
        changed = self._ill | changed
        self._ill = {id_: version for id_, version in changed.items() if id_ in ill}
        for id_ in self._ill:
            self._pasts.pop(id_, None)
        healthy = [(id_, version) for id_, version in changed.items() if id_ not in self._ill]
        self.left_out += max(0, len(healthy) - MOST_HEALED)
        for id_, version in healthy[-MOST_HEALED:]:
            if is_over():
                break
            self._read(id_, version)
        return bool(healthy)

    def list(self, start: float, now: float) -> Iterator[UnhealthyObject]:
        """Those that got well from `start` until `now`."""
        for id_, (states, _, owner) in self._pasts.items():
            if (healed := _healed(states, now)) is not None and healed[1].ended >= start:
                problem, healing = healed
                found = UnhealthyObject(self._resources[id_[0]], id_[1], problem, owner, self._context, healing)
                if not found.is_told_by_owner:
                    yield found

    def last_object(self, id_: tuple[str, str]) -> KubeObject | None:
        """As it was last."""
        known = self._pasts.get(id_)
        return self._journal.object_or_none(known[1]) if known is not None else None

    def _read(self, id_: tuple[str, str], version: Version) -> None:
        resource = self._resources.get(id_[0])
        if resource is None:
            return
        kept = self._journal.versions(self._context, *id_)
        versions = [each for each in kept if self._until is None or each.sequence <= self._until.sequence]
        states = states_of(resource, versions[-MOST_READ:], self._journal)
        self._pasts.pop(id_, None)
        if any(each.reason for each in states):
            self._pasts[id_] = states, version, owner_of(self._journal.object_or_none(version))
        while len(self._pasts) > MOST_HEALED:
            self._pasts.pop(next(iter(self._pasts)))
            self.left_out += 1


def _healed(states: Sequence[State], now: float) -> tuple[Problem, Healing] | None:
    """The last illness, if it is over."""
    past = states_at(states, now)
    if not past or past[-1].reason:
        return None
    last = next((place for place in range(len(past) - 1, -1, -1) if past[place].reason), None)
    if last is None:
        return None
    first = last
    while first and past[first - 1].reason:
        first -= 1
    end = past[last + 1]
    healing = Healing(past[first].at if first else None, end.at, not end.is_there)
    return Problem(past[last].reason, Level.NONE), healing


def window_for(journal: Journal | None, now: float) -> float:
    """The seconds that hold all that is remembered, in round numbers."""
    oldest = journal.log_window(0, 1) if journal is not None else ()
    remembered = now - oldest[0].at if oldest else 0.0
    return next((each for each in WINDOWS if each >= remembered), WINDOWS[-1])


def window_text(seconds: float) -> str:
    """`15m`, `1h`, `24h`."""
    return f"{seconds / 3600:.0f}h" if seconds % 3600 == 0 else humanize(seconds)
