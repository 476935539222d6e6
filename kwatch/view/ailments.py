"""Which objects of a source are unhealthy, found out piece by piece, so that no beat of the screen waits for it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from time import perf_counter

from kwatch.catalog.health import Problem, assess
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.keys import resource_finder
from kwatch.view.due_times import DueTimes
from kwatch.view.source import Source


class Ailments:
    """Of one resource, or with `others` of several; used on the UI thread. Whoever has it tells what changed, and gives
    it time to look.
    """

    def __init__(self, resource: Resource, source: Source, others: Sequence[Resource] = ()) -> None:
        """Everything in the source waits to be looked at."""
        self._resource_of = resource_finder((resource, *others))
        self._source = source
        self._waiting: dict[str, None] = dict.fromkeys(source.list_keys())
        self._due = DueTimes()
        self._timed: set[str] = set()
        """Those of which time alone decides whether anything is wrong with them."""
        self._found: dict[str, Problem] = {}

    @property
    def found(self) -> Mapping[str, Problem]:
        """Key -> the worst that is known to be wrong; live, so only valid until the next look."""
        return self._found

    @property
    def is_complete(self) -> bool:
        """Whether everything that was told of has been looked at."""
        return not self._waiting

    def among(self, keys: Container[str]) -> int:
        """How many of the found ones are among some keys."""
        return sum([key in keys for key in self._found])

    def touch(self, keys: Iterable[str]) -> None:
        """These changed, came or went."""
        self._waiting.update(dict.fromkeys(keys))

    def rewind(self) -> None:
        """Time was set back: what was not wrong any more may be wrong again."""
        self.touch(self._timed)

    def look(self, now: float, seconds: float) -> bool:
        """Look at what waits, and at what has become due, for at most so long; whether anything is otherwise now."""
        self.touch(self._due.pop(now))
        deadline = perf_counter() + seconds
        changed = False
        while self._waiting:
            key, _ = self._waiting.popitem()
            changed |= self._judge(key, now)
            if perf_counter() >= deadline:
                break
        return changed

    def _judge(self, key: str, now: float) -> bool:
        obj = self._source.get_by_key(key)
        problem: Problem | None = None
        due: float | None = None
        self._timed.discard(key)
        if isinstance(obj, KubeObject):
            assessment = assess(self._resource_of(key), obj)
            problem, due = assessment.at(now), assessment.next_due(now)
            if assessment.is_timed:
                self._timed.add(key)
        self._due.put(key, due)
        before = self._found.get(key)
        if problem is None:
            self._found.pop(key, None)
        else:
            self._found[key] = problem
        return problem != before
