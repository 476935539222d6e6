"""A scenario on a clock of its own, and an observer that notes everything that was ever written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from kwatch.simulator.engine.simulation import Scenario
from kwatch.simulator.store import Store

Object = dict[str, Any]
START = 1_795_000_000.0


class Clock:
    """Time that passes only when told."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


class ObservedStore(Store):
    """A store that tells observers of every write, with the state before."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock=clock, seed=1)
        self.observers: list[Callable[[str, Object | None, Object], None]] = []

    def create(self, obj: Object, *, manager: str, subresource: str = "") -> Object:
        created = super().create(obj, manager=manager, subresource=subresource)
        self._tell("ADDED", None, created)
        return created

    def update(self, obj: Object, *, manager: str, subresource: str = "") -> Object:
        resource = self.type_of(obj).storage
        old = self.get(resource, obj["metadata"]["name"], obj["metadata"].get("namespace", ""))
        updated = super().update(obj, manager=manager, subresource=subresource)
        if updated is not old:
            self._tell("MODIFIED", old, updated)
        return updated

    def delete(self, resource: str, name: str, namespace: str = "") -> Object:
        deleted = super().delete(resource, name, namespace)
        self._tell("DELETED", deleted, deleted)
        return deleted

    def _tell(self, change: str, old: Object | None, new: Object) -> None:
        for observer in self.observers:
            observer(change, old, new)


class Timeline:
    """Plays a scenario: at every step as much time passes as one change takes in the long run."""

    def __init__(self, *, objects: int = 120, rate: float = 4.0, seed: int = 1) -> None:
        self.clock = Clock()
        self.store = ObservedStore(self.clock)
        self.scenario = Scenario(self.store, objects=objects, rate=rate, seed=seed)
        self.scenario.populate()
        self.rate = rate

    @property
    def elapsed(self) -> float:
        """Seconds since the story began."""
        return self.clock.now - START

    def play(self, seconds: float, *, each_second: Callable[[], None] | None = None) -> None:
        """Let so many seconds pass."""
        end = self.clock.now + seconds
        next_look = self.clock.now + 1.0
        balance = 0.0
        while self.clock.now < end:
            self.clock.now += 1.0 / self.rate
            balance += 1.0
            if balance >= 1.0:
                balance -= self.scenario.step()
            if each_second is not None and self.clock.now >= next_look:
                next_look += 1.0
                each_second()

    def list(self, resource: str, namespace: str | None = None) -> list[Object]:
        """Objects as they are now."""
        return self.store.list(resource, namespace)


class Lasting:
    """Notes for how long something has been wrong: what controllers put right in time is no violation."""

    def __init__(self, clock: Clock, patience: float) -> None:
        self._clock = clock
        self._patience = patience
        self._since: dict[str, float] = {}
        self.violations: dict[str, float] = defaultdict(float)

    def look(self, wrong: set[str]) -> None:
        """What is wrong now."""
        for each in list(self._since):
            if each not in wrong:
                del self._since[each]
        for each in wrong:
            since = self._since.setdefault(each, self._clock.now)
            lasted = self._clock.now - since
            if lasted > self._patience:
                self.violations[each] = max(self.violations[each], lasted)
