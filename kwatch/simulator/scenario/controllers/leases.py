"""Signs of life: nodes renew their leases, leaders their locks."""

from __future__ import annotations

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.kubelet import Kubelet
from kwatch.simulator.scenario.objects.kube import Object, revised
from kwatch.simulator.scenario.timestamps import micro_timestamp
from kwatch.simulator.scenario.world import Key, World

LEASE = "leases.coordination.k8s.io"
NODE_LEASES = "kube-node-lease"


class Leases:
    """Renews them in turn, so that they cost a steady, bounded number of changes a second."""

    def __init__(self, world: World, kubelet: Kubelet, *, most_per_second: float) -> None:
        self._world = world
        self._kubelet = kubelet
        self._most_per_second = most_per_second
        self._turns: list[tuple[Key, str]] = []
        self._turn = 0

    def add(self, lease: Object, manager: str) -> None:
        """Keep a lease renewed."""
        self._turns.append(((lease["metadata"]["namespace"], lease["metadata"]["name"]), manager))

    def renew_all(self) -> Process:
        """Renew one after the other, each every ten seconds if the rate allows it, for ever."""
        while self._turns:
            yield max(10.0 / len(self._turns), 1.0 / self._most_per_second)
            self.renew_next()

    def renew_next(self) -> None:
        """Renew the lease whose turn it is."""
        if not self._turns:
            return
        key, manager = self._turns[self._turn % len(self._turns)]
        self._turn += 1
        if key[0] == NODE_LEASES and key[1] in self._kubelet.silent:
            return
        lease = self._world.get(LEASE, key)
        if lease is not None:
            renewed = revised(lease, spec={"renewTime": micro_timestamp(self._world.now())})
            self._world.update(renewed, manager)
