"""The scenario: a populated cluster whose story goes on, change by change."""

from __future__ import annotations

import asyncio
from random import Random

from kwatch.simulator.scenario.control_plane import ControlPlane
from kwatch.simulator.scenario.kubelet.behaviour import Behaviour
from kwatch.simulator.scenario.population.plan import plan
from kwatch.simulator.scenario.population.populate import populate
from kwatch.simulator.scenario.world import World
from kwatch.simulator.store import Store


class Scenario:
    """A small platform team's cluster; `objects` is about how many pods it has, `rate` its changes a second."""

    def __init__(self, store: Store, *, objects: int, rate: float, seed: int) -> None:
        self._world = World(store, seed)
        self._rate = rate
        self._plan = plan(objects, Random(seed))
        workloads = (*self._plan.workloads, *self._plan.daemons, *self._plan.generated)
        self._behaviour = Behaviour(workloads, self._plan.crons)
        self._control = ControlPlane(self._world, self._behaviour, objects=objects, rate=rate)

    def populate(self) -> None:
        """Fill the store with a cluster that has been running for months."""
        populate(self._world, self._control, self._plan)

    async def run(self) -> None:
        """Live until cancelled."""
        await asyncio.Event().wait()
