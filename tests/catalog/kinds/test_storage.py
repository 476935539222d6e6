"""Volumes, claims, classes and drivers in states that the recordings do not show."""

from __future__ import annotations

from typing import Any

import pytest

from tests.catalog.kinds.printing import ago, cell, cells, kind_of

LEGACY = {"annotations": {"volume.beta.kubernetes.io/storage-class": "old"}}


def test_a_volume() -> None:
    obj: dict[str, Any] = {
        "spec": {
            "capacity": {"storage": "10Gi"},
            "accessModes": ["ReadWriteMany", "ReadWriteOnce", "ReadOnlyMany", "ReadWriteOncePod", "ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": "fast",
            "volumeAttributesClassName": "gold",
            "volumeMode": "Block",
        },
        "status": {"phase": "Failed", "reason": "Broken"},
    }
    shown = ["10Gi", "RWO,ROX,RWX,RWOP", "Delete", "Failed", "", "fast", "gold", "Broken", "90s", "Block"]
    assert cells("persistentvolumes", obj) == shown
    obj["metadata"] = LEGACY | {"deletionTimestamp": ago(3)}
    assert cell("persistentvolumes", "Status", obj) == "Terminating"
    assert cell("persistentvolumes", "StorageClass", obj) == "old"


def test_a_volume_that_says_nothing_shows_what_the_server_assumes() -> None:
    shown = ["0", "", "Retain", "Pending", "", "", "<unset>", "", "90s", "Filesystem"]
    assert cells("persistentvolumes", {}) == shown


def test_a_claim_shows_capacity_only_when_it_has_a_volume() -> None:
    status = {"phase": "Bound", "capacity": {"storage": "5Gi"}, "accessModes": ["ReadWriteOnce"]}
    unbound = cells("persistentvolumeclaims", {"status": status})
    assert unbound == ["Bound", "", "", "", "", "<unset>", "90s", "Filesystem"]
    bound = cells("persistentvolumeclaims", {"spec": {"volumeName": "v", "storageClassName": "s"}, "status": status})
    assert bound == ["Bound", "v", "5Gi", "RWO", "s", "<unset>", "90s", "Filesystem"]
    assert cell("persistentvolumeclaims", "StorageClass", {"metadata": LEGACY}) == "old"
    deleted = {"metadata": {"deletionTimestamp": ago(1)}, "status": status}
    assert cell("persistentvolumeclaims", "Status", deleted) == "Terminating"


def test_capacities_sort_by_size() -> None:
    column = kind_of("persistentvolumes").columns[1]
    assert sorted(["1Ti", "10Gi", "9Gi", "500Mi"], key=column.order) == ["500Mi", "9Gi", "10Gi", "1Ti"]
    assert column.compare == "quantity"


@pytest.mark.parametrize("prefix", ["storageclass.kubernetes.io", "storageclass.beta.kubernetes.io"])
def test_the_default_storage_class_is_marked(prefix: str) -> None:
    marked = {"metadata": {"annotations": {f"{prefix}/is-default-class": "true"}}, "provisioner": "p"}
    assert cell("storageclasses", "Name", marked) == "x (default)"
    assert cells("storageclasses", marked) == ["p", "Delete", "Immediate", False, "90s"]
    assert cell("storageclasses", "Name", {"provisioner": "p"}) == "x"


def test_classes_attachments_and_drivers() -> None:
    assert cells("volumeattributesclasses", {"driverName": "d"}) == ["d", "90s"]
    spec: dict[str, Any] = {"attacher": "a", "nodeName": "n", "source": {"persistentVolumeName": "v"}}
    assert cells("volumeattachments", {"spec": spec, "status": {"attached": True}}) == ["a", "v", "n", True, "90s"]
    assert cells("csidrivers", {"spec": {}}) == [True, False, False, "<unset>", False, "Persistent", "90s"]
    spec = {
        "attachRequired": False,
        "tokenRequests": [{"audience": "a"}, {"audience": ""}],
        "volumeLifecycleModes": ["Persistent", "Ephemeral"],
        "requiresRepublish": True,
    }
    assert cells("csidrivers", {"spec": spec}) == [False, False, False, "a,", True, "Persistent,Ephemeral", "90s"]
    assert cells("csinodes", {"spec": {"drivers": [{"name": "a"}, {"name": "b"}]}}) == [2, "90s"]
    assert cells("csistoragecapacities", {"capacity": "5Gi"}) == [ago(90)]
