"""Columns of text are compared by what the text means: numbers, durations, versions."""

from __future__ import annotations

from typing import Any

import pytest

from kwatch.catalog.kinds.cluster import NODES
from kwatch.catalog.kinds.workloads import JOBS
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.query import Context, parse
from tests.query.cluster import NOW, FakeClock, timestamp


def _found(text: str, *objects: dict[str, Any]) -> list[str]:
    node = "nodeInfo" in objects[0]["status"]
    name, kind = ("nodes", NODES) if node else ("jobs", JOBS)
    resource = Resource(GroupVersionResource("" if node else "batch", "v1", name), kind.name, False)
    cache = Indexer()
    cache.replace([KubeObject.of(each) for each in objects])
    compiled = parse(text).compile(Context(kind, resource, cache, FakeClock()))
    known = [each for each in map(cache.get_by_key, cache.list_keys()) if isinstance(each, KubeObject)]
    return sorted(each.name for each in known if compiled.matches(each.key, each))


def _job(name: str, seconds: float) -> dict[str, Any]:
    status = {"startTime": timestamp(NOW - 5000), "completionTime": timestamp(NOW - 5000 + seconds)}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "status": status}


def _node(name: str, version: str) -> dict[str, Any]:
    status = {"nodeInfo": {"kubeletVersion": version}}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": status}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("duration>10m", ["long"]),
        ("duration<=120s", ["brief", "short"]),
        ("duration=2m", ["short"]),
        ("duration>=1h", ["long"]),
    ],
)
def test_how_long_jobs_took(text: str, expected: list[str]) -> None:
    assert _found(text, _job("brief", 9), _job("short", 120), _job("long", 3600)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version<v1.10.0", ["old"]),
        ("version>=v1.36.2", ["new"]),
        ("version>v1.9.3", ["middle", "new"]),
        ("version=v1.9.3", ["old"]),
        ("version!=v1.9.3", ["middle", "new"]),
    ],
)
def test_versions(text: str, expected: list[str]) -> None:
    nodes = (_node("old", "v1.9.3"), _node("middle", "v1.30.11"), _node("new", "v1.36.2"))
    assert _found(text, *nodes) == expected
