"""Pod templates from workloads, and many pods from one template, cheaply: what they have in common is shared."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from kwatch.simulator.engine.names import digest
from kwatch.simulator.engine.objects import Object, owner_reference, recommended_labels
from kwatch.simulator.managed_fields import BUILTIN_FIELDS
from kwatch.simulator.scenario.spec import CronWorkload, Part, Workload

_UNPRIVILEGED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
}


def _finished(container: dict[str, Any]) -> dict[str, Any]:
    container["terminationMessagePath"] = "/dev/termination-log"
    container["terminationMessagePolicy"] = "File"
    container["imagePullPolicy"] = "IfNotPresent"
    return container


def _resources(cpu: str, memory: str, cpu_limit: str, memory_limit: str) -> dict[str, Any]:
    limits = {key: value for key, value in (("cpu", cpu_limit), ("memory", memory_limit)) if value}
    made: dict[str, Any] = {"limits": limits} if limits else {}
    made["requests"] = {"cpu": cpu, "memory": memory}
    return made


def http_probe(path: str, port: str, *, delay: int = 0, period: int = 10, failures: int = 3) -> dict[str, Any]:
    """An HTTP probe."""
    probe: dict[str, Any] = {"httpGet": {"path": path, "port": port, "scheme": "HTTP"}}
    if delay:
        probe["initialDelaySeconds"] = delay
    return probe | {"timeoutSeconds": 1, "periodSeconds": period, "successThreshold": 1, "failureThreshold": failures}


def _exec_probe(*command: str) -> dict[str, Any]:
    return {
        "exec": {"command": list(command)},
        "initialDelaySeconds": 5,
        "timeoutSeconds": 5,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 6,
    }


_DATA_PROBES = {
    "postgres": ("pg_isready", "-U", "shop", "-h", "127.0.0.1", "-p", "5432"),
    "redis": ("redis-cli", "-h", "127.0.0.1", "ping"),
}


def _environment(workload: Workload) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = [{"name": name, "value": value} for name, value in workload.environment.items()]
    made.append({"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}})
    made.append({"name": "POD_IP", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}}})
    if workload.secret:
        reference = {"name": f"{workload.name}-credentials", "key": "password"}
        made.append({"name": "DATABASE_PASSWORD", "valueFrom": {"secretKeyRef": reference}})
    return made


def main_container(workload: Workload) -> dict[str, Any]:
    """The container that a workload is about; named as the workload."""
    made: dict[str, Any] = {"name": workload.name, "image": workload.image}
    if workload.command:
        made["command"] = list(workload.command)
    made["ports"] = [{"name": "http", "containerPort": workload.port, "protocol": "TCP"}]
    if workload.config:
        made["envFrom"] = [{"configMapRef": {"name": f"{workload.name}-config"}}]
    made["env"] = _environment(workload)
    made["resources"] = _resources(workload.cpu, workload.memory, workload.cpu_limit, workload.memory_limit)
    mounts = [{"name": "tmp", "mountPath": "/tmp"}]
    if workload.config:
        mounts.append({"name": "config", "readOnly": True, "mountPath": f"/etc/{workload.name}"})  # type: ignore[dict-item]
    if workload.claim:
        mounts.append({"name": "data", "mountPath": f"/var/lib/{workload.name}"})
    made["volumeMounts"] = mounts
    _add_probes(made, workload)
    if not workload.host_network:
        made["securityContext"] = _UNPRIVILEGED
    return _finished(made)


def _add_probes(container: dict[str, Any], workload: Workload) -> None:
    if workload.health:
        container["livenessProbe"] = http_probe(workload.health, "http", delay=10, period=15)
        container["readinessProbe"] = http_probe(workload.health, "http", period=5)
        if workload.language == "java":
            container["startupProbe"] = http_probe(workload.health, "http", period=5, failures=30)
    elif workload.language in _DATA_PROBES:
        container["livenessProbe"] = _exec_probe(*_DATA_PROBES[workload.language])
        container["readinessProbe"] = _exec_probe(*_DATA_PROBES[workload.language])


def side_container(part: Part, *, sidecar: bool = False) -> dict[str, Any]:
    """A container beside the main one; `sidecar` is an init container that keeps running."""
    made: dict[str, Any] = {"name": part.name, "image": part.image}
    if part.command:
        made["command"] = list(part.command[:1])
        made["args"] = list(part.command[1:])
    if part.port:
        made["ports"] = [{"name": f"{part.name[:10].rstrip('-')}-port", "containerPort": part.port, "protocol": "TCP"}]
    made["resources"] = _resources(part.cpu, part.memory, "", part.memory_limit)
    if sidecar:
        made["restartPolicy"] = "Always"
    made["securityContext"] = _UNPRIVILEGED
    return _finished(made)


HIGHEST_PRIORITIES = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}


def pod_labels(workload: Workload) -> dict[str, str]:
    """The labels of a workload's pods, before its controller adds its own."""
    return recommended_labels(workload.name, workload.tag, workload.namespace) | workload.labels


def pod_template(workload: Workload) -> Object:
    """The template in a deployment, stateful set or daemon set."""
    annotations = {}
    if workload.health and workload.language in ("go", "java", "python", "node"):
        annotations = {"prometheus.io/scrape": "true", "prometheus.io/port": str(workload.port)}
    if workload.config:
        annotations["checksum/config"] = digest(workload.name + workload.tag)
    metadata: Object = {"labels": pod_labels(workload)}
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": _spec(workload)}


def _spec(workload: Workload) -> Object:
    spec: Object = {}
    volumes = _volumes(workload)
    if volumes:
        spec["volumes"] = volumes
    init = [side_container(part) for part in workload.init]
    init += [side_container(part, sidecar=True) for part in workload.sidecars if part.native]
    if init:
        spec["initContainers"] = init
    spec["containers"] = [main_container(workload)]
    spec["containers"] += [side_container(part) for part in workload.sidecars if not part.native]
    spec["restartPolicy"] = "Always"
    spec["terminationGracePeriodSeconds"] = 60 if workload.language in ("java", "postgres") else 30
    spec["dnsPolicy"] = "ClusterFirst"
    _add_placement(spec, workload)
    return spec


def _add_placement(spec: Object, workload: Workload) -> None:
    if workload.kind == "DaemonSet":
        spec["nodeSelector"] = {"kubernetes.io/os": "linux"}
    spec["serviceAccountName"] = spec["serviceAccount"] = workload.service_account or "default"
    if workload.host_network:
        spec["hostNetwork"] = True
    spec["securityContext"] = {} if workload.host_network else {"fsGroup": 65532, "runAsUser": 65532}
    if workload.namespace in ("shop", "payments") and workload.kind == "Deployment":
        spec["imagePullSecrets"] = [{"name": "registry-credentials"}]
    spec["schedulerName"] = "default-scheduler"
    if workload.kind == "DaemonSet" and workload.nodes == "all":
        spec["tolerations"] = [{"operator": "Exists"}]
    if workload.priority:
        spec["priorityClassName"] = workload.priority
    if workload.replicas > 1 and workload.kind == "Deployment":
        spec["topologySpreadConstraints"] = [
            {
                "maxSkew": 1,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app": workload.name}},
            }
        ]


def _volumes(workload: Workload) -> list[dict[str, Any]]:
    volumes: list[dict[str, Any]] = [{"name": "tmp", "emptyDir": {}}]
    if workload.config:
        volumes.append({"name": "config", "configMap": {"name": f"{workload.name}-config", "defaultMode": 420}})
    if workload.kind == "Deployment" and workload.claim:
        volumes.append({"name": "data", "persistentVolumeClaim": {"claimName": f"{workload.name}-data"}})
    return volumes


def job_template(cron: CronWorkload) -> Object:
    """The template of a cron job's pods."""
    part = Part(cron.name, cron.image, cron.command, cpu=cron.cpu, memory=cron.memory, memory_limit="1Gi")
    return {
        "metadata": {"labels": recommended_labels(cron.name, cron.image.rsplit(":", 1)[1], cron.namespace)},
        "spec": {
            "containers": [side_container(part)],
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst",
            "serviceAccountName": "default",
            "serviceAccount": "default",
            "securityContext": {},
            "schedulerName": "default-scheduler",
        },
    }


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
