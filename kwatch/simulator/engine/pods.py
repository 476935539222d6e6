"""The pods of controllers: made from templates, cheaply (what many have in common is shared), deleted and evicted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from kwatch.base.timestamp import timestamp
from kwatch.simulator import names
from kwatch.simulator.engine.kubelet import Kubelet
from kwatch.simulator.engine.objects import (
    Object,
    is_terminating,
    name_of,
    namespace_of,
    owner_reference,
    revised,
    uid_of,
)
from kwatch.simulator.engine.recorder import Recorder
from kwatch.simulator.engine.shapes import TRACKING
from kwatch.simulator.engine.world import World
from kwatch.simulator.managed_fields import BUILTIN_FIELDS

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


HIGHEST_PRIORITIES = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}

TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"

_DEFAULT_TOLERATIONS = [
    {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
    {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
]
_DAEMON_TOLERATIONS = [
    {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": effect}
    for key, effect in (
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
        ("network-unavailable", "NoSchedule"),
    )
]
_TOKEN_SOURCES = {
    "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {
            "downwardAPI": {
                "items": [
                    {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}},
                ]
            }
        },
    ],
    "defaultMode": 420,
}


class PodFactory:
    """Makes the pods of one owner as it posts them and admission completes them: pending, bound to no node."""

    def __init__(self, template: Object, namespace: str, *, for_daemon: bool = False) -> None:
        self.namespace = namespace
        spec = template["spec"]
        self._labels: Mapping[str, str] = template["metadata"].get("labels", {})
        self._annotations: Mapping[str, str] = template["metadata"].get("annotations", {})
        self._template_spec = spec
        self._owners: list[Object] = []
        self._volumes = spec.get("volumes", [])
        self._common = dict(spec)
        tolerations = spec.get("tolerations", [])
        self._common["tolerations"] = [*tolerations, *(_DAEMON_TOLERATIONS if for_daemon else _DEFAULT_TOLERATIONS)]
        priority = HIGHEST_PRIORITIES.get(spec.get("priorityClassName", ""), 0)
        self._common |= {"priority": priority, "enableServiceLinks": True, "preemptionPolicy": "PreemptLowerPriority"}
        self.containers: list[dict[str, Any]] = spec["containers"]
        self.init_containers: list[dict[str, Any]] = spec.get("initContainers", [])
        self.qos_class = _qos_class([*self.containers, *self.init_containers])

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
        mount = {"name": volume, "readOnly": True, "mountPath": TOKEN_PATH}
        made = {**self._common, **spec}
        made["volumes"] = [
            *self._volumes,
            *({"name": key, "persistentVolumeClaim": {"claimName": claim}} for key, claim in claims.items()),
            {"name": volume, "projected": _TOKEN_SOURCES},
        ]
        made["containers"] = [_mounting(container, mount) for container in self.containers]
        if self.init_containers:
            made["initContainers"] = [_mounting(container, mount) for container in self.init_containers]
        status = {"phase": "Pending", "qosClass": self.qos_class}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": made, "status": status}

    @cached_property
    def spec_fields(self) -> dict[str, Any]:
        """What a controller is said to have written of the spec, for managedFields."""
        return BUILTIN_FIELDS.fields_of(self._template_spec, "spec")


def _mounting(container: dict[str, Any], mount: dict[str, Any]) -> dict[str, Any]:
    return {**container, "volumeMounts": [*container.get("volumeMounts", ()), mount]}


def _qos_class(containers: list[dict[str, Any]]) -> str:
    resources = [container.get("resources", {}) for container in containers]
    if not any(each.get("requests") or each.get("limits") for each in resources):
        return "BestEffort"
    for each in resources:
        limits, requests = each.get("limits", {}), each.get("requests", {})
        if limits.keys() != {"cpu", "memory"} or limits != requests:
            return "Burstable"
    return "Guaranteed"
