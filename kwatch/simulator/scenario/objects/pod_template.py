"""Pod templates: what a workload's pods are made from."""

from __future__ import annotations

from typing import Any

from kwatch.simulator.scenario.inventory.workload import CronWorkload, Part, Workload
from kwatch.simulator.scenario.names import digest
from kwatch.simulator.scenario.objects.container import main_container, side_container
from kwatch.simulator.scenario.objects.kube import Object
from kwatch.simulator.scenario.objects.metadata import recommended_labels

HIGHEST_PRIORITIES = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}


def pod_labels(workload: Workload) -> dict[str, str]:
    """The labels of a workload's pods, before its controller adds its own."""
    return recommended_labels(workload.name, workload.tag, workload.namespace) | dict(workload.labels)


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
    init += [side_container(part, sidecar=True) for part in workload.sidecars if _is_native_sidecar(part)]
    if init:
        spec["initContainers"] = init
    spec["containers"] = [main_container(workload)]
    spec["containers"] += [side_container(part) for part in workload.sidecars if not _is_native_sidecar(part)]
    spec["restartPolicy"] = "Always"
    spec["terminationGracePeriodSeconds"] = 60 if workload.language in ("java", "postgres") else 30
    spec["dnsPolicy"] = "ClusterFirst"
    _add_placement(spec, workload)
    return spec


def _is_native_sidecar(part: Part) -> bool:
    return part.name == "otel-agent"


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
