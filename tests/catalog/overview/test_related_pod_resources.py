"""What a pod takes of its node, by the scheduler's rules."""

from __future__ import annotations

from typing import Any

import pytest

from kwatch.catalog.overview.related import limited, read_pod, requested
from kwatch.informer.kube_object import KubeObject


def _container(cpu: str = "", memory: str = "", limit: str = "", **more: str) -> dict[str, Any]:
    requests = {name: amount for name, amount in (("cpu", cpu), ("memory", memory)) if amount}
    return {"resources": {"requests": requests, "limits": {"cpu": limit} if limit else {}}} | more


def _pod(*containers: dict[str, Any], **spec: Any) -> KubeObject:
    return KubeObject.of({"metadata": {"name": "p"}, "spec": {"containers": list(containers)} | spec})


@pytest.mark.parametrize(
    ("pod", "cpu"),
    [
        (_pod(), 0.0),
        (_pod(_container("100m"), _container("1")), 1.1),
        # Init containers run one after the other, before the others.
        (_pod(_container("100m"), initContainers=[_container("2"), _container("500m")]), 2.0),
        (_pod(_container("3"), initContainers=[_container("2")]), 3.0),
        # A sidecar runs beside the init containers that come after it, and beside the containers.
        (_pod(_container("100m"), initContainers=[_container("1", restartPolicy="Always"), _container("2")]), 3.0),
        (_pod(_container("100m"), initContainers=[_container("2"), _container("1", restartPolicy="Always")]), 2.0),
        (_pod(_container("4"), initContainers=[_container("1", restartPolicy="Always")]), 5.0),
        (_pod(_container("1"), overhead={"cpu": "250m"}), 1.25),
        (_pod(_container("1"), resources={"requests": {"cpu": "5"}}), 5.0),
    ],
)
def test_what_is_reserved(pod: KubeObject, cpu: float) -> None:
    assert requested(read_pod(pod)).get("cpu", 0.0) == pytest.approx(cpu)


def test_what_is_not_limited_has_no_limit() -> None:
    pod = read_pod(_pod(_container("1", "1Gi", limit="2"), overhead={"cpu": "500m", "memory": "1Gi"}))
    assert limited(pod) == {"cpu": 2.5}
    assert requested(pod) == {"cpu": 1.5, "memory": 2 * 2.0**30}


@pytest.mark.parametrize("resources", ["many", {"requests": 7}, {"requests": {"cpu": [1]}}, {"limits": "x"}])
def test_odd_resources_count_for_nothing(resources: Any) -> None:
    pod = read_pod(_pod({"resources": resources}))
    assert requested(pod) in ({}, {"cpu": 0.0})
    assert limited(pod) == {}
