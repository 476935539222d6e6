"""Many pods from one template, cheaply: what they have in common is built once and shared."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from kwatch.simulator.managed_fields import BUILTIN_FIELDS
from kwatch.simulator.scenario.objects.kube import Object, owner_reference
from kwatch.simulator.scenario.objects.pod_template import HIGHEST_PRIORITIES

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


class PodMold:
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
