"""What controllers share: the loop from a change to the act, pods made and deleted, and what goes with its owner."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any

from kwatch.base.timestamp import timestamp
from kwatch.simulator import names
from kwatch.simulator.engine.kubelet import Kubelet
from kwatch.simulator.engine.objects import (
    POD,
    RESOURCES,
    Object,
    condition,
    conditions_of,
    controller_of,
    is_terminating,
    key_of,
    name_of,
    namespace_of,
    owner_reference,
    part,
    resource_of,
    uid_of,
)
from kwatch.simulator.engine.world import CONTROLLER_MANAGER, Key, Process, Recorder, World
from kwatch.simulator.managed_fields import BUILTIN_FIELDS

HIGHEST_PRIORITIES = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}
_TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_JOB_TRACKING = "batch.kubernetes.io/job-tracking"
_MOST_FACTORIES = 1000


class PodFactory:
    """Makes the pods of one owner as it posts them and admission completes them: pending, bound to no node. What they
    have in common is shared.
    """

    def __init__(self, template: Object, namespace: str, *, for_daemon: bool = False) -> None:
        self.namespace = namespace
        spec = template["spec"]
        self._labels: Mapping[str, str] = template["metadata"].get("labels", {})
        self._annotations: Mapping[str, str] = template["metadata"].get("annotations", {})
        self._template_spec = spec
        self._owners: list[Object] = []
        self._token_sources = part("TokenSources")
        tolerations = part("DaemonTolerations" if for_daemon else "Tolerations")
        self._common = {
            **spec,
            "tolerations": [*spec.get("tolerations", ()), *tolerations],
            "priority": HIGHEST_PRIORITIES.get(spec.get("priorityClassName", ""), 0),
            "enableServiceLinks": True,
            "preemptionPolicy": "PreemptLowerPriority",
        }
        self.containers: list[Object] = [*spec.get("initContainers", ()), *spec["containers"]]
        self.qos_class = _qos_class([container.get("resources", {}) for container in self.containers])

    def pod(
        self,
        name: str,
        owner: Object,
        token: str,
        *,
        generate_name: str = "",
        labels: Mapping[str, str] = {},
        annotations: Mapping[str, str] = {},
        spec: Mapping[str, Any] = {},
        claims: Mapping[str, str] = {},
    ) -> Object:
        """One pod; `token` is the random part of its token volume's name, `claims` are volumes by name."""
        metadata: Object = {"name": name}
        if generate_name:
            metadata["generateName"] = generate_name
        metadata["namespace"] = self.namespace
        metadata["labels"] = {**self._labels, **labels} if labels else self._labels
        if self._annotations or annotations:
            metadata["annotations"] = {**self._annotations, **annotations} if annotations else self._annotations
        if not self._owners:
            self._owners.append(owner_reference(owner))
        metadata["ownerReferences"] = self._owners
        volume = f"kube-api-access-{token}"
        mount = {"name": volume, "readOnly": True, "mountPath": _TOKEN_PATH}
        made = {**self._common, **spec}
        made["volumes"] = [
            *self._template_spec.get("volumes", ()),
            *({"name": key, "persistentVolumeClaim": {"claimName": claim}} for key, claim in claims.items()),
            {"name": volume, "projected": self._token_sources},
        ]
        for group in ("containers", "initContainers"):
            if group in made:
                made[group] = [_mounting(container, mount) for container in made[group]]
        status = {"phase": "Pending", "qosClass": self.qos_class}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": made, "status": status}

    @cached_property
    def spec_fields(self) -> Object:
        """What a controller is said to have written of the spec, for managedFields."""
        return BUILTIN_FIELDS.fields_of(self._template_spec, "spec")


def _mounting(container: Object, mount: Object) -> Object:
    return {**container, "volumeMounts": [*container.get("volumeMounts", ()), mount]}


def _qos_class(resources: list[Object]) -> str:
    if not any(each.get("requests") or each.get("limits") for each in resources):
        return "BestEffort"
    for each in resources:
        limits, requests = each.get("limits", {}), each.get("requests", {})
        if limits.keys() != {"cpu", "memory"} or limits != requests:
            return "Burstable"
    return "Guaranteed"


class PodControl:
    """Makes, deletes and evicts the pods of controllers."""

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
        prefix = "" if name else f"{name_of(owner)}-"
        name = name or prefix + names.suffix(self._world.random)
        pod = factory.pod(name, owner, token, generate_name=prefix, **more)
        if owner["kind"] == "Job":
            pod["metadata"]["finalizers"] = [_JOB_TRACKING]
        created = self._world.create(pod, CONTROLLER_MANAGER)
        self._recorder.event(owner, "Normal", "SuccessfulCreate", f"Created pod: {name}", component)
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
            self._recorder.event(owner, "Normal", "SuccessfulDelete", f"Deleted pod: {name_of(pod)}", component)
        if not pod["spec"].get("nodeName"):
            self._world.remove(pod)
            return
        seconds = pod["spec"]["terminationGracePeriodSeconds"] if grace is None else grace
        end = timestamp(self._world.now() + seconds)
        marks = {"deletionTimestamp": end, "deletionGracePeriodSeconds": seconds}
        self._kubelet.stop(self._world.patch(pod, manager, metadata=marks))

    def evict(self, pod: Object, by: str, message: str) -> None:
        """Delete a pod as the eviction API does: with a condition that says why."""
        observed = {"observedGeneration": pod["metadata"].get("generation", 1), "lastProbeTime": None}
        now = self._world.now()
        target = condition("DisruptionTarget", True, now, "EvictionByEvictionAPI", message, **observed)
        self.delete(self._world.patch(pod, by, status={"conditions": [*conditions_of(pod), target]}))


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

    def say(self, about: Object, reason: str, message: str, kind: str = "Normal") -> None:
        self.recorder.event(about, kind, reason, message, self.component)


class Workqueue:
    """Keys to reconcile, each at most once at a time."""

    def __init__(self, world: World, reconcile: Callable[[Key], None], *, delay: tuple[float, float]) -> None:
        self._world = world
        self._reconcile = reconcile
        self._delay = delay
        self._waiting: set[Key] = set()
        self._planned: set[Key] = set()

    def add(self, key: Key) -> None:
        """Look at an object soon; once, if it is waiting already."""
        if key not in self._waiting:
            self._waiting.add(key)
            self._world.after(self._world.between(*self._delay), partial(self._look, key))

    def look_again(self, key: Key, after: float) -> None:
        """Look at an object once more after so many seconds, unless that is planned already."""
        if key not in self._planned:
            self._planned.add(key)
            self._world.after(after, partial(self._come_back, key))

    def _come_back(self, key: Key) -> None:
        self._planned.discard(key)
        self.add(key)

    def _look(self, key: Key) -> None:
        self._waiting.discard(key)
        self._reconcile(key)


_OWNED = ("replicasets.apps", "jobs.batch", "pods", "controllerrevisions.apps", "endpointslices.discovery.k8s.io")
_OWNERS = (*_OWNED[:2], "deployments.apps", "statefulsets.apps", "daemonsets.apps", "cronjobs.batch", "services")
_CONTENTS = ("deployments.apps", "services", "endpoints", "configmaps", "serviceaccounts")
"""What is deleted with its namespace; the rest follows its owners."""
_SLOW = ("replicasets.apps", "pods", "endpointslices.discovery.k8s.io")


class GarbageCollector:
    """Deletes what is left behind by its owner or its namespace, in the background."""

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
        current = self._world.get(resource_of(obj), key_of(obj))
        if current is None or uid_of(current) != uid_of(obj):
            return
        if current["kind"] == "Pod":
            self._pods.delete(current)
        else:
            self._world.remove(current)

    def delete_namespace(self, name: str) -> Process:
        """Everything from `kubectl delete namespace` to its end."""
        world = self._world
        namespace = world.get("namespaces", ("", name))
        if namespace is None:
            return
        dying = {"metadata": {"deletionTimestamp": timestamp(world.now())}, "status": {"phase": "Terminating"}}
        world.patch(namespace, CONTROLLER_MANAGER, "finalize", **dying)
        for resource in _CONTENTS:
            for each in world.store.list(resource, name):
                self.delete(each)
                yield 0.05
        for _ in range(90):
            if not any(world.store.list(resource, name) for resource in _SLOW):
                break
            yield 1.0
        for each in world.store.list("events", name):
            world.remove(each)
        final = world.get("namespaces", ("", name))
        if final is not None:
            world.remove(final)
