"""What surrounds the workloads: namespaces, settings, secrets, nodes, volumes, leases, static pods, databases."""

from __future__ import annotations

import base64
import json
from random import Random
from typing import Any

from kwatch.simulator.engine import names, pod_status
from kwatch.simulator.engine.names import micro_timestamp, timestamp
from kwatch.simulator.engine.objects import (
    Object,
    condition,
    managed_entry,
    metadata,
    name_of,
    namespace_of,
    shape,
    uid_of,
    with_last_applied,
)
from kwatch.simulator.engine.shapes import PROVISIONER, applied, labels_of
from kwatch.simulator.managed_fields import BUILTIN_FIELDS
from kwatch.simulator.scenario.spec import DatabaseSpec, StaticPod, Workload

REGION = "eu-central-1"


def namespace(name: str, labels: dict[str, str], created: float | None = None) -> Object:
    return shape("Namespace", metadata(name, labels={"kubernetes.io/metadata.name": name, **labels}, created=created))


def service_account(name: str, namespace: str, created: float | None = None) -> Object:
    return shape("ServiceAccount", metadata(name, namespace, created=created))


def fake_pem(label: str, seed: str, lines: int = 18) -> str:
    """Something that looks like a PEM block and is none."""
    body = "".join(names.digest(f"{seed} {index}") for index in range(lines))
    rows = [body[start : start + 64] for start in range(0, 64 * lines, 64)]
    return "\n".join([f"-----BEGIN {label}-----", *rows, f"-----END {label}-----", ""])


_ROOT_CA = {"ca.crt": fake_pem("CERTIFICATE", "cluster root")}
_ROOT_CA_NOTE = {
    "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using "
    "internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across "
    "distributions of Kubernetes clusters."
}


def root_ca(namespace: str, created: float | None = None) -> Object:
    made = metadata("kube-root-ca.crt", namespace, annotations=_ROOT_CA_NOTE, created=created)
    return shape("ConfigMap", made, data=_ROOT_CA)


def workload_config(workload: Workload, created: float | None = None) -> Object:
    made = metadata(f"{workload.name}-config", workload.namespace, created=created)
    made["labels"] = labels_of(workload, managed=False)
    return applied(workload, shape("ConfigMap", made, data=_settings(workload)))


def _settings(workload: Workload) -> dict[str, str]:
    if workload.language == "nginx":
        return {
            "nginx.conf": _NGINX.format(name=workload.name, port=workload.port),
            "FEATURE_FLAGS": "new-header=on,one-page-checkout=off",
        }
    if workload.language == "redis":
        return {"redis.conf": "maxmemory 400mb\nmaxmemory-policy allkeys-lru\nappendonly yes\nsave 900 1\n"}
    if workload.language == "postgres":
        return {"postgresql.conf": "max_connections = 300\nshared_buffers = 512MB\nlog_min_duration_statement = 250\n"}
    stable = names.stable_number(workload.name)
    return {
        "LOG_LEVEL": "info",
        "CACHE_TTL": f"{30 + stable % 10 * 15}s",
        "MAX_CONNECTIONS": str(50 + stable % 6 * 25),
        "FEATURE_FLAGS": f"retries=on,shadow-traffic={'on' if stable % 3 == 0 else 'off'}",
        f"{workload.name}.yaml": _YAML.format(name=workload.name, port=workload.port, timeout=1 + stable % 5),
    }


_NGINX = """worker_processes auto;
events {{ worker_connections 4096; }}
http {{
  server {{
    listen {port};
    location / {{ root /usr/share/nginx/html; try_files $uri /index.html; }}
    location /api/ {{ proxy_pass http://gateway.{name}.svc; proxy_read_timeout 5s; }}
  }}
}}
"""

_YAML = """server:
  address: 0.0.0.0:{port}
  timeout: {timeout}s
  graceful_shutdown: 15s
tracing:
  endpoint: http://localhost:4317
  sample: 0.05
service: {name}
"""


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _secret(name: str, namespace: str, kind: str, data: dict[str, str], created: float | None, **more: Any) -> Object:
    """A secret of a type; `data` is plain text here and base64 in the object."""
    encoded = {key: _encoded(value) for key, value in data.items()}
    return shape("Secret", metadata(name, namespace, created=created, **more), data=encoded, type=kind)


def credentials(workload: str, namespace: str, created: float | None = None) -> Object:
    password = names.digest(f"{namespace}/{workload} password")[:24]
    data = {
        "username": workload.replace("-", "_"),
        "password": password,
        "url": f"postgres://{workload}:{password}@postgres.shop.svc:5432/{workload}?sslmode=verify-full",
    }
    return _secret(f"{workload}-credentials", namespace, "Opaque", data, created)


def registry_credentials(namespace: str, registry: str, created: float | None = None) -> Object:
    password = names.digest(f"{namespace} registry")[:32]
    login = {"username": "pull", "password": password, "auth": _encoded(f"pull:{password}")}
    data = {".dockerconfigjson": json.dumps({"auths": {registry: login}})}
    return _secret("registry-credentials", namespace, "kubernetes.io/dockerconfigjson", data, created)


def certificate(workload: str, namespace: str, host: str, created: float | None = None) -> Object:
    """The certificate behind an ingress, as cert-manager keeps it."""
    data = {
        "tls.crt": fake_pem("CERTIFICATE", f"{host} certificate", 22),
        "tls.key": fake_pem("PRIVATE KEY", f"{host} key", 24),
    }
    annotations = {
        "cert-manager.io/alt-names": host,
        "cert-manager.io/certificate-name": f"{workload}-tls",
        "cert-manager.io/common-name": host,
        "cert-manager.io/issuer-kind": "ClusterIssuer",
        "cert-manager.io/issuer-name": "letsencrypt",
    }
    labels = {"controller.cert-manager.io/fao": "true"}
    name = f"{workload}-tls"
    return _secret(name, namespace, "kubernetes.io/tls", data, created, annotations=annotations, labels=labels)


def helm_release(name: str, namespace: str, revision: int, created: float | None = None) -> Object:
    body = base64.b64encode(names.digest(f"{name} {revision}").encode() * 6).decode()
    labels = {"name": name, "owner": "helm", "status": "deployed", "version": str(revision)}
    full_name = f"sh.helm.release.v1.{name}.v{revision}"
    return _secret(full_name, namespace, "helm.sh/release.v1", {"release": body}, created, labels=labels)


_ZONES = ("a", "b", "c")
HEALTHY = {
    "MemoryPressure": ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    "DiskPressure": ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    "PIDPressure": ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    "Ready": ("True", "KubeletReady", "kubelet is posting ready status"),
}
"""Status, reason and message of each condition that the kubelet of a healthy node reports."""


def node(index: int, name: str, *, control_plane: bool, created: float, now: float, version: str) -> Object:
    """One machine; its zone, type and addresses follow from its index."""
    zone = REGION + _ZONES[index % len(_ZONES)]
    kind = "m7i.large" if control_plane else ("m7i.2xlarge" if index % 4 else "r7i.2xlarge")
    cpu, gibibytes = (2, 8) if control_plane else (8, 64 if kind.startswith("r") else 32)
    kibibytes = gibibytes * 2**20 - 4 * index
    instance, digest = f"i-0{names.digest(name)[:16]}", names.digest(name)
    annotations = {
        "csi.volume.kubernetes.io/nodeid": f'{{"{PROVISIONER}":"{instance}"}}',
        "node.alpha.kubernetes.io/ttl": "0",
        "volumes.kubernetes.io/controller-managed-attach-detach": "true",
    }
    return shape(
        "Node",
        metadata(name, labels=_node_labels(name, zone, kind, control_plane), annotations=annotations, created=created),
        name=name,
        region=REGION,
        zone=zone,
        instance=instance,
        network=names.pod_ip(index, 0).rsplit(".", 1)[0] + ".0/24",
        taints=[{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}] if control_plane else None,
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


def _node_labels(name: str, zone: str, kind: str, control_plane: bool) -> dict[str, str]:
    labels = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": kind,
        "topology.kubernetes.io/region": REGION,
        "topology.kubernetes.io/zone": zone,
    }
    if not control_plane:
        return labels | {
            "node-role.kubernetes.io/worker": "",
            "pool": "memory" if kind.startswith("r") else "general",
        }
    load_balancers = "node.kubernetes.io/exclude-from-external-load-balancers"
    return labels | {"node-role.kubernetes.io/control-plane": "", load_balancers: ""}


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
    made = shape(
        "StaticPod",
        name=given.name,
        node=name_of(node),
        uid=uid_of(node),
        image=given.image,
        cpu=given.cpu,
        memory=given.memory,
        port=given.port,
        address=address,
        created=timestamp(created),
        checksum=names.digest(f"{given.name} {given.image}")[:32],
    )
    own = made["metadata"]
    made["status"] = pod_status.running_status(
        made, random, node_address=address, address=address, started=created, ready=created + 20
    )
    authored = {key: own[key] for key in ("labels", "annotations", "ownerReferences")}
    fields = BUILTIN_FIELDS.fields_of({"metadata": authored, "spec": made["spec"]})
    reported = BUILTIN_FIELDS.fields_of({"status": made["status"]})
    own["managedFields"] = [
        managed_entry("kubelet", timestamp(created), "v1", fields),
        managed_entry("kubelet", timestamp(created + 20), "v1", reported, subresource="status"),
    ]
    return made


def node_lease(node: Object, renewed: float, created: float | None = None) -> Object:
    name = name_of(node)
    made = metadata(name, "kube-node-lease", created=created)
    made["ownerReferences"] = [{"apiVersion": "v1", "kind": "Node", "name": name, "uid": uid_of(node)}]
    times: dict[str, Any] = {"acquired": None, "renewed": micro_timestamp(renewed), "transitions": None}
    return shape("Lease", made, holder=name, seconds=40, **times)


def leader_lease(
    name: str, namespace: str, holder: str, acquired: float, renewed: float, created: float | None = None
) -> Object:
    """The lock of a controller of which only one of several may work."""
    made = metadata(name, namespace, created=created)
    times = {"acquired": micro_timestamp(acquired), "renewed": micro_timestamp(renewed)}
    return shape("Lease", made, holder=holder, seconds=15, transitions=3, **times)


def claim(
    name: str, namespace: str, size: str, storage_class: str, labels: dict[str, str], created: float | None = None
) -> Object:
    made = metadata(name, namespace, labels=labels, created=created)
    made["finalizers"] = ["kubernetes.io/pvc-protection"]
    return shape("PersistentVolumeClaim", made, size=size, storage_class=storage_class)


def volume(claim: Object, zone: str, reclaim: str, at: float) -> Object:
    notes = {"pv.kubernetes.io/provisioned-by": PROVISIONER}
    made = metadata(f"pvc-{uid_of(claim)}", annotations=notes, created=at)
    made["finalizers"] = ["external-provisioner.volume.kubernetes.io/finalizer", "kubernetes.io/pv-protection"]
    return shape(
        "PersistentVolume",
        made,
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


def bound_annotations() -> dict[str, str]:
    return {
        "pv.kubernetes.io/bind-completed": "yes",
        "pv.kubernetes.io/bound-by-controller": "yes",
        "volume.kubernetes.io/storage-provisioner": PROVISIONER,
    }


def database(given: DatabaseSpec, now: float) -> Object:
    created = now - given.age_days * 86_400.0
    used = round(given.size * 0.41, 1)
    made = shape(
        "Database",
        metadata(given.name, given.namespace, created=created),
        name=given.name,
        namespace=given.namespace,
        engine=given.engine,
        version=given.version,
        replicas=given.replicas,
        size=given.size,
        port=6379 if given.engine == "redis" else 5432,
        used=used,
        backed_up=timestamp(now - given.backed_up),
        backup=f"{used * 0.38:.1f}",
        conditions=[condition("Ready", True, created + 90, "AllReplicasReady", "all replicas are ready")],
    )
    return with_last_applied(made)
