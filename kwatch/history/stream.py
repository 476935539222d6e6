"""What the journal knows of one resource of one context: its lives by key, its gaps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kwatch.history.change_index import ChangeIndex
from kwatch.history.gap import Gap
from kwatch.history.object_history import ObjectHistory
from kwatch.history.watches import Hole, Scope, Watches

EVENTS = frozenset({"events", "events.events.k8s.io"})
"""The resources whose objects are Events."""


class Stream:
    """Written under the journal's lock."""

    __slots__ = ("changes", "context", "histories", "resource", "watches")

    def __init__(self, context: str, resource: str) -> None:
        self.context = context
        self.resource = resource
        self.histories: dict[str, ObjectHistory] = {}
        """The newest life of each key; older ones hang on it."""
        self.changes = ChangeIndex()
        self.watches = Watches()
        """When informers fed it, and with how much of the resource."""

    @property
    def holds_events(self) -> bool:
        """Whether its objects are Events, which are about others."""
        return self.resource in EVENTS

    def gaps(self, scope: Scope | None = None) -> list[Gap]:
        """When so much of it was not watched, oldest first; without a scope whenever any of it was not."""
        return self.gaps_of(self.watches.holes() if scope is None else self.watches.holes_of(scope))

    def gaps_of(self, holes: Iterable[Hole]) -> list[Gap]:
        """As they are handed out."""
        return [
            Gap(self.context, self.resource, hole.since, hole.until, hole.cause, hole.scope.namespace) for hole in holes
        ]

    def histories_of(self, key: str) -> list[ObjectHistory]:
        """Every life under a name, oldest first."""
        found = list(_back(self.histories.get(key)))
        found.reverse()
        return found

    def all_histories(self) -> Iterator[ObjectHistory]:
        """Every life, in no order."""
        for history in list(self.histories.values()):
            yield from _back(history)

    def remove(self, history: ObjectHistory) -> None:
        """Forget a life of which nothing is left."""
        newest = self.histories.get(history.key)
        if newest is history:
            if history.previous is None:
                del self.histories[history.key]
            else:
                self.histories[history.key] = history.previous
            return
        for later in _back(newest):
            if later.previous is history:
                later.previous = history.previous
                return


def _back(history: ObjectHistory | None) -> Iterator[ObjectHistory]:
    while history is not None:
        yield history
        history = history.previous
