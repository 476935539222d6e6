"""What surrounds the workloads: settings, secrets, nodes, volumes, leases, static pods, databases."""

from __future__ import annotations

import base64
import json
from random import Random
from typing import Any

import msgspec

from kwatch.base.timestamp import micro_timestamp, timestamp
from kwatch.simulator import names
from kwatch.simulator.engine import pod_status
from kwatch.simulator.engine.objects import (
    Object,
    condition,
    managed_entry,
    name_of,
    namespace_of,
    part,
    shape,
    uid_of,
    with_last_applied,
)
from kwatch.simulator.engine.shapes import PROVISIONER, labels_of
from kwatch.simulator.managed_fields import BUILTIN_FIELDS
from kwatch.simulator.scenario.spec import HELM, DatabaseSpec, StaticPod, Workload

REGION = "eu-central-1"


def fake_pem(label: str, seed: str, lines: int = 18) -> str:
    """Something that looks like a PEM block and is none."""
    body = "".join(names.digest(f"{seed} {index}") for index in range(lines))
    rows = [body[start : start + 64] for start in range(0, 64 * lines, 64)]
    return "\n".join([f"-----BEGIN {label}-----", *rows, f"-----END {label}-----", ""])


_ROOT_CA = fake_pem("CERTIFICATE", "cluster root")


def root_ca(namespace: str, created: float | None = None) -> Object:
    return shape("RootCA", namespace=namespace, created=created, certificate=_ROOT_CA)


def workload_config(workload: Workload, created: float | None = None) -> Object:
    name, labels = f"{workload.name}-config", labels_of(workload, managed=False)
    made = shape("ConfigMap", name, workload.namespace, labels=labels, created=created, data=_settings(workload))
    return made if workload.applied_by == HELM else with_last_applied(made)


def _settings(workload: Workload) -> dict[str, str]:
    own = {"name": workload.name, "port": workload.port}
    if workload.language in ("nginx", "redis", "postgres"):
        settings: dict[str, str] = part(f"{workload.language.title()}Settings", **own)
        return settings
    stable = names.stable_number(workload.name)
    shadow, cache = "on" if stable % 3 == 0 else "off", 30 + stable % 10 * 15
    settings = part("Settings", cache=cache, connections=str(50 + stable % 6 * 25), shadow=shadow)
    return settings | {f"{workload.name}.yaml": part("ServerSettings", timeout=1 + stable % 5, **own)}


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _secret(template: str, name: str, namespace: str, created: float | None, **values: Any) -> Object:
    """A secret; the template's data is plain text."""
    made = shape(template, name, namespace, created=created, **values)
    return {**made, "data": {key: _encoded(value) for key, value in made["data"].items()}}


def credentials(workload: str, namespace: str, created: float | None = None) -> Object:
    password = names.digest(f"{namespace}/{workload} password")[:24]
    user = workload.replace("-", "_")
    return _secret("Credentials", workload, namespace, created, user=user, password=password)


def registry_credentials(namespace: str, registry: str, created: float | None = None) -> Object:
    """What pulls images."""
    password = names.digest(f"{namespace} registry")[:32]
    login = {"username": "pull", "password": password, "auth": _encoded(f"pull:{password}")}
    return _secret("RegistryCredentials", "", namespace, created, login=json.dumps({"auths": {registry: login}}))


def certificate(workload: str, namespace: str, host: str, created: float | None = None) -> Object:
    """The certificate behind an ingress, as cert-manager keeps it."""
    text, key = fake_pem("CERTIFICATE", f"{host} certificate", 22), fake_pem("PRIVATE KEY", f"{host} key", 24)
    return _secret("Certificate", workload, namespace, created, host=host, certificate=text, key=key)


def helm_release(name: str, namespace: str, revision: int, created: float | None = None) -> Object:
    """What Helm remembers of a release."""
    body = base64.b64encode(names.digest(f"{name} {revision}").encode() * 6).decode()
    return _secret("HelmRelease", name, namespace, created, revision=str(revision), release=body)


_ZONES = ("a", "b", "c")
_CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
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
    if control_plane:
        labels = {_CONTROL_PLANE: "", "node.kubernetes.io/exclude-from-external-load-balancers": ""}
    else:
        labels = {"node-role.kubernetes.io/worker": "", "pool": "memory" if kind.startswith("r") else "general"}
    return shape(
        "Node",
        name,
        labels=labels,
        created=created,
        region=REGION,
        zone=REGION + _ZONES[index % len(_ZONES)],
        type=kind,
        instance=f"i-0{digest[:16]}",
        network=names.pod_ip(index, 0).rsplit(".", 1)[0] + ".0/24",
        taints=[{"key": _CONTROL_PLANE, "effect": "NoSchedule"}] if control_plane else None,
        cpu=str(cpu),
        memory=f"{kibibytes - 262144}Ki",
        free_cpu=f"{cpu * 1000 - 90}m",
        free_memory=f"{kibibytes - 1572864}Ki",
        conditions=_node_conditions(created, now),
        address=names.node_ip(index),
        machine_id=digest[:32],
        system_uuid=f"ec2{digest[:5]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}",
        boot_id=boot_id(name, 0),
        version=version,
    )


def _node_conditions(created: float, now: float) -> list[dict[str, Any]]:
    made = [condition("NetworkUnavailable", False, created + 40, "CiliumIsUp", "Cilium is running on this node")]
    for kind, (status, reason, message) in HEALTHY.items():
        made.append(condition(kind, status, created + 45 * (kind == "Ready"), reason, message))
    for each in made:
        each["lastHeartbeatTime"] = timestamp(now)
    return made


def boot_id(name: str, boots: int) -> str:
    """The id of a boot: another one after every reboot."""
    digest = names.digest(f"{name} boot {boots}")
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"


def image_entry(image: str) -> Object:
    """An image as a node reports to have it; its size follows from its name."""
    return {"names": [names.image_id(image), image], "sizeBytes": names.image_size(image)}


def static_pod(random: Random, node: Object, given: StaticPod, created: float) -> Object:
    """The mirror of one component of the control plane, running since then."""
    address = node["status"]["addresses"][0]["address"]
    own = {"node": name_of(node), "uid": uid_of(node), "address": address, "created": timestamp(created)}
    checksum = names.digest(f"{given.name} {given.image}")[:32]
    made: Object = part("StaticPod", checksum=checksum, **own, **msgspec.structs.asdict(given))
    made["status"] = pod_status.running_status(
        made, random, node_address=address, address=address, started=created, ready=created + 20
    )
    metadata = made["metadata"]
    authored = {key: metadata[key] for key in ("labels", "annotations", "ownerReferences")}
    fields = BUILTIN_FIELDS.fields_of({"metadata": authored, "spec": made["spec"]})
    reported = BUILTIN_FIELDS.fields_of({"status": made["status"]})
    metadata["managedFields"] = [
        managed_entry("kubelet", timestamp(created), "v1", fields),
        managed_entry("kubelet", timestamp(created + 20), "v1", reported, subresource="status"),
    ]
    return made


def node_lease(node: Object, renewed: float) -> Object:
    made = shape("NodeLease", name_of(node), uid=uid_of(node), renewed=micro_timestamp(renewed))
    made["metadata"]["creationTimestamp"] = node["metadata"]["creationTimestamp"]
    return made


def leader_lease(name: str, holder: str, acquired: float, renewed: float, created: float) -> Object:
    """The lock of a controller of which only one of several may work."""
    since, until = micro_timestamp(acquired), micro_timestamp(renewed)
    return shape("LeaderLease", name, created=created, holder=holder, acquired=since, renewed=until)


def claim(
    name: str, namespace: str, size: str, storage_class: str, labels: dict[str, str], created: float | None = None
) -> Object:
    """A claim that nothing is bound to yet."""
    own: dict[str, Any] = {"labels": labels, "size": size, "storage_class": storage_class}
    return shape("PersistentVolumeClaim", name, namespace, created=created, **own)


def volume(claim: Object, zone: str, reclaim: str, at: float) -> Object:
    made = part(
        "PersistentVolume",
        size=claim["spec"]["resources"]["requests"]["storage"],
        handle=names.digest(uid_of(claim))[:16],
        namespace=namespace_of(claim),
        claim=name_of(claim),
        uid=uid_of(claim),
        reclaim=reclaim,
        storage_class=claim["spec"]["storageClassName"],
        zone=zone,
        at=timestamp(at),
    )
    return {**made, "metadata": {**made["metadata"], "creationTimestamp": timestamp(at)}}


BOUND = {
    "pv.kubernetes.io/bind-completed": "yes",
    "pv.kubernetes.io/bound-by-controller": "yes",
    "volume.kubernetes.io/storage-provisioner": PROVISIONER,
}
"""What a claim is annotated with once its volume is found."""


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
