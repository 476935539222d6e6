from __future__ import annotations

from typing import Any

from kwatch.informer.kube_object import KubeObject
from kwatch.view.problems import HealthMonitor
from kwatch.view.source import DictSource
from tests.query.cluster import NOW, POD_RESOURCE, pod, timestamp

LONG = 10.0


def broken(key: str) -> KubeObject:
    tree = pod(key).tree()
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}
    tree["status"]["containerStatuses"] = [{"name": "main", "ready": False, "restartCount": 0, "state": waiting}]
    return KubeObject.of(tree)


def pending(key: str, age: float) -> KubeObject:
    tree: dict[str, Any] = pod(key, phase="Pending", age=age).tree()
    tree["status"] = {"phase": "Pending"}
    tree["metadata"]["creationTimestamp"] = timestamp(NOW - age)
    return KubeObject.of(tree)


def source(*objects: KubeObject) -> DictSource:
    return DictSource({obj.key: obj for obj in objects})


def test_the_unhealthy_are_found_with_the_reason() -> None:
    health = HealthMonitor(POD_RESOURCE, source(pod("shop/web-1"), broken("shop/web-2")))
    states = [health.is_complete, health.look(NOW, LONG), health.is_complete]
    assert states == [False, True, True]
    assert list(health.found) == ["shop/web-2"]
    assert "no such image" in health.found["shop/web-2"].reason
    assert not health.look(NOW, LONG)


def test_changes_are_taken_in_one_by_one() -> None:
    objects = source(pod("shop/web-1"), broken("shop/web-2"))
    health = HealthMonitor(POD_RESOURCE, objects)
    health.look(NOW, LONG)
    objects["shop/web-1"] = broken("shop/web-1")
    del objects["shop/web-2"]
    health.touch({"shop/web-1", "shop/web-2"})
    assert health.look(NOW, LONG)
    assert list(health.found) == ["shop/web-1"]


def test_what_takes_too_long_becomes_a_problem_without_any_change() -> None:
    health = HealthMonitor(POD_RESOURCE, source(pending("shop/slow", age=1)))
    health.look(NOW, LONG)
    assert not health.found
    assert health.look(NOW + 86_400, LONG)
    assert list(health.found) == ["shop/slow"]


def test_a_look_ends_in_time_and_goes_on_later() -> None:
    objects = source(*(broken(f"shop/web-{number}") for number in range(20)))
    health = HealthMonitor(POD_RESOURCE, objects)
    health.look(NOW, 0.0)
    assert (len(health.found), health.is_complete) == (1, False)
    for _ in range(19):
        health.look(NOW, 0.0)
    assert (len(health.found), health.is_complete) == (20, True)


def test_where_time_is_set_back_a_restart_counts_again() -> None:
    tree = pod("shop/web-1").tree()
    last = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": timestamp(NOW - 30)}}
    tree["status"]["containerStatuses"] = [
        {"name": "main", "ready": True, "restartCount": 1, "state": {"running": {}}, "lastState": last}
    ]
    health = HealthMonitor(POD_RESOURCE, source(KubeObject.of(tree), pod("shop/web-2")))
    health.look(NOW + 86_400, LONG)
    assert not health.found
    health.rewind()
    health.look(NOW, LONG)
    assert list(health.found) == ["shop/web-1"]
