"""What is wrong in all that is watched, as one list: the worst first, then by kind, namespace and name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kwatch.catalog.health import Problem
from kwatch.informer.resource import Resource
from kwatch.view.ailments import Ailments
from kwatch.view.source import Source


@dataclass(frozen=True, slots=True)
class UnhealthyObject:
    """One unhealthy object, with the worst that is wrong with it."""

    resource: Resource
    key: str
    problem: Problem

    def contains(self, words: Sequence[str]) -> bool:
        """Whether every word, in lower case, is in its kind, key or reason."""
        text = f"{self.resource.kind} {self.key} {self.problem.reason}".casefold()
        return all(word in text for word in words)


class Problems:
    """Used on the UI thread; sources are told of by an id of the caller's choice."""

    def __init__(self) -> None:
        self._ailments: dict[str, tuple[Resource, Ailments]] = {}

    def watch(self, source_id: str, resource: Resource, source: Source) -> None:
        """Look at another source, too."""
        if source_id not in self._ailments:
            self._ailments[source_id] = (resource, Ailments(resource, source))

    def touch(self, source_id: str, keys: Iterable[str]) -> None:
        """These changed there."""
        self._ailments[source_id][1].touch(keys)

    def look(self, now: float, seconds: float) -> bool:
        """Look at what changed, for about so long; whether the list is another one now."""
        share = seconds / max(1, len(self._ailments))
        changes = [ailments.look(now, share) for _, ailments in self._ailments.values()]
        return any(changes)

    @property
    def is_complete(self) -> bool:
        """Whether everything has been looked at."""
        return all(ailments.is_complete for _, ailments in self._ailments.values())

    def list(self, narrowed: str = "") -> Sequence[UnhealthyObject]:
        """The problems that contain all words; the same object from two sources once."""
        words = narrowed.casefold().split()
        found: dict[tuple[str, str], UnhealthyObject] = {}
        for resource, ailments in self._ailments.values():
            for key, problem in ailments.found.items():
                unhealthy = UnhealthyObject(resource, key, problem)
                if unhealthy.contains(words):
                    found[str(resource), key] = unhealthy
        return sorted(found.values(), key=_rank)


def _rank(unhealthy: UnhealthyObject) -> tuple[int, str, str]:
    return -unhealthy.problem.level, unhealthy.resource.kind, unhealthy.key
