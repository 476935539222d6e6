"""By which values objects are found."""

from __future__ import annotations

from typing import Any

import pytest

from kwatch.catalog import indices
from kwatch.catalog.indices import column_index, indexers_for, indexers_on_demand, path_index
from kwatch.catalog.jsonpath import parse_json_path
from kwatch.catalog.registry import kind_for
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from tests.catalog.recorded import columns_by_resource, named, resource_of

POD_SPEC: dict[str, Any] = {
    "serviceAccountName": "robot",
    "nodeName": "n1",
    "imagePullSecrets": [{"name": "pull"}],
    "initContainers": [{"name": "i", "image": "busybox"}],
    "containers": [
        {
            "name": "a",
            "image": "nginx:1",
            "env": [
                {"name": "PLAIN", "value": "x"},
                {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "k"}}},
                {"name": "B", "valueFrom": {"secretKeyRef": {"name": "token", "key": "k"}}},
                {"name": "C", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            ],
            "envFrom": [{"configMapRef": {"name": "shared"}}, {"secretRef": {"name": "keys"}}],
        },
        {"name": "b", "image": "nginx:1"},
    ],
    "volumes": [
        {"name": "v1", "configMap": {"name": "settings"}},
        {"name": "v2", "secret": {"secretName": "tls"}},
        {"name": "v3", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "v4", "emptyDir": {}},
        {"name": "v5", "projected": {"sources": [{"configMap": {"name": "ca"}}, {"secret": {"name": "sa"}}, {}]}},
    ],
}
POD = {
    "metadata": {
        "name": "p",
        "namespace": "shop",
        "labels": {"app": "cart"},
        "annotations": {"note": "x", "other": "y"},
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "rs", "uid": "u1"}],
    },
    "spec": POD_SPEC,
    "status": {"phase": "Pending"},
}
EXPECTED = {
    indices.IMAGE_INDEX: {"busybox", "nginx:1"},
    indices.SERVICE_ACCOUNT_INDEX: {"shop/robot"},
    indices.CONFIG_MAP_INDEX: {"shop/settings", "shop/shared", "shop/ca"},
    indices.SECRET_INDEX: {"shop/pull", "shop/tls", "shop/sa", "shop/keys", "shop/token"},
    indices.CLAIM_INDEX: {"shop/data"},
}


def _values(resource: str, index: str, obj: dict[str, Any]) -> list[str]:
    functions = indexers_for(named(resource)) | indexers_on_demand(named(resource))
    return list(functions[index](KubeObject.of(obj)))


@pytest.mark.parametrize(("index", "values"), EXPECTED.items())
def test_a_pod_is_found_by_what_it_uses(index: str, values: set[str]) -> None:
    found = _values("pods", index, POD)
    assert set(found) == values
    assert len(found) == len(values)


@pytest.mark.parametrize("index", EXPECTED)
def test_workloads_are_found_by_their_template(index: str) -> None:
    template = {"spec": POD_SPEC}
    shapes: dict[str, dict[str, Any]] = {
        "deployments": {"spec": {"template": template}},
        "jobs": {"spec": {"template": template}},
        "cronjobs": {"spec": {"jobTemplate": {"spec": {"template": template}}}},
        "podtemplates": {"template": template},
    }
    for resource, shape in shapes.items():
        obj = {"metadata": {"name": "w", "namespace": "shop"}} | shape
        assert set(_values(resource, index, obj)) == EXPECTED[index], resource


@pytest.mark.parametrize(
    ("index", "values"),
    [
        ("namespace", ["shop"]),
        ("label", ["app=cart"]),
        ("label-key", ["app"]),
        ("owner", ["u1"]),
        ("node", ["n1"]),
        ("annotation-key", ["note", "other"]),
        ("status", ["Pending"]),
    ],
)
def test_a_pod_is_found_by_what_it_is(index: str, values: list[str]) -> None:
    assert _values("pods", index, POD) == values


def test_plain_mappings_are_indexed_too() -> None:
    functions = indexers_for(named("pods")) | indexers_on_demand(named("pods"))
    for index, function in functions.items():
        assert set(function(POD)) == set(function(KubeObject.of(POD))), index


@pytest.mark.parametrize(
    "event",
    [
        {"involvedObject": {"kind": "Pod", "namespace": "shop", "name": "p", "uid": "u"}},
        {"regarding": {"kind": "Pod", "namespace": "shop", "name": "p", "uid": "u"}},
    ],
)
def test_events_are_found_by_what_they_are_about(event: dict[str, Any]) -> None:
    obj = KubeObject.of({"metadata": {"name": "e", "namespace": "shop"}} | event)
    for path in ("v1/events", "events.k8s.io/v1/events"):
        functions = indexers_for(resource_of(path))
        assert list(functions["involved-object"](obj)) == ["Pod/shop/p"]
        assert list(functions["involved-uid"](obj)) == ["u"]


@pytest.mark.parametrize("path", columns_by_resource())
def test_no_index_stumbles_over_bare_objects(path: str) -> None:
    resource = resource_of(path)
    bare = {"metadata": {"name": "bare", "namespace": "ns"} if resource.namespaced else {"name": "bare"}}
    kept = indexers_for(resource)
    assert ("namespace" in kept) == resource.namespaced
    for index, function in (kept | indexers_on_demand(resource)).items():
        for value in function(KubeObject.of(bare)):
            assert isinstance(value, str), index


def test_a_cache_can_be_given_more_indices_when_they_are_asked_for() -> None:
    indexer = Indexer(indexers=indexers_for(named("pods")))
    indexer.add(KubeObject.of(POD))
    indexer.add_indexers({"image": indexers_on_demand(named("pods"))["image"]})
    assert list(indexer.index_keys("image", "nginx:1")) == ["shop/p"]


def test_a_broken_reference_leaves_the_object_out_of_that_index_alone() -> None:
    broken = POD | {"spec": POD_SPEC | {"volumes": "none"}}
    indexer = Indexer(indexers=indexers_for(named("pods")) | indexers_on_demand(named("pods")))
    indexer.add(KubeObject.of(broken))
    assert indexer.index_counts("claim") == {}
    assert indexer.index_counts("image") == {"busybox": 1, "nginx:1": 1}


def test_any_column_and_any_path_can_be_an_index() -> None:
    kind = kind_for(named("pods"))
    assert kind is not None
    assert list(column_index(kind, "node")(KubeObject.of(POD))) == ["n1"]
    by_image = path_index(parse_json_path(".spec.containers[*].image"))
    assert list(by_image(KubeObject.of(POD))) == ["nginx:1"]
    assert list(by_image(POD)) == ["nginx:1"]
    assert list(path_index(parse_json_path(".spec.missing"))(POD)) == []
