"""The scenario: a populated cluster whose story goes on, change by change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from random import Random

from kwatch.simulator.scenario.control_plane import ControlPlane
from kwatch.simulator.scenario.kubelet.behaviour import Behaviour
from kwatch.simulator.scenario.logs import Logs
from kwatch.simulator.scenario.objects.kube import POD, Object
from kwatch.simulator.scenario.pace import Pace
from kwatch.simulator.scenario.population.plan import plan
from kwatch.simulator.scenario.population.populate import populate
from kwatch.simulator.scenario.story.director import Director
from kwatch.simulator.scenario.story.stage import Stage
from kwatch.simulator.scenario.usage import Amount
from kwatch.simulator.scenario.world import World
from kwatch.simulator.store import Store

_TICK = 0.04
_BATCH = 20
"""Changes after which the server gets its turn."""
_MOST_IDLE_ACTIONS = 10_000
"""Actions in a row that change nothing, after which a step gives up; far more than a healthy agenda has at a time."""


class Scenario:
    """A small platform team's cluster; `objects` is about how many pods it has, `rate` its changes a second, 0 none."""

    def __init__(self, store: Store, *, objects: int, rate: float, seed: int) -> None:
        self._store = store
        self._world = World(store, seed)
        self._rate = rate
        self._plan = plan(objects, Random(seed))
        workloads = (*self._plan.workloads, *self._plan.daemons, *self._plan.generated)
        self._behaviour = Behaviour(workloads, self._plan.crons)
        self._control = ControlPlane(self._world, self._behaviour, objects=objects, rate=rate)
        self._logs = Logs(self._world, self._behaviour)
        self._director: Director | None = None

    def populate(self) -> None:
        """Fill the store with a cluster that has been running for months."""
        population = populate(self._world, self._control, self._plan)
        if self._rate > 0:
            self._world.hear_of_others()
            self._director = Director(Stage(self._control, self._plan), population, self._rate)
            self._director.open()

    def step(self) -> int:
        """Make the next change, or the few that belong together; return how many. 0 only if nothing ever changes."""
        director = self._director
        if director is None:
            return 0
        changes = self._do_what_is_due()
        if not changes and director.may_begin():
            director.begin_another()
            changes = self._do_what_is_due()
        if not changes:
            before = self._store.revision
            director.pass_time()
            changes = self._store.revision - before
        return changes

    def _do_what_is_due(self) -> int:
        """Run actions until one changes something; 0 if nothing is due."""
        before = self._store.revision
        for _ in range(_MOST_IDLE_ACTIONS):
            if not self._world.agenda.run_due(self._world.now()) or self._store.revision != before:
                break
        return self._store.revision - before

    async def run(self) -> None:
        """Live until cancelled, at the wanted rate."""
        if self._director is None:
            await asyncio.Event().wait()
            return
        loop = asyncio.get_running_loop()
        pace = Pace(self._rate, loop.time())
        while True:
            await asyncio.sleep(max(_TICK, min(1.0, 0.5 / self._rate)))
            pace.advance(loop.time())
            made = 0
            while pace.allows_change:
                changes = self.step() if pace.asks_for_change else self._do_what_is_due()
                if not changes:
                    break
                pace.spend(changes)
                made += changes
                if made >= _BATCH:
                    made = 0
                    await asyncio.sleep(0)

    def logs(self, namespace: str, pod: str, container: str, previous: bool = False) -> list[str]:
        """What a container has written so far, or the one before it; every line begins with its time and a blank.

        Raises LookupError if there is no such container, or it has not started.
        """
        return self._logs.lines(self._pod(namespace, pod), container, previous=previous)

    def follow(self, namespace: str, pod: str, container: str) -> AsyncIterator[str]:
        """The lines a container writes from now on, until it ends."""
        return self._logs.follow((namespace, pod), container)

    def usage(self, namespace: str, pod: str) -> dict[str, Amount]:
        """The CPU (cores) and memory (bytes) that each container of a pod uses now; raises LookupError."""
        return self._control.usage.of_pod(self._pod(namespace, pod))

    def node_usage(self, name: str) -> Amount:
        """The CPU (cores) and memory (bytes) that a node uses now; raises LookupError."""
        node = self._world.get("nodes", ("", name))
        if node is None:
            raise LookupError(name)
        return self._control.usage.of_node(node)

    def terminate(self, namespace: str, pod: str, grace: int | None, manager: str) -> Object | None:
        """Tell a pod to stop, in `grace` seconds or its own time; the pod as it is now, None if it is on no node."""
        found = self._world.get(POD, (namespace, pod))
        if found is None or not found["spec"].get("nodeName"):
            return None
        self._control.pods.delete(found, grace=grace, manager=manager)
        return self._world.get(POD, (namespace, pod))

    def _pod(self, namespace: str, name: str) -> Object:
        pod = self._world.get(POD, (namespace, name))
        if pod is None:
            raise LookupError(f"{namespace}/{name}")
        return pod
