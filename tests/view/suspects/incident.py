"""An incident of the simulator, played on a clock of its own and watched over HTTP, as kwatch watches any cluster."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from kwatch.cli.arguments import ConnectionArguments
from kwatch.cli.connecting import connector
from kwatch.history.journal import Journal
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.session.background import DIGESTED
from kwatch.session.informer_pool import Feed
from kwatch.session.session import Session
from kwatch.session.state import ConnectionPhase
from kwatch.simulator.collection import Change
from kwatch.simulator.engine.simulation import Scenario
from kwatch.simulator.scenario.loader import INCIDENT_BEGINS, incident_scenario, load_incident
from kwatch.simulator.store import Store
from kwatch.tui.features.object.relation_caches import RelationCaches
from kwatch.view.suspects import FormerObjects, Found, surroundings_of, suspects_of
from tests.simulator.engine.timeline import START, Clock
from tests.simulator.simulator_server import SimulatorServer
from tests.waiting import wait_until

_APPS = ("deployments", "replicasets", "statefulsets", "daemonsets")
WATCHED = (
    *("pods", "events", "nodes", "services", "persistentvolumeclaims", "resourcequotas", "configmaps", "secrets"),
    *(f"{name}.apps" for name in _APPS),
    *("jobs.batch", "cronjobs.batch", "horizontalpodautoscalers.autoscaling", "endpointslices.discovery.k8s.io"),
)
"""What somebody who watches pods watches, the background included."""
RATE = 4.0


class _StoryTime:
    """Stamps by the story's clock, waits by the machine's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def monotonic(self) -> float:
        return time.monotonic()

    def time(self) -> float:
        return self._clock()

    def wait(self, event: Event, seconds: float) -> bool:
        return event.wait(seconds)


class Watcher:
    """One kwatch: a session with a journal."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._clock = clock
        self.journal = Journal()
        connect = connector(ConnectionArguments(server=url), cache=False)
        self.session = Session(connect, journal=self.journal, clock=_StoryTime(clock))
        self.session.start()
        wait_until(lambda: self.session.state.phase is ConnectionPhase.CONNECTED)
        self.feeds: dict[str, Feed] = {}

    def watch(self, *names: str) -> None:
        for name in names:
            self.feeds[name] = self.session.open(self.resource(name), digested=name in DIGESTED)
        wait_until(lambda: all(feed.status.synced for feed in self.feeds.values()))

    def resource(self, name: str) -> Resource:
        assert self.session.names is not None
        (found,) = self.session.names.resolve(name)
        return found

    def get(self, name: str, key: str) -> KubeObject | None:
        found = self.feeds[name].indexer.get_by_key(key)
        return found if isinstance(found, KubeObject) else None

    def suspects(self, name: str, key: str) -> Found:
        caches, now = RelationCaches(self.session), self._clock()
        if name not in self.feeds:
            self.watch(name)
        obj = self.get(name, key)
        names = self.session.names
        assert obj is not None and names is not None
        try:
            resource = self.resource(name)
            wait_until(lambda: not surroundings_of(resource, obj, names, caches.cache_of, now).unknown)
            assert self.journal.catch_up(10)
            former = FormerObjects(self.journal, self.session.context, now)
            here = surroundings_of(resource, obj, names, caches.cache_of, now, former=former)
            return suspects_of(here, self.journal, self.session.context, now)
        finally:
            caches.release()

    def close(self) -> None:
        self.session.close(10)
        self.journal.close()


class Played:
    """An incident that is played until it is over, by somebody who watched from before."""

    def __init__(self, name: str, seed: int = 1) -> None:
        self.incident = load_incident(name)
        self.clock = Clock()
        self._store = Store(clock=self.clock, seed=seed)
        self._scenario = Scenario(self._store, rate=RATE, seed=seed, spec=incident_scenario(name))
        self._scenario.populate()
        self._store.compact()
        self._server = SimulatorServer(self._store)
        self._latest: dict[str, tuple[str, int, bool]] = {}
        """By resource: the last object that changed, its version, and whether it is gone."""
        for each in self._store.types:
            if each.storage in WATCHED:
                self._listen(each.storage)

    def _listen(self, storage: str) -> None:
        def heard(change: Change | None) -> None:
            if change is not None:
                metadata = change.record.tree()["metadata"]
                key = "/".join(filter(None, (metadata.get("namespace", ""), metadata["name"])))
                self._latest[storage] = (key, int(metadata["resourceVersion"]), change.type == "DELETED")

        self._store.collection(storage).listen(heard)

    @contextmanager
    def watched(self) -> Iterator[Watcher]:
        with self._server:
            watcher = Watcher(self._server.url, self.clock)
            try:
                watcher.watch(*WATCHED)
                self._play(INCIDENT_BEGINS + self.incident.within, watcher)
                yield watcher
            finally:
                watcher.close()

    @contextmanager
    def came_late(self) -> Iterator[Watcher]:
        """Somebody who starts kwatch only now."""
        watcher = Watcher(self._server.url, self.clock)
        try:
            watcher.watch("pods")
            yield watcher
        finally:
            watcher.close()

    def _play(self, seconds: float, watcher: Watcher) -> None:
        while self.clock.now < START + seconds:
            self._latest.clear()
            self._server.call(lambda store: self._second())
            wait_until(lambda: all(self._has(watcher, name, *last) for name, last in self._latest.items()))

    def _second(self) -> None:
        for _ in range(int(RATE)):
            self.clock.now += 1.0 / RATE
            self._scenario.step()

    def _has(self, watcher: Watcher, name: str, key: str, version: int, gone: bool) -> bool:
        found = watcher.get(name, key)
        return found is None if gone else found is not None and int(found.resource_version) >= version
