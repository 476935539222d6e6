"""What workloads, their pods and their services look like: the templates of objects.yaml, filled in.

Every function returns a new object as a plain dict; `created` is a time of the past, None for an object made now.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kwatch.base.timestamp import timestamp
from kwatch.simulator import names
from kwatch.simulator.engine.objects import (
    Object,
    name_of,
    namespace_of,
    part,
    recommended_labels,
    shape,
    with_last_applied,
)
from kwatch.simulator.scenario.spec import HELM, KUBECTL, CronWorkload, Part, Workload

REVISION_HASH = "controller-revision-hash"
PROVISIONER = "ebs.csi.aws.com"
TRACKING = "batch.kubernetes.io/job-tracking"
_BALANCER = "k8s-ingress-{}.elb.eu-central-1.example.com"


def labels_of(workload: Workload, *, managed: bool = True) -> dict[str, str]:
    """The labels of a workload's own objects; whether they say what manages them."""
    labels = recommended_labels(workload.name, workload.tag, workload.namespace)
    if managed and workload.applied_by == HELM:
        labels["app.kubernetes.io/managed-by"] = "Helm"
    return labels


def of_workload(
    template: str,
    workload: Workload,
    created: float | None,
    /,
    labels: Mapping[str, str] = {},
    annotations: Mapping[str, str] = {},
    **values: Any,
) -> Object:
    """An object named like its workload, whose fields the template may use; as its author leaves it: kubectl's way of
    applying is annotated, Helm's is not.
    """
    values = {**msgspec.structs.asdict(workload), **values, "labels": labels, "annotations": annotations}
    made = shape(template, created=created, **values)
    return made if workload.applied_by == HELM else with_last_applied(made)


def deployment(workload: Workload, created: float | None = None) -> Object:
    """A deployment as its author writes it, without a status."""
    labels, annotations = labels_of(workload), {}
    if workload.applied_by == HELM:
        annotations = {"meta.helm.sh/release-name": workload.name}
        annotations["meta.helm.sh/release-namespace"] = workload.namespace
    elif workload.applied_by != KUBECTL:
        labels["app.kubernetes.io/managed-by"] = "argocd"
    return of_workload("Deployment", workload, created, labels, annotations, template=pod_template(workload))


def stateful_set(workload: Workload, created: float | None = None) -> Object:
    """A stateful set without a status."""
    claim = part("ClaimTemplate", size=workload.claim, storage_class=workload.storage_class)
    claims = [claim] if workload.claim else None
    labels, template = labels_of(workload), pod_template(workload)
    return of_workload("StatefulSet", workload, created, labels, template=template, claims=claims)


def daemon_set(workload: Workload, created: float | None = None) -> Object:
    """A daemon set without a status."""
    return of_workload("DaemonSet", workload, created, labels_of(workload), template=pod_template(workload))


def revision_hash(owner: Object) -> str:
    """The hash of the present template, as its pods carry it: a stateful set's begins with its name."""
    made = names.template_hash(owner["spec"]["template"])
    return f"{name_of(owner)}-{made}" if owner["kind"] == "StatefulSet" else made


def controller_revision(owner: Object, number: int, created: float | None = None) -> Object:
    value = revision_hash(owner)
    return shape(
        "ControllerRevision",
        value if owner["kind"] == "StatefulSet" else f"{name_of(owner)}-{value}",
        namespace_of(owner),
        labels={"app": owner["spec"]["selector"]["matchLabels"]["app"], REVISION_HASH: value},
        owner=owner,
        created=created,
        template={"$patch": "replace", **owner["spec"]["template"]},
        revision=number,
    )


def cron_job(cron: CronWorkload, created: float | None = None) -> Object:
    """A cron job without a status."""
    labels = recommended_labels(cron.name, cron.image.rsplit(":", 1)[1], cron.namespace)
    values = msgspec.structs.asdict(cron)
    return with_last_applied(shape("CronJob", labels=labels, created=created, template=job_template(cron), **values))


def job(cron: Object, scheduled: float, uid: str, created: float | None = None) -> Object:
    """The job of one scheduled time of a cron job; `uid` is the new job's own, which its pods are labelled with."""
    spec = cron["spec"]["jobTemplate"]["spec"]
    name = f"{name_of(cron)}-{int(scheduled // 60)}"
    own = {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
        "controller-uid": uid,
        "job-name": name,
    }
    template = spec["template"]
    labelled = {**template["metadata"], "labels": {**template["metadata"]["labels"], **own}}
    made = shape(
        "Job",
        name,
        namespace_of(cron),
        labels=cron["spec"]["jobTemplate"]["metadata"]["labels"],
        owner=cron,
        created=created,
        scheduled=timestamp(scheduled),
        uid=uid,
        deadline=spec["activeDeadlineSeconds"],
        backoff_limit=spec["backoffLimit"],
        template={**template, "metadata": labelled},
    )
    made["metadata"]["uid"] = uid
    return made


def disruption_budget(workload: Workload, created: float | None = None) -> Object:
    """How many pods of a workload may be evicted at a time; its controller fills the status."""
    return with_last_applied(shape("PodDisruptionBudget", created=created, **_only(workload, "min_available")))


def autoscaler(workload: Workload, created: float | None = None) -> Object:
    """A horizontal pod autoscaler on CPU; its controller fills the status."""
    least, most, target = workload.autoscale or (1, workload.replicas, 80)
    more = {"least": least, "most": most, "target": target, **_only(workload, "replicas")}
    return with_last_applied(
        shape("HorizontalPodAutoscaler", labels=labels_of(workload, managed=False), created=created, **more)
    )


def _only(workload: Workload, field: str) -> dict[str, Any]:
    return {"name": workload.name, "namespace": workload.namespace, field: getattr(workload, field)}


def service(workload: Workload, index: int, created: float | None = None) -> Object:
    """The service in front of a workload; `index` decides its address."""
    headless = workload.service == "headless"
    port: dict[str, Any] = {"name": "http", "protocol": "TCP", "port": workload.port, "targetPort": "http"}
    if not headless and workload.port == 8080:
        port["port"] = 80
    made = shape(
        "Service",
        f"{workload.name}-headless" if headless else workload.name,
        workload.namespace,
        labels=labels_of(workload, managed=False),
        created=created,
        port=port,
        selector={"app": workload.name},
        address="None" if headless else names.service_ip(index),
        type="ClusterIP" if headless else workload.service,
    )
    if workload.service == "LoadBalancer":
        port["nodePort"] = 30443
        external = {"externalTrafficPolicy": "Local", "allocateLoadBalancerNodePorts": True}
        made["spec"] |= {**external, "healthCheckNodePort": 32100}
        host = _BALANCER.format(names.digest(workload.name)[:10])
        made["status"] = {"loadBalancer": {"ingress": [{"hostname": host}]}}
    return made if workload.applied_by == HELM else with_last_applied(made)


def endpoint_slice(service: Object, suffix: str, created: float | None = None) -> Object:
    """The endpoint slice of a service, still without endpoints."""
    name = name_of(service)
    labels = {
        "app": service["spec"]["selector"]["app"],
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": name,
    }
    if service["spec"]["clusterIP"] == "None":
        labels["service.kubernetes.io/headless"] = ""
    own: dict[str, Any] = {"labels": labels, "owner": service, "generate_name": f"{name}-", "created": created}
    return shape("EndpointSlice", f"{name}-{suffix}", namespace_of(service), **own)


def endpoints(service: Object, created: float | None = None) -> Object:
    """The older form of the same, still without addresses."""
    labels = {"app": service["spec"]["selector"]["app"], "endpoints.kubernetes.io/managed-by": "endpoint-controller"}
    return shape("Endpoints", name_of(service), namespace_of(service), labels=labels, created=created)


def ingress(workload: Workload, created: float | None = None) -> Object:
    balancer = _BALANCER.format(names.digest("ingress-nginx-controller")[:10])
    more = {"created": created, "balancer": balancer, **_only(workload, "host")}
    return with_last_applied(shape("Ingress", labels=labels_of(workload, managed=False), **more))


def api_service(addresses: list[str], created: float) -> list[Object]:
    """The service in front of the API servers, with its endpoints; it selects no pods."""

    def made(kind: str, labels: dict[str, str], **values: Any) -> Object:
        return shape(kind, "kubernetes", "default", labels=labels, created=created, **values)

    port = {"name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443}
    own = {"component": "apiserver", "provider": "kubernetes"}
    service = made("Service", own, port=port, address=names.service_ip(0), type="ClusterIP")
    ports = [{"name": "https", "port": 6443, "protocol": "TCP"}]
    older = made("Endpoints", {"endpointslice.kubernetes.io/skip-mirror": "true"})
    older["subsets"] = [{"addresses": [{"ip": address} for address in addresses], "ports": ports}]
    newer = made("EndpointSlice", {"kubernetes.io/service-name": "kubernetes"})
    newer |= {"endpoints": [{"addresses": addresses, "conditions": {"ready": True}}], "ports": ports}
    return [service, older, newer]


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
        annotations["checksum/config"] = names.digest(workload.name + workload.tag)
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
