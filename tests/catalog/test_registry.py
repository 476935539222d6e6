"""Which kinds are declared."""

from __future__ import annotations

import pytest

from kwatch.catalog.registry import generic_kind, kind_for, minor_of
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from tests.catalog.kinds.printing import NOW, ago


def _resource(group: str, version: str, name: str) -> Resource:
    return Resource(GroupVersionResource(group, version, name), "Thing", True)


def test_a_kind_is_made_once() -> None:
    pods = _resource("", "v1", "pods")
    assert kind_for(pods) is kind_for(pods)


@pytest.mark.parametrize(
    ("group", "version", "name"),
    [
        ("example.com", "v1", "pods"),
        ("", "v2", "pods"),
        ("autoscaling", "v1", "horizontalpodautoscalers"),
        ("", "v1", "x"),
    ],
)
def test_another_group_or_version_may_look_different(group: str, version: str, name: str) -> None:
    assert kind_for(_resource(group, version, name)) is None


def test_what_a_server_of_an_earlier_version_prints() -> None:
    definitions = _resource("apiextensions.k8s.io", "v1", "customresourcedefinitions")
    before, since, newest = kind_for(definitions, 36), kind_for(definitions, 37), kind_for(definitions)
    assert before is not None and since is not None
    assert since is newest
    assert [column.title for column in before.columns] == ["Name", "Created At"]
    assert kind_for(definitions, 36) is before
    obj = KubeObject.of({"metadata": {"name": "x.example.com", "creationTimestamp": "2024-01-01T00:00:00Z"}})
    assert before.texts(before.read(obj), NOW) == ("x.example.com", "2024-01-01T00:00:00Z")


def test_definitions_whatever_they_hold() -> None:
    kind = kind_for(_resource("apiextensions.k8s.io", "v1", "customresourcedefinitions"))
    assert kind is not None
    versions = [{"name": "v2", "served": True}, {"name": "v1", "served": True, "storage": True}, {"name": "v0"}]
    names = {"kind": "Thing", "shortNames": ["t", "th"]}
    spec = {"group": "example.com", "scope": "Cluster", "names": names, "versions": versions}
    refused = {"conditions": [{"type": "Established", "status": "False"}]}
    obj = KubeObject.of({"metadata": {"name": "x"}, "spec": spec, "status": refused})
    cells = kind.table_cells(kind.read(obj), NOW)
    assert cells == ["x", "Cluster", "v1(storage),v2", "", "example.com", "Thing", "t,th", False]
    for odd in ({"spec": 7}, {"spec": {"versions": [1], "names": None}}, {"status": {"conditions": "x"}}, {}):
        assert kind.read(KubeObject.of({"metadata": {"name": "x"}} | odd))[0] == "x"


@pytest.mark.parametrize(
    ("version", "minor"),
    [("v1.36.2", 36), ("v1.37.0-alpha.1+abc", 37), ("1.29", 29), ("v1.9.1-eks", 9), ("recording", None), ("", None)],
)
def test_minor_versions(version: str, minor: int | None) -> None:
    assert minor_of(version) == minor


def test_everything_has_a_name_and_an_age() -> None:
    kind = generic_kind(_resource("example.com", "v1", "things"))
    obj = KubeObject.of({"metadata": {"name": "one", "creationTimestamp": ago(90)}, "spec": 7})
    assert kind.name == "Thing"
    assert [column.title for column in kind.columns] == ["Name", "Age"]
    assert kind.texts(kind.read(obj), NOW) == ("one", "90s")
