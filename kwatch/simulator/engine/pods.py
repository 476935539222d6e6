"""Pod templates from workloads, and many pods from one template, cheaply: what they have in common is shared."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from kwatch.simulator.engine.names import digest
from kwatch.simulator.engine.objects import Object, owner_reference, part, recommended_labels
from kwatch.simulator.managed_fields import BUILTIN_FIELDS
from kwatch.simulator.scenario.spec import CronWorkload, Part, Workload

HIGHEST_PRIORITIES = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}

_UNPRIVILEGED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
}
_DATA_PROBES = {
    "postgres": ["pg_isready", "-U", "shop", "-h", "127.0.0.1", "-p", "5432"],
    "redis": ["redis-cli", "-h", "127.0.0.1", "ping"],
}
_OWN_FIELDS = {"POD_NAME": "metadata.name", "POD_IP": "status.podIP"}
_SCRAPED = ("go", "java", "python", "node")


def _probe(http: Object | None, period: int, *, timeout: int = 1, failures: int = 3, **more: Any) -> Any:
    return part("Probe", http=http, period=period, timeout=timeout, failures=failures, **more)


def _probes(workload: Workload) -> dict[str, Object | None]:
    """How the main container is probed: by HTTP, or as a database is."""
    if workload.health:
        http = {"path": workload.health, "port": "http", "scheme": "HTTP"}
        startup = _probe(http, 5, failures=30) if workload.language == "java" else None
        return {"liveness": _probe(http, 15, delay=10), "readiness": _probe(http, 5), "startup": startup}
    command = _DATA_PROBES.get(workload.language)
    probe = _probe(None, 10, delay=5, failures=6, timeout=5, exec={"command": command}) if command else None
    return {"liveness": probe, "readiness": probe, "startup": None}


def _environment(workload: Workload) -> list[Object]:
    made: list[Object] = [{"name": name, "value": value} for name, value in workload.environment.items()]
    for name, path in _OWN_FIELDS.items():
        made.append({"name": name, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}})
    if workload.secret:
        reference = {"name": f"{workload.name}-credentials", "key": "password"}
        made.append({"name": "DATABASE_PASSWORD", "valueFrom": {"secretKeyRef": reference}})
    return made


def _main_container(workload: Workload) -> Any:
    """The container that a workload is about; named as the workload."""
    limits = {"cpu": workload.cpu_limit, "memory": workload.memory_limit}
    mounts: list[Object] = [{"name": "tmp", "mountPath": "/tmp"}]
    if workload.config:
        mounts.append({"name": "config", "readOnly": True, "mountPath": f"/etc/{workload.name}"})
    if workload.claim:
        mounts.append({"name": "data", "mountPath": f"/var/lib/{workload.name}"})
    return part(
        "Container",
        name=workload.name,
        image=workload.image,
        command=list(workload.command) or None,
        ports=[{"name": "http", "containerPort": workload.port, "protocol": "TCP"}],
        env_from=[{"configMapRef": {"name": f"{workload.name}-config"}}] if workload.config else None,
        env=_environment(workload),
        limits={name: limit for name, limit in limits.items() if limit} or None,
        cpu=workload.cpu,
        memory=workload.memory,
        mounts=mounts,
        security=None if workload.host_network else _UNPRIVILEGED,
        **_probes(workload),
    )


def _side_container(beside: Part) -> Any:
    """A container beside the main one; a native sidecar is an init container that keeps running."""
    port = {"name": f"{beside.name[:10].rstrip('-')}-port", "containerPort": beside.port, "protocol": "TCP"}
    return part(
        "Container",
        name=beside.name,
        image=beside.image,
        command=list(beside.command[:1]) or None,
        args=list(beside.command[1:]) if beside.command else None,
        ports=[port] if beside.port else None,
        limits={"memory": beside.memory_limit} if beside.memory_limit else None,
        cpu=beside.cpu,
        memory=beside.memory,
        restart="Always" if beside.native else None,
        security=_UNPRIVILEGED,
    )


def pod_template(workload: Workload) -> Object:
    """The template in a deployment, stateful set or daemon set."""
    annotations = {}
    if workload.health and workload.language in _SCRAPED:
        annotations = {"prometheus.io/scrape": "true", "prometheus.io/port": str(workload.port)}
    if workload.config:
        annotations["checksum/config"] = digest(workload.name + workload.tag)
    labels = recommended_labels(workload.name, workload.tag, workload.namespace) | workload.labels
    metadata: Object = {"labels": labels}
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": _pod_spec(workload)}


def _pod_spec(workload: Workload) -> Any:
    init = [*workload.init, *(each for each in workload.sidecars if each.native)]
    sidecars = [_side_container(each) for each in workload.sidecars if not each.native]
    daemon, deployment = workload.kind == "DaemonSet", workload.kind == "Deployment"
    spread = {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app": workload.name}},
    }
    return part(
        "PodSpec",
        volumes=_volumes(workload),
        init_containers=[_side_container(each) for each in init] or None,
        containers=[_main_container(workload), *sidecars],
        restart="Always",
        grace=60 if workload.language in ("java", "postgres") else 30,
        node_selector={"kubernetes.io/os": "linux"} if daemon else None,
        account=workload.service_account or "default",
        host_network=True if workload.host_network else None,
        security={} if workload.host_network else {"fsGroup": 65532, "runAsUser": 65532},
        pull_secrets=[{"name": "registry-credentials"}] if workload.private else None,
        tolerations=[{"operator": "Exists"}] if daemon and workload.nodes == "all" else None,
        priority=workload.priority or None,
        spread=[spread] if workload.replicas > 1 and deployment else None,
    )


def _volumes(workload: Workload) -> list[Object]:
    volumes: list[Object] = [{"name": "tmp", "emptyDir": {}}]
    if workload.config:
        volumes.append({"name": "config", "configMap": {"name": f"{workload.name}-config", "defaultMode": 420}})
    if workload.kind == "Deployment" and workload.claim:
        volumes.append({"name": "data", "persistentVolumeClaim": {"claimName": f"{workload.name}-data"}})
    return volumes


def job_template(cron: CronWorkload) -> Object:
    beside = Part(cron.name, cron.image, cron.command, cpu=cron.cpu, memory=cron.memory, memory_limit="1Gi")
    labels = recommended_labels(cron.name, cron.image.rsplit(":", 1)[1], cron.namespace)
    containers = [_side_container(beside)]
    spec = part("PodSpec", containers=containers, restart="Never", grace=30, account="default", security={})
    return {"metadata": {"labels": labels}, "spec": spec}


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
