"""What the objects of a cluster look like: the templates of objects.yaml, filled in.

Every function returns a new object as a plain dict; `created` is a time of the past, None for an object made now.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from kwatch.base.timestamp import timestamp
from kwatch.simulator import names
from kwatch.simulator.engine.objects import (
    Object,
    condition,
    name_of,
    namespace_of,
    part,
    recommended_labels,
    shape,
    uid_of,
    with_last_applied,
)
from kwatch.simulator.scenario.spec import HELM, KUBECTL, CronWorkload, DatabaseSpec, Part, Workload

REVISION_HASH = "controller-revision-hash"
PROVISIONER = "ebs.csi.aws.com"


def _labels_of(workload: Workload) -> dict[str, str]:
    return recommended_labels(workload.name, workload.tag, workload.namespace)


def of_workload(
    template: str,
    workload: Workload,
    created: float | None = None,
    /,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] = {},
    **values: Any,
) -> Object:
    """An object named like its workload, whose fields the template may use; as its author leaves it: kubectl's way of
    applying is annotated, Helm's is not.
    """
    given = msgspec.structs.asdict(workload) | values
    given["labels"] = _labels_of(workload) if labels is None else labels
    made = shape(template, created=created, annotations=annotations, **given)
    return made if workload.applied_by == HELM else with_last_applied(made)


def workload_object(workload: Workload, created: float | None = None) -> Object:
    """The deployment, stateful set or daemon set as its author writes it, without a status."""
    labels, annotations, deployed = _labels_of(workload), {}, workload.kind == "Deployment"
    if workload.applied_by == HELM:
        labels["app.kubernetes.io/managed-by"] = "Helm"
        if deployed:
            annotations["meta.helm.sh/release-name"] = workload.name
            annotations["meta.helm.sh/release-namespace"] = workload.namespace
    elif deployed and workload.applied_by != KUBECTL:
        labels["app.kubernetes.io/managed-by"] = "argocd"
    return of_workload(workload.kind, workload, created, labels, annotations, template=pod_template(workload))


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
    beside = Part(cron.name, cron.image, cron.command, cpu=cron.cpu, memory=cron.memory, memory_limit="1Gi")
    spec = part("PodSpec", containers=[_side_container(beside)], restart="Never", grace=30, account="default")
    values = msgspec.structs.asdict(cron) | {"template": {"metadata": {"labels": labels}, "spec": spec}}
    return with_last_applied(shape("CronJob", labels=labels, created=created, **values))


def job(cron: Object, scheduled: float, uid: str, created: float | None = None) -> Object:
    """The job of one scheduled time of a cron job; `uid` is the new job's own, which its pods are labelled with."""
    spec, metadata = cron["spec"]["jobTemplate"]["spec"], cron["spec"]["jobTemplate"]["metadata"]
    name = f"{name_of(cron)}-{int(scheduled // 60)}"
    own = {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
        "controller-uid": uid,
        "job-name": name,
    }
    template = spec["template"]
    labelled = {**template["metadata"], "labels": {**template["metadata"]["labels"], **own}}
    return shape(
        "Job",
        name,
        namespace_of(cron),
        labels=metadata["labels"],
        owner=cron,
        created=created,
        scheduled=timestamp(scheduled),
        uid=uid,
        deadline=spec["activeDeadlineSeconds"],
        backoff_limit=spec["backoffLimit"],
        template={**template, "metadata": labelled},
    )


def disruption_budget(workload: Workload, created: float | None = None) -> Object:
    """How many pods of a workload may be evicted at a time; its controller fills the status."""
    return of_workload("PodDisruptionBudget", workload, created, {})


def autoscaler(workload: Workload, created: float | None = None) -> Object:
    """A horizontal pod autoscaler on CPU; its controller fills the status."""
    least, most, target = workload.autoscale or (1, workload.replicas, 80)
    return of_workload("HorizontalPodAutoscaler", workload, created, least=least, most=most, target=target)


def service(workload: Workload, index: int, created: float | None = None) -> Object:
    """The service in front of a workload; `index` decides its address."""
    headless, balanced = workload.service == "headless", workload.service == "LoadBalancer"
    return of_workload(
        "Service",
        workload,
        created,
        name=f"{workload.name}-headless" if headless else workload.name,
        app=workload.name,
        port=80 if workload.port == 8080 and not headless else workload.port,
        node_port=30443 if balanced else None,
        address="None" if headless else names.service_ip(index),
        type="ClusterIP" if headless else workload.service,
        balanced=balanced,
        balancer=balancer_of(workload.name),
    )


def balancer_of(service: str) -> str:
    return f"k8s-ingress-{names.digest(service)[:10]}.elb.eu-central-1.example.com"


def endpoint_slice(service: Object, suffix: str, created: float | None = None, **filled: Any) -> Object:
    """The endpoint slice of a service, without endpoints and ports unless they are given."""
    name = name_of(service)
    values = {"endpoints": [], "ports": [], "service": name, "app": service["spec"]["selector"]["app"], **filled}
    values["headless"] = service["spec"]["clusterIP"] == "None"
    own: dict[str, Any] = {"owner": service, "generate_name": f"{name}-", "created": created, **values}
    return shape("EndpointSlice", f"{name}-{suffix}", namespace_of(service), **own)


def endpoints(service: Object, created: float | None = None, **filled: Any) -> Object:
    """The older form of the same, without addresses unless `subsets` are given."""
    values = {"subsets": [], "app": service["spec"]["selector"]["app"], "created": created, **filled}
    return shape("Endpoints", name_of(service), namespace_of(service), **values)


_SCRAPED = ("go", "java", "python", "node")


def pod_template(workload: Workload) -> Object:
    """The template in a deployment, stateful set or daemon set."""
    annotations = {}
    if workload.health and workload.language in _SCRAPED:
        annotations = {"prometheus.io/scrape": "true", "prometheus.io/port": str(workload.port)}
    if workload.config:
        annotations["checksum/config"] = names.digest(workload.name + workload.tag)
    metadata: Object = {"labels": _labels_of(workload) | workload.labels}
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": _pod_spec(workload)}


def _pod_spec(workload: Workload) -> Any:
    init = [*workload.init, *(each for each in workload.sidecars if each.native)]
    sidecars = [_side_container(each) for each in workload.sidecars if not each.native]
    daemon, deployment = workload.kind == "DaemonSet", workload.kind == "Deployment"
    values = msgspec.structs.asdict(workload) | {
        "mounting": True,
        "claimed": deployment and workload.claim,
        "init_containers": [_side_container(each) for each in init] or None,
        "containers": [_main_container(workload), *sidecars],
        "restart": "Always",
        "grace": 60 if workload.language in ("java", "postgres") else 30,
        "daemon": daemon,
        "account": workload.service_account or "default",
        "own_user": not workload.host_network,
        "everywhere": daemon and workload.nodes == "all",
        "priority": workload.priority or None,
        "spread": deployment and workload.replicas > 1,
    }
    return part("PodSpec", **values)


def _main_container(workload: Workload) -> Any:
    """The container that a workload is about; named as the workload."""
    limits = {"cpu": workload.cpu_limit, "memory": workload.memory_limit}
    environment = [{"name": name, "value": value} for name, value in workload.environment.items()]
    values = msgspec.structs.asdict(workload) | {
        "mounting": True,
        "command": [*workload.command] or None,
        "ports": [{"name": "http", "containerPort": workload.port, "protocol": "TCP"}],
        "env": [*environment, *part("Environment", name=workload.name, secret=workload.secret)],
        "limits": {name: limit for name, limit in limits.items() if limit} or None,
        "unprivileged": not workload.host_network,
        **_probes(workload),
    }
    return part("Container", **values)


def _probes(workload: Workload) -> dict[str, Object]:
    """How the main container is probed: by HTTP, or as a database is."""
    if workload.health:
        probes: dict[str, Object] = part("HTTPProbes", health=workload.health, slow=workload.language == "java")
        return probes
    if workload.language not in ("postgres", "redis"):
        return {}
    probe = part("DatabaseProbe", **{workload.language: True})
    return {"liveness": probe, "readiness": probe}


def _side_container(beside: Part) -> Any:
    """A container beside the main one; a native sidecar is an init container that keeps running."""
    port = {"name": f"{beside.name[:10].rstrip('-')}-port", "containerPort": beside.port, "protocol": "TCP"}
    values = msgspec.structs.asdict(beside) | {
        "command": [*beside.command[:1]] or None,
        "args": [*beside.command[1:]] if beside.command else None,
        "ports": [port] if beside.port else None,
        "limits": {"memory": beside.memory_limit} if beside.memory_limit else None,
        "unprivileged": True,
    }
    return part("Container", **values)


def fake_pem(label: str, seed: str, lines: int = 18) -> str:
    """Something that looks like a PEM block and is none."""
    body = "".join(names.digest(f"{seed} {index}") for index in range(lines))
    rows = [body[start : start + 64] for start in range(0, 64 * lines, 64)]
    return "\n".join([f"-----BEGIN {label}-----", *rows, f"-----END {label}-----", ""])


_ROOT_CA = fake_pem("CERTIFICATE", "cluster root")


def root_ca(namespace: str, created: float | None = None) -> Object:
    return shape("RootCA", namespace=namespace, created=created, certificate=_ROOT_CA)


def workload_config(workload: Workload, created: float | None = None) -> Object:
    stable, own = names.stable_number(workload.name), {"name": workload.name, "port": workload.port}
    if workload.language in ("nginx", "redis", "postgres"):
        settings: dict[str, str] = part(f"{workload.language.title()}Settings", **own)
    else:
        shadow, cache = "on" if stable % 3 == 0 else "off", 30 + stable % 10 * 15
        settings = part("Settings", cache=cache, connections=str(50 + stable % 6 * 25), shadow=shadow)
        settings |= {f"{workload.name}.yaml": part("ServerSettings", timeout=1 + stable % 5, **own)}
    return of_workload("ConfigMap", workload, created, name=f"{workload.name}-config", data=settings)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def secret(template: str, name: str, namespace: str, created: float | None = None, **values: Any) -> Object:
    """A secret; the template's data is plain text."""
    made = shape(template, name, namespace, created=created, **values)
    return {**made, "data": {key: encoded(value) for key, value in made["data"].items()}}


def certificate(workload: Workload, created: float | None = None) -> Object:
    """The certificate behind an ingress, as cert-manager keeps it."""
    text = fake_pem("CERTIFICATE", f"{workload.host} certificate", 22)
    values = {"host": workload.host, "certificate": text, "key": fake_pem("PRIVATE KEY", f"{workload.host} key", 24)}
    return secret("Certificate", workload.name, workload.namespace, created, **values)


HEALTHY = {
    "MemoryPressure": ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    "DiskPressure": ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    "PIDPressure": ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    "Ready": ("True", "KubeletReady", "kubelet is posting ready status"),
}
"""Status, reason and message of each condition that the kubelet of a healthy node reports."""


def node(index: int, name: str, *, control_plane: bool, created: float, now: float, version: str) -> Object:
    """One machine; its zone, type and addresses follow from its index."""
    kind = "m7i.large" if control_plane else ("m7i.2xlarge" if index % 4 else "r7i.2xlarge")
    cpu, gibibytes = (2, 8) if control_plane else (8, 64 if kind.startswith("r") else 32)
    kibibytes = gibibytes * 2**20 - 4 * index
    digest = names.digest(name)
    conditions = [condition("NetworkUnavailable", False, created + 40, "CiliumIsUp", "Cilium is running on this node")]
    for healthy, (status, reason, message) in HEALTHY.items():
        conditions.append(condition(healthy, status, created + 45 * (healthy == "Ready"), reason, message))
    return shape(
        "Node",
        name,
        created=created,
        control_plane=control_plane,
        worker=not control_plane,
        pool=None if control_plane else ("memory" if kind.startswith("r") else "general"),
        zone=f"eu-central-1{'abc'[index % 3]}",
        type=kind,
        instance=f"i-0{digest[:16]}",
        network=names.pod_ip(index, 0).rsplit(".", 1)[0] + ".0/24",
        cpu=str(cpu),
        memory=f"{kibibytes - 262144}Ki",
        free_cpu=f"{cpu * 1000 - 90}m",
        free_memory=f"{kibibytes - 1572864}Ki",
        conditions=[{**each, "lastHeartbeatTime": timestamp(now)} for each in conditions],
        address=names.node_ip(index),
        machine_id=digest[:32],
        system_uuid=f"ec2{digest[:5]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}",
        boot_id=boot_id(name, 0),
        version=version,
    )


def boot_id(name: str, boots: int) -> str:
    """The id of a boot: another one after every reboot."""
    digest = names.digest(f"{name} boot {boots}")
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"


def claim(
    name: str, namespace: str, size: str, storage_class: str, labels: dict[str, str], created: float | None = None
) -> Object:
    """A claim that nothing is bound to yet."""
    own: dict[str, Any] = {"labels": labels, "size": size, "storage_class": storage_class}
    return shape("PersistentVolumeClaim", name, namespace, created=created, **own)


def volume(claim: Object, zone: str, reclaim: str, at: float) -> Object:
    return shape(
        "PersistentVolume",
        f"pvc-{uid_of(claim)}",
        created=at,
        size=claim["spec"]["resources"]["requests"]["storage"],
        handle=names.digest(uid_of(claim))[:16],
        claim_namespace=namespace_of(claim),
        claim=name_of(claim),
        uid=uid_of(claim),
        reclaim=reclaim,
        storage_class=claim["spec"]["storageClassName"],
        zone=zone,
        at=timestamp(at),
    )


BOUND = {
    "pv.kubernetes.io/bind-completed": "yes",
    "pv.kubernetes.io/bound-by-controller": "yes",
    "volume.kubernetes.io/storage-provisioner": PROVISIONER,
}
"""What a claim is annotated with once its volume is found."""


def bound_status(claim: Object, volume: Object) -> Object:
    modes, capacity = claim["spec"]["accessModes"], volume["spec"]["capacity"]
    return {"phase": "Bound", "accessModes": modes, "capacity": capacity}


def database(given: DatabaseSpec, now: float) -> Object:
    created = now - given.age_days * 86_400.0
    used = round(given.size * 0.41, 1)
    values = msgspec.structs.asdict(given) | {
        "port": 6379 if given.engine == "redis" else 5432,
        "used": used,
        "backed_up": timestamp(now - given.backed_up),
        "backup": f"{used * 0.38:.1f}",
        "conditions": [condition("Ready", True, created + 90, "AllReplicasReady", "all replicas are ready")],
    }
    return with_last_applied(shape("Database", created=created, **values))
