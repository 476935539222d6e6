"""What controllers share: the loop from a change to the act, pods made and deleted, and what goes with its owner."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from functools import partial
from typing import Any

from kwatch.base.timestamp import timestamp
from kwatch.simulator.engine import names
from kwatch.simulator.engine.kubelet import Kubelet
from kwatch.simulator.engine.objects import (
    POD,
    RESOURCES,
    Object,
    controller_of,
    is_terminating,
    key_of,
    name_of,
    namespace_of,
    resource_of,
    revised,
    uid_of,
)
from kwatch.simulator.engine.pods import PodFactory
from kwatch.simulator.engine.recorder import Recorder
from kwatch.simulator.engine.shapes import TRACKING
from kwatch.simulator.engine.world import Key, Process, Workqueue, World

CONTROLLER_MANAGER = "kube-controller-manager"
_MOST_FACTORIES = 1000


class PodControl:
    def __init__(self, world: World, recorder: Recorder, kubelet: Kubelet) -> None:
        self._world = world
        self._recorder = recorder
        self._kubelet = kubelet
        self._factories: OrderedDict[tuple[str, int], PodFactory] = OrderedDict()

    def factory(self, owner: Object, template: Object) -> PodFactory:
        """What makes the pods of one template of an owner; kept, since most owners make many."""
        key = (uid_of(owner), owner["metadata"].get("generation", 1))
        found = self._factories.get(key)
        if found is None:
            found = PodFactory(template, namespace_of(owner), for_daemon=owner["kind"] == "DaemonSet")
            self._factories[key] = found
            if len(self._factories) > _MOST_FACTORIES:
                self._factories.popitem(last=False)
        return found

    def create(self, owner: Object, component: str, *, name: str = "", **more: Any) -> Object:
        """Make one pod; without a name, one is generated. `more` goes to the factory."""
        factory = self.factory(owner, owner["spec"]["template"])
        token = names.suffix(self._world.random)
        if name:
            pod = factory.pod(name, owner, token, **more)
        else:
            prefix = f"{name_of(owner)}-"
            pod = factory.pod(prefix + names.suffix(self._world.random), owner, token, generate_name=prefix, **more)
        if owner["kind"] == "Job":
            pod["metadata"]["finalizers"] = [TRACKING]
        created = self._world.create(pod, CONTROLLER_MANAGER)
        self._recorder.normal(owner, "SuccessfulCreate", f"Created pod: {name_of(created)}", component)
        return created

    def delete(
        self,
        pod: Object,
        owner: Object | None = None,
        component: str = "",
        *,
        grace: int | None = None,
        manager: str = CONTROLLER_MANAGER,
    ) -> None:
        """Ask for a pod's deletion; the kubelet does the rest. With an owner, say so in an event."""
        if is_terminating(pod):
            return
        if owner is not None:
            self._recorder.normal(owner, "SuccessfulDelete", f"Deleted pod: {name_of(pod)}", component)
        if not pod["spec"].get("nodeName"):
            self._world.remove(pod)
            return
        seconds = pod["spec"]["terminationGracePeriodSeconds"] if grace is None else grace
        marks = {
            "deletionTimestamp": timestamp(self._world.now() + seconds),
            "deletionGracePeriodSeconds": seconds,
        }
        self._kubelet.stop(self._world.update(revised(pod, metadata=marks), manager))

    def evict(self, pod: Object, by: str, message: str) -> None:
        """Delete a pod as the eviction API does: with a condition that says why."""
        target: Mapping[str, Any] = {
            "type": "DisruptionTarget",
            "status": "True",
            "observedGeneration": pod["metadata"].get("generation", 1),
            "lastProbeTime": None,
            "lastTransitionTime": timestamp(self._world.now()),
            "reason": "EvictionByEvictionAPI",
            "message": message,
        }
        conditions = [*pod["status"].get("conditions", ()), target]
        self.delete(self._world.update(revised(pod, status={"conditions": conditions}), by, "status"))


_OWNED = ("replicasets.apps", "jobs.batch", "pods", "controllerrevisions.apps", "endpointslices.discovery.k8s.io")


_OWNERS = (*_OWNED[:2], "deployments.apps", "statefulsets.apps", "daemonsets.apps", "cronjobs.batch", "services")


class Controller:
    """One kind's controller: a moment after an object or what it owns changed, `act` compares what is to be with
    what there is, does the next thing about the difference, and writes the status.
    """

    resource = ""
    """What it looks after."""
    owned = POD
    """What it makes, whose changes concern it as well."""
    component = ""
    """Who it is in events."""
    delay = (0.05, 0.3)
    """Seconds from a change to the act."""

    def __init__(self, world: World, recorder: Recorder, pods: PodControl) -> None:
        self.world = world
        self.recorder = recorder
        self.pods = pods
        self.queue = Workqueue(world, self.reconcile, delay=self.delay)
        self.listen()

    def listen(self) -> None:
        self.world.on_change(self.resource, self.on_own)
        self.world.on_change(self.owned, self.on_owned)

    def on_own(self, obj: Object, gone: bool) -> None:
        if not gone:
            self.queue.add(key_of(obj))

    def on_owned(self, obj: Object, gone: bool) -> None:
        owner = controller_of(obj)
        if owner is not None and RESOURCES.get(owner["kind"]) == self.resource:
            self.queue.add((namespace_of(obj), owner["name"]))

    def reconcile(self, key: Key) -> None:
        """Look at an object, if it is there to stay."""
        obj = self.world.get(self.resource, key)
        if obj is not None and not is_terminating(obj):
            self.act(obj)

    def act(self, obj: Object) -> None:
        raise NotImplementedError

    def report(self, obj: Object, status: Object) -> Object:
        """Write a status if it is another one; the object as it is then."""
        if status == obj["status"]:
            return obj
        return self.world.update({**obj, "status": status}, CONTROLLER_MANAGER, "status")

    def say(self, about: Object, reason: str, message: str) -> None:
        self.recorder.normal(about, reason, message, self.component)


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


_CONTENTS = ("deployments.apps", "services", "endpoints", "configmaps", "serviceaccounts")
_SLOW = ("replicasets.apps", "pods", "endpointslices.discovery.k8s.io")


class NamespaceController:
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
        return [each for resource in _SLOW for each in self._world.store.list(resource, name)]
