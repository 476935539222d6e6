"""Containers of a pod template, with the defaults that the API server fills in."""

from __future__ import annotations

from typing import Any

from kwatch.simulator.scenario.inventory.workload import Part, Workload

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
    made: list[dict[str, Any]] = [{"name": name, "value": value} for name, value in workload.environment]
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
