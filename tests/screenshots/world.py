"""The clusters of the pictures, on a clock of their own: the same happens at the same moment, each time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from kwatch.informer.kube_object import KubeObject
from kwatch.session.session import Session
from kwatch.simulator.collection import Change, Listener
from kwatch.simulator.engine.simulation import Scenario
from kwatch.simulator.scenario.spec import ScenarioSpec
from kwatch.simulator.store import Store
from tests.simulator.simulator_server import SimulatorServer, UsageByRequests

START = 1_795_007_520.0
"""When every story begins: 2026-11-18 13:12:00 UTC."""
RATE = 6.0
"""Changes a second, as many as those of `kwatch demo`."""
HASTE = 20.0
"""How much shorter kwatch's own pauses are than a person would see them."""


class StoryClock:
    """Stands still until the story goes on; what waits for something waits by the machine's clock."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds / HASTE)


class World:
    """A cluster served over HTTP, change by change."""

    def __init__(self, clock: StoryClock, spec: ScenarioSpec, seed: int) -> None:
        self._clock = clock
        self._store = Store(clock=clock, seed=seed)
        self._scenario = Scenario(self._store, rate=RATE, seed=seed, spec=spec)
        self._scenario.populate()
        self._store.compact()
        usage = UsageByRequests(self._store, clock=lambda: START)
        # Bookmarks go by the machine's clock, and would be the last that was heard: none comes.
        self.server = SimulatorServer(self._store, logs=self._scenario, usage=usage, second=1000.0)
        self._stored_as = {each.group_resource: each.storage for each in self._store.types}
        self._held: list[tuple[str, Change, Listener]] = []
        for storage in set(self._stored_as.values()):
            self._hold(storage)

    def _hold(self, storage: str) -> None:
        """Whoever listens to a collection is told when `tell` says so."""
        collection = self._store.collection(storage)
        listen = collection.listen

        def listen_later(listener: Listener) -> Callable[[], None]:
            def heard(change: Change | None) -> None:
                if change is None:
                    listener(change)
                else:
                    self._held.append((storage, change, listener))

            return listen(heard)

        collection.listen = listen_later  # type: ignore[method-assign]

    def step(self) -> None:
        """The next thing happens; nobody hears of it yet."""
        self.server.call(lambda store: self._scenario.step())

    def tell(self) -> dict[str, Change]:
        """Tell of what happened, up to the first change of another resource: what comes over several connections at
        once would arrive in any order. By resource, the last change that was told; empty when all is.
        """

        def tell(_: Store) -> dict[str, Change]:
            told: dict[str, Change] = {}
            while self._held and (not told or self._held[0][0] in told):
                storage, change, listener = self._held.pop(0)
                listener(change)
                told[storage] = change
            return told

        return self.server.call(tell)

    def is_seen_by(self, session: Session, told: Mapping[str, Change]) -> bool:
        """Whether a session knows of these changes wherever it watches."""
        for each in session.informers():
            change = told.get(self._stored_as.get(str(each.watched.resource), ""))
            selects = each.watched.label_selector or each.watched.field_selector
            if change is None or selects or each.watched.namespace not in (None, change.record.namespace):
                continue
            found = each.informer.indexer.get_by_key(change.record.key)
            is_there = isinstance(found, KubeObject) and int(found.resource_version) >= change.revision
            # When it heard of it is noted last.
            is_noted = each.informer.status.last_event_at == self._clock.now
            if is_there is (change.type == "DELETED") or not is_noted:
                return False
        return True
