"""What follows the pods: endpoint slices and endpoints, disruption budgets, resource quotas; and what goes with its
owner or its namespace.
"""

from __future__ import annotations

from functools import partial

from kwatch.base.timestamp import timestamp
from kwatch.simulator.engine.controller import Controller, PodControl, used_by
from kwatch.simulator.engine.objects import (
    DEPLOYMENT,
    NODE,
    POD,
    STATEFUL_SET,
    Object,
    app_of,
    condition,
    conditions_of,
    is_terminating,
    key_of,
    merge_patch,
    name_of,
    namespace_of,
    resource_of,
    uid_of,
    with_condition,
)
from kwatch.simulator.engine.pod_status import is_active, is_ready, main_container
from kwatch.simulator.engine.world import CONTROLLER_MANAGER, Key, Process, Recorder, World


class _AppController(Controller):
    """What looks after objects that each are for the pods of one app, those it was told to watch."""

    def __init__(self, world: World, recorder: Recorder, pods: PodControl) -> None:
        super().__init__(world, recorder, pods)
        self._watched: dict[Key, dict[Key, None]] = {}
        """Namespace and app -> the objects."""

    def app(self, obj: Object) -> str:
        """The app that an object is for; empty if it is for none."""
        raise NotImplementedError

    def watch(self, obj: Object) -> None:
        if app := self.app(obj):
            self._watched.setdefault((namespace_of(obj), app), {})[key_of(obj)] = None

    def watching(self, pod: Object) -> list[Key]:
        return [*self._watched.get(app_of(pod), ())]

    def on_owned(self, pod: Object, gone: bool) -> None:
        for key in self.watching(pod):
            self.queue.add(key)


class EndpointsController(_AppController):
    resource = "services"
    delay = (0.05, 0.25)

    def app(self, service: Object) -> str:
        return str(service["spec"].get("selector", {}).get("app", ""))

    def on_own(self, service: Object, gone: bool) -> None:
        """Know what it selects, as long as it is there."""
        for watching in self._watched.values():
            watching.pop(key_of(service), None)
        if not gone:
            self.watch(service)
            self.queue.add(key_of(service))

    def act(self, service: Object) -> None:
        """Write what the pods say into the service's slice and endpoints, if it differs."""
        selector = service["spec"].get("selector", {})
        if not selector:
            return
        known = self.world.pods_of_app(namespace_of(service), self.app(service))
        pods = reachable([pod for pod in known if selector.items() <= pod["metadata"].get("labels", {}).items()])
        endpoints = [slice_endpoint(pod, self._zone(pod)) for pod in pods]
        for each in self.world.children(service, "endpointslices.discovery.k8s.io")[:1]:
            ports = slice_ports(service, pods)
            if (each["endpoints"], each.get("ports", [])) != (endpoints, ports):
                self._write(each, {"endpoints": endpoints, "ports": ports})
        old = self.world.get("endpoints", key_of(service))
        subsets = subsets_of(service, pods)
        if old is not None and old["subsets"] != subsets:
            self._write(old, {"subsets": subsets})

    def _write(self, old: Object, changes: Object) -> None:
        note = {"metadata": {"annotations": change_trigger(self.world.now())}}
        self.world.update({**merge_patch(old, note), **changes}, CONTROLLER_MANAGER)

    def _zone(self, pod: Object) -> str:
        node = self.world.get(NODE, ("", pod["spec"]["nodeName"]))
        return str(node["metadata"]["labels"]["topology.kubernetes.io/zone"]) if node else ""


def slice_endpoint(pod: Object, zone: str) -> Object:
    ready, terminating = is_ready(pod), is_terminating(pod)
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": ready and not terminating, "serving": ready, "terminating": terminating},
        "nodeName": pod["spec"]["nodeName"],
        "targetRef": _target(pod),
        "zone": zone,
    }


def _target(pod: Object) -> Object:
    return {"kind": "Pod", "name": name_of(pod), "namespace": namespace_of(pod), "uid": uid_of(pod)}


def change_trigger(at: float) -> dict[str, str]:
    """The annotation that says when what the endpoints follow from changed."""
    return {"endpoints.kubernetes.io/last-change-trigger-time": timestamp(at)}


def reachable(pods: list[Object]) -> list[Object]:
    """The pods that have an address and run, in the order of their names."""
    found = [pod for pod in pods if pod["status"].get("podIP") and pod["status"]["phase"] == "Running"]
    return sorted(found, key=name_of)


def slice_ports(service: Object, pods: list[Object]) -> list[Object]:
    """The ports of a slice: those of the pods that the service's ports mean."""
    if not pods:
        return []
    given = service["spec"]["ports"][0]
    target, ports = given.get("targetPort", given["port"]), main_container(pods[0]).get("ports", ())
    named = (each["containerPort"] for each in ports if each.get("name") == target)
    port = target if isinstance(target, int) else next(named, None)
    return [] if port is None else [{"name": given.get("name", ""), "port": port, "protocol": "TCP"}]


def subsets_of(service: Object, pods: list[Object]) -> list[Object]:
    """The subsets of the older endpoints: ready and unready addresses."""
    staying = [pod for pod in pods if not is_terminating(pod)]
    if not staying or not slice_ports(service, pods):
        return []
    subset: Object = {}
    for name, wanted in (("addresses", True), ("notReadyAddresses", False)):
        listed = [
            {"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"], "targetRef": _target(pod)}
            for pod in staying
            if is_ready(pod) is wanted
        ]
        if listed:
            subset[name] = listed
    return [{**subset, "ports": slice_ports(service, pods)}]


class DisruptionController(_AppController):
    """Keeps the status of disruption budgets, which evictions ask."""

    resource = "poddisruptionbudgets.policy"
    delay = (0.1, 0.4)

    def listen(self) -> None:
        """Only pods concern it."""
        self.world.on_change(POD, self.on_owned)

    def app(self, budget: Object) -> str:
        return str(budget["spec"]["selector"]["matchLabels"]["app"])

    def allows(self, pod: Object) -> bool:
        """Whether a pod may be evicted now."""
        budgets = [self.world.get(self.resource, key) for key in self.watching(pod)]
        return not is_ready(pod) or all(self._status(each)["disruptionsAllowed"] > 0 for each in budgets if each)

    def act(self, budget: Object) -> None:
        self.world.report(budget, self._status(budget))

    def _status(self, budget: Object) -> Object:
        """How many pods there should be, how many must stay, and how many may be evicted."""
        key = (namespace_of(budget), self.app(budget))
        pods = self.world.pods_of_app(*key)
        owner = self.world.get(DEPLOYMENT, key) or self.world.get(STATEFUL_SET, key)
        expected = owner["spec"]["replicas"] if owner else len(pods)
        least = budget["spec"]["minAvailable"]
        if isinstance(least, str):
            least = -(-expected * int(least.rstrip("%")) // 100)
        healthy = sum(is_ready(pod) for pod in pods if is_active(pod))
        allowed = max(0, healthy - least)
        generation = budget["metadata"]["generation"]
        reason = "SufficientPods" if allowed else "InsufficientPods"
        made = condition("DisruptionAllowed", allowed > 0, self.world.now(), reason)
        made |= {"message": "", "observedGeneration": generation}
        return {
            "observedGeneration": generation,
            "disruptionsAllowed": allowed,
            "currentHealthy": healthy,
            "desiredHealthy": least,
            "expectedPods": expected,
            "conditions": with_condition(conditions_of(budget), made),
        }


class QuotaController(Controller):
    """Counts what the pods of a namespace with a quota ask for."""

    resource = "resourcequotas"
    delay = (2.0, 4.0)

    def __init__(self, world: World, recorder: Recorder, pods: PodControl) -> None:
        super().__init__(world, recorder, pods)
        self._pods: dict[str, dict[Key, None]] = {}

    def on_own(self, quota: Object, gone: bool) -> None:
        if not gone and namespace_of(quota) not in self._pods:
            self.watch(quota)
        super().on_own(quota, gone)

    def watch(self, quota: Object) -> None:
        pods = self.world.store.list(POD, namespace_of(quota))
        self._pods[namespace_of(quota)] = dict.fromkeys(map(key_of, pods))

    def on_owned(self, pod: Object, gone: bool) -> None:
        known = self._pods.get(namespace_of(pod))
        if known is None:
            return
        if gone:
            known.pop(key_of(pod), None)
        else:
            known[key_of(pod)] = None
        for quota in self.world.store.list(self.resource, namespace_of(pod)):
            self.queue.add(key_of(quota))

    def act(self, quota: Object) -> None:
        """What the pods of its namespace ask for, of what it limits."""
        pods = (self.world.get(POD, key) for key in self._pods.get(namespace_of(quota), ()))
        used = {**used_by(pod for pod in pods if pod is not None), "services.loadbalancers": "0"}
        hard = quota["spec"]["hard"]
        self.world.report(quota, {"hard": hard, "used": {name: used[name] for name in hard if name in used}})


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
