"""The keys that changed since a screen last looked: a sink that costs one set.add per delta."""

from __future__ import annotations

from kwatch.informer.delta import Delta, DeltaType
from kwatch.informer.protocol import Object


class DirtySet:
    """Filled in the informer's thread, drained 20 times a second by the screen.

    No lock: one set lives as long as the DirtySet, `add` and `pop` on it are atomic, so that a key is either drained
    now or the next time, and never lost.
    """

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def on_delta(self, key: str, delta: Delta, old: Object | None) -> None:
        """Remember whose row must be looked at again."""
        if delta.type is not DeltaType.SYNC:
            self._keys.add(key)

    def on_gap(self, since: float, until: float, cause: str) -> None:
        """A gap changes no row: the relist that ends it brings what changed as deltas."""

    def mark(self, keys: set[str] | frozenset[str]) -> None:
        """Count these as changed too, e.g. all that were there before this set was."""
        self._keys.update(keys)

    def drain(self) -> frozenset[str]:
        """Take what has gathered; keys that come meanwhile stay for the next time."""
        pop = self._keys.pop
        return frozenset([pop() for _ in range(len(self._keys))])

    def __len__(self) -> int:
        return len(self._keys)
