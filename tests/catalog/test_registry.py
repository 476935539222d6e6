"""Which kinds are declared."""

from __future__ import annotations

import pytest

from kwatch.catalog.registry import generic_kind, kind_for
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


def test_everything_has_a_name_and_an_age() -> None:
    kind = generic_kind(_resource("example.com", "v1", "things"))
    obj = KubeObject.of({"metadata": {"name": "one", "creationTimestamp": ago(90)}, "spec": 7})
    assert kind.name == "Thing"
    assert [column.title for column in kind.columns] == ["Name", "Age"]
    assert kind.texts(kind.read(obj), NOW) == ("one", "90s")
