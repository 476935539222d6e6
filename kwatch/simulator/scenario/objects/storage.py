"""Storage classes, claims and volumes."""

from __future__ import annotations

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.objects.kube import Object, name_of, namespace_of, uid_of
from kwatch.simulator.scenario.objects.metadata import metadata
from kwatch.simulator.scenario.timestamps import timestamp

PROVISIONER = "ebs.csi.aws.com"
_DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}


def storage_classes(created: float) -> list[Object]:
    """The kinds of volumes there are; gp3 is the default."""
    return [
        _storage_class("gp3", created, "Delete", {"type": "gp3", "encrypted": "true"}, _DEFAULT),
        _storage_class("io2-retain", created, "Retain", {"type": "io2", "iops": "6000", "encrypted": "true"}, {}),
        _storage_class("sc1", created, "Delete", {"type": "sc1"}, {}),
    ]


def _storage_class(
    name: str, created: float, reclaim: str, parameters: dict[str, str], annotations: dict[str, str]
) -> Object:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": metadata(name, annotations=annotations, created=created),
        "provisioner": PROVISIONER,
        "parameters": parameters,
        "reclaimPolicy": reclaim,
        "allowVolumeExpansion": True,
        "volumeBindingMode": "WaitForFirstConsumer",
    }


def claim(
    name: str, namespace: str, size: str, storage_class: str, labels: dict[str, str], created: float | None = None
) -> Object:
    """A claim that nothing is bound to yet."""
    made = metadata(name, namespace, labels=labels, created=created)
    made["finalizers"] = ["kubernetes.io/pvc-protection"]
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": made,
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": size}},
            "storageClassName": storage_class,
            "volumeMode": "Filesystem",
        },
        "status": {"phase": "Pending"},
    }


def volume_name(claim: Object) -> str:
    """What the provisioner calls the volume of a claim."""
    return f"pvc-{uid_of(claim)}"


def volume(claim: Object, zone: str, reclaim: str, at: float) -> Object:
    """The volume provisioned for a claim."""
    made = metadata(volume_name(claim), annotations={"pv.kubernetes.io/provisioned-by": PROVISIONER}, created=at)
    made["finalizers"] = ["external-provisioner.volume.kubernetes.io/finalizer", "kubernetes.io/pv-protection"]
    zone_term = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": made,
        "spec": {
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "csi": {
                "driver": PROVISIONER,
                "fsType": "ext4",
                "volumeHandle": f"vol-0{names.digest(uid_of(claim))[:16]}",
                "volumeAttributes": {"storage.kubernetes.io/csiProvisionerIdentity": f"1785-{PROVISIONER}"},
            },
            "accessModes": ["ReadWriteOnce"],
            "claimRef": {
                "kind": "PersistentVolumeClaim",
                "namespace": namespace_of(claim),
                "name": name_of(claim),
                "uid": uid_of(claim),
                "apiVersion": "v1",
            },
            "persistentVolumeReclaimPolicy": reclaim,
            "storageClassName": claim["spec"]["storageClassName"],
            "volumeMode": "Filesystem",
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [zone_term]}]}},
        },
        "status": {"phase": "Bound", "lastPhaseTransitionTime": timestamp(at)},
    }


def bound_annotations() -> dict[str, str]:
    """What a claim carries once its volume is found."""
    return {
        "pv.kubernetes.io/bind-completed": "yes",
        "pv.kubernetes.io/bound-by-controller": "yes",
        "volume.kubernetes.io/storage-provisioner": PROVISIONER,
    }
