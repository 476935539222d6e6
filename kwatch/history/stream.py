"""What the journal knows of one resource of one context: its lives by key, its gaps."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.history.change_index import ChangeIndex
from kwatch.history.gap import Gap
from kwatch.history.life import Life

EVENTS = frozenset({"events", "events.events.k8s.io"})
"""The resources whose objects are Events."""


class Stream:
    """Written under the journal's lock."""

    __slots__ = ("changes", "context", "gaps", "lives", "resource", "unwatched_since", "watchers")

    def __init__(self, context: str, resource: str) -> None:
        self.context = context
        self.resource = resource
        self.lives: dict[str, Life] = {}
        """The newest life of each key; older ones hang on it."""
        self.gaps: list[Gap] = []
        self.changes = ChangeIndex()
        self.watchers = 0
        """How many informers feed it."""
        self.unwatched_since: float | None = None
        """Since when none does, if one did before; in seconds since the epoch."""

    @property
    def holds_events(self) -> bool:
        """Whether its objects are Events, which are about others."""
        return self.resource in EVENTS

    def lives_of(self, key: str) -> list[Life]:
        """Every life under a name, oldest first."""
        found = list(_back(self.lives.get(key)))
        found.reverse()
        return found

    def all_lives(self) -> Iterator[Life]:
        """Every life, in no order."""
        for life in list(self.lives.values()):
            yield from _back(life)

    def remove(self, life: Life) -> None:
        """Forget a life of which nothing is left."""
        newest = self.lives.get(life.key)
        if newest is life:
            if life.previous is None:
                del self.lives[life.key]
            else:
                self.lives[life.key] = life.previous
            return
        for later in _back(newest):
            if later.previous is life:
                later.previous = life.previous
                return


def _back(life: Life | None) -> Iterator[Life]:
    while life is not None:
        yield life
        life = life.previous
