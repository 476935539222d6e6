"""Namespaces that are deleted: first everything in them, then they themselves."""

from __future__ import annotations

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.controllers.garbage_collector import GarbageCollector
from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER
from kwatch.simulator.scenario.objects.kube import Object, revised
from kwatch.simulator.scenario.timestamps import timestamp
from kwatch.simulator.scenario.world import World

_CONTENTS = ("deployments.apps", "services", "endpoints", "configmaps", "serviceaccounts")
_SLOW = ("replicasets.apps", "pods", "endpointslices.discovery.k8s.io")


class NamespaceController:
    """Empties namespaces and removes them."""

    def __init__(self, world: World, garbage: GarbageCollector) -> None:
        self._world = world
        self._garbage = garbage

    def delete(self, name: str) -> Process:
        """Everything from `kubectl delete namespace` to its end."""
        namespace = self._world.get("namespaces", ("", name))
        if namespace is None:
            return
        terminating = revised(
            namespace,
            metadata={"deletionTimestamp": timestamp(self._world.now())},
            status={"phase": "Terminating"},
        )
        self._world.update(terminating, CONTROLLER_MANAGER, "finalize")
        for resource in _CONTENTS:
            for each in self._world.store.list(resource, name):
                self._garbage.delete(each)
                yield 0.05
        for _ in range(90):
            if not any(self._rest(name)):
                break
            yield 1.0
        for each in self._world.store.list("events", name):
            self._world.remove(each)
        final = self._world.get("namespaces", ("", name))
        if final is not None:
            self._world.remove(final)

    def _rest(self, name: str) -> list[Object]:
        """What is still there of the kinds that take their time."""
        return [each for resource in _SLOW for each in self._world.store.list(resource, name)]
