"""Nodes: machines with their zones, capacities, conditions and images."""

from __future__ import annotations

from typing import Any

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.inventory.kube_system import VERSION
from kwatch.simulator.scenario.objects.conditions import condition
from kwatch.simulator.scenario.objects.kube import Object
from kwatch.simulator.scenario.objects.metadata import metadata
from kwatch.simulator.scenario.timestamps import timestamp

REGION = "eu-central-1"
ZONES = ("a", "b", "c")

_HEALTHY = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)


def node(index: int, name: str, *, control_plane: bool, created: float, now: float) -> Object:
    """One machine; its zone, type and addresses follow from its index."""
    zone = REGION + ZONES[index % len(ZONES)]
    kind = "m7i.large" if control_plane else ("m7i.2xlarge" if index % 4 else "r7i.2xlarge")
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
    if control_plane:
        labels |= {
            "node-role.kubernetes.io/control-plane": "",
            "node.kubernetes.io/exclude-from-external-load-balancers": "",
        }
    else:
        labels |= {"node-role.kubernetes.io/worker": "", "pool": "memory" if kind.startswith("r") else "general"}
    instance = f"i-0{names.digest(name)[:16]}"
    annotations = {
        "csi.volume.kubernetes.io/nodeid": f'{{"ebs.csi.aws.com":"{instance}"}}',
        "node.alpha.kubernetes.io/ttl": "0",
        "volumes.kubernetes.io/controller-managed-attach-detach": "true",
    }
    spec: Object = {"podCIDR": _pod_network(index), "podCIDRs": [_pod_network(index)]}
    spec["providerID"] = f"aws:///{zone}/{instance}"
    if control_plane:
        spec["taints"] = [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata(name, labels=labels, annotations=annotations, created=created),
        "spec": spec,
        "status": _status(index, name, control_plane, kind, created, now),
    }


def _pod_network(index: int) -> str:
    return names.pod_ip(index, 0).rsplit(".", 1)[0] + ".0/24"


def _status(index: int, name: str, control_plane: bool, kind: str, created: float, now: float) -> Object:
    cpu, memory = (2, 8) if control_plane else (8, 64 if kind.startswith("r") else 32)
    gibibyte = 1024 * 1024
    capacity = {
        "cpu": str(cpu),
        "ephemeral-storage": "104779756Ki",
        "hugepages-1Gi": "0",
        "hugepages-2Mi": "0",
        "memory": f"{memory * gibibyte - 262144 - 4 * index}Ki",
        "pods": "110",
    }
    allocatable = {
        **capacity,
        "cpu": f"{cpu * 1000 - 90}m",
        "ephemeral-storage": "95491281146",
        "memory": f"{memory * gibibyte - 1572864 - 4 * index}Ki",
    }
    return {
        "capacity": capacity,
        "allocatable": allocatable,
        "conditions": _conditions(created, now),
        "addresses": [
            {"type": "InternalIP", "address": names.node_ip(index)},
            {"type": "Hostname", "address": name},
            {"type": "InternalDNS", "address": f"{name}.{REGION}.compute.internal"},
        ],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": _info(name),
        "images": [],
        "runtimeHandlers": [{"name": "", "features": {"recursiveReadOnlyMounts": True, "userNamespaces": True}}],
        "features": {"supplementalGroupsPolicy": True},
    }


def _conditions(created: float, now: float) -> list[dict[str, Any]]:
    made = [condition("NetworkUnavailable", False, created + 40, "CiliumIsUp", "Cilium is running on this node")]
    made += [condition(kind, False, created, reason, message) for kind, reason, message in _HEALTHY]
    made.append(condition("Ready", True, created + 45, "KubeletReady", "kubelet is posting ready status"))
    for each in made:
        each["lastHeartbeatTime"] = timestamp(now)
    return made


def boot_id(name: str, boots: int) -> str:
    """The id of a boot: another one after every reboot."""
    digest = names.digest(f"{name} boot {boots}")
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"


def _info(name: str) -> Object:
    digest = names.digest(name)
    return {
        "machineID": digest[:32],
        "systemUUID": f"ec2{digest[:5]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}",
        "bootID": boot_id(name, 0),
        "kernelVersion": "6.12.48-cloud-amd64",
        "osImage": "Debian GNU/Linux 13 (trixie)",
        "containerRuntimeVersion": "containerd://2.1.4",
        "kubeletVersion": VERSION,
        "kubeProxyVersion": "",
        "operatingSystem": "linux",
        "architecture": "amd64",
        "swap": {"capacity": 0},
    }


def image_entry(image: str) -> Object:
    """An image as a node reports to have it; its size follows from its name."""
    size = 9_000_000 + names.stable_number(image) % 280_000_000
    return {"names": [names.image_id(image), image], "sizeBytes": size}
