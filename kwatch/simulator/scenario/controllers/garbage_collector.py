"""Garbage collection: what is owned goes with its owner."""

from __future__ import annotations

from functools import partial

from kwatch.simulator.scenario.controllers.pod_control import PodControl
from kwatch.simulator.scenario.objects.kube import Object, name_of, namespace_of, resource_of
from kwatch.simulator.scenario.world import World

_OWNED = ("replicasets.apps", "jobs.batch", "pods", "controllerrevisions.apps", "endpointslices.discovery.k8s.io")


class GarbageCollector:
    """Deletes an object, and in the background everything below it."""

    def __init__(self, world: World, pods: PodControl) -> None:
        self._world = world
        self._pods = pods

    def delete(self, obj: Object) -> None:
        """Delete an object at once; its dependents follow."""
        current = self._world.get(resource_of(obj), (namespace_of(obj), name_of(obj)))
        if current is None:
            return
        if current["kind"] == "Pod":
            self._pods.delete(current)
            return
        dependents = [each for resource in _OWNED for each in self._world.children(current, resource)]
        self._world.remove(current)
        for index, each in enumerate(dependents):
            self._world.after(0.1 + index * 0.02, partial(self.delete, each))
