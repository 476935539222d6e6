"""A controller's queue of keys: asked for ten times, an object is looked at once, a moment later."""

from __future__ import annotations

from collections.abc import Callable

from kwatch.simulator.scenario.world import Key, World


class Workqueue:
    """Keys to reconcile, each at most once at a time."""

    def __init__(self, world: World, reconcile: Callable[[Key], None], *, delay: tuple[float, float]) -> None:
        self._world = world
        self._reconcile = reconcile
        self._delay = delay
        self._waiting: set[Key] = set()
        self._planned: set[Key] = set()

    def add(self, key: Key, after: float | None = None) -> None:
        """Look at an object soon, or after so many seconds; once, if it is waiting already."""
        if key in self._waiting:
            return
        self._waiting.add(key)
        self._world.after(self._world.between(*self._delay) if after is None else after, lambda: self._look(key))

    def look_again(self, key: Key, after: float) -> None:
        """Look at an object once more after so many seconds, unless that is planned already."""
        if key in self._planned:
            return
        self._planned.add(key)
        self._world.after(after, lambda: self._come_back(key))

    def _come_back(self, key: Key) -> None:
        self._planned.discard(key)
        self.add(key)

    def _look(self, key: Key) -> None:
        self._waiting.discard(key)
        self._reconcile(key)
