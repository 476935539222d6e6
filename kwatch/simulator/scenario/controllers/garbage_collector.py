"""Garbage collection: what is owned goes with its owner."""

from __future__ import annotations

from functools import partial

from kwatch.simulator.scenario.controllers.pod_control import PodControl
from kwatch.simulator.scenario.objects.kube import Object, name_of, namespace_of, resource_of, uid_of
from kwatch.simulator.scenario.world import World

_OWNED = ("replicasets.apps", "jobs.batch", "pods", "controllerrevisions.apps", "endpointslices.discovery.k8s.io")


_OWNERS = (*_OWNED[:2], "deployments.apps", "statefulsets.apps", "daemonsets.apps", "cronjobs.batch", "services")


class GarbageCollector:
    """Deletes what is left behind, in the background."""

    def __init__(self, world: World, pods: PodControl) -> None:
        self._world = world
        self._pods = pods
        for resource in _OWNERS:
            world.on_change(resource, self._on_owner)

    def _on_owner(self, owner: Object, gone: bool) -> None:
        if gone:
            dependents = [each for resource in _OWNED for each in self._world.children(owner, resource)]
            for index, each in enumerate(dependents):
                self._world.after(0.1 + index * 0.02, partial(self.delete, each))

    def delete(self, obj: Object) -> None:
        """Delete an object: a pod in its own time, anything else at once. Its dependents follow."""
        current = self._world.get(resource_of(obj), (namespace_of(obj), name_of(obj)))
        if current is None or uid_of(current) != uid_of(obj):
            return
        if current["kind"] == "Pod":
            self._pods.delete(current)
        else:
            self._world.remove(current)
