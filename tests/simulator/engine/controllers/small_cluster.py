"""A cluster with nothing in it but nodes, for controllers to work in."""

from __future__ import annotations

from kwatch.base.timestamp import timestamp
from kwatch.simulator.engine.control_plane import ControlPlane
from kwatch.simulator.engine.objects import Object, shape
from kwatch.simulator.engine.shapes import node
from kwatch.simulator.engine.world import World
from kwatch.simulator.scenario.loader import load_scenario
from kwatch.simulator.scenario.plan import Behaviour
from kwatch.simulator.scenario.spec import CronWorkload, Workload
from tests.simulator.engine.timeline import Clock, ObservedStore


class SmallCluster:
    """Controllers, a clock, and a few workers; no story."""

    def __init__(
        self, *workloads: Workload, crons: tuple[CronWorkload, ...] = (), workers: int = 3, seed: int = 1
    ) -> None:
        self.clock = Clock()
        self.store = ObservedStore(self.clock)
        self.world = World(self.store, seed)
        self.control = ControlPlane(self.world, Behaviour(workloads, crons), objects=100, rate=100.0)
        for index in range(workers):
            name = f"worker-{index + 1}"
            now = self.clock.now
            made = node(index, name, control_plane=False, created=now - 9e5, now=now, version="v1.36.2")
            self.world.place(made, "kubelet")
        for namespace in {"shop", *(each.namespace for each in workloads), *(each.namespace for each in crons)}:
            account = shape("ServiceAccount", "default", namespace, created=self.clock.now - 9e6)
            account["metadata"]["uid"] = f"account-of-{namespace}"
            self.world.place(account, "kubectl")
        for made in load_scenario().cluster_objects[0].objects:
            if made["kind"] == "StorageClass":
                created = timestamp(self.clock.now - 9e6)
                self.world.place({**made, "metadata": {**made["metadata"], "creationTimestamp": created}}, "kubectl")

    def run(self, seconds: float) -> None:
        """Let time pass, in tenths of a second."""
        for _ in range(round(seconds * 10)):
            self.clock.now += 0.1
            while self.world.agenda.run_due(self.clock.now):
                pass

    def pods(self) -> list[Object]:
        """Every pod."""
        return self.store.list("pods")

    def get(self, resource: str, name: str, namespace: str = "shop") -> Object:
        """An object that must be there."""
        found = self.store.get(resource, name, namespace)
        assert found is not None
        return found
