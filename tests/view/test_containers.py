from __future__ import annotations

from typing import Any

import pytest

from kwatch.catalog.column import Level
from kwatch.informer.kube_object import KubeObject
from kwatch.view.containers import Container, container_names, containers_of, default_container, runs_of
from kwatch.view.usage import Amount
from tests.query.cluster import NOW, pod, timestamp


def of(spec: dict[str, Any], status: dict[str, Any]) -> list[Container]:
    tree = pod().tree()
    tree["spec"], tree["status"] = spec, status
    return list(containers_of(KubeObject.of(tree)))


def state_of(state: Any, *, ready: bool = True) -> tuple[str, Level]:
    (found,) = of(
        {"containers": [{"name": "c"}]}, {"containerStatuses": [{"name": "c", "ready": ready, "state": state}]}
    )
    return found.state, found.level


def test_every_container_with_its_role_init_ones_first() -> None:
    spec = {
        "containers": [{"name": "main", "image": "web:1", "ports": [{"containerPort": 80}]}],
        "initContainers": [{"name": "setup"}, {"name": "proxy", "restartPolicy": "Always"}],
        "ephemeralContainers": [{"name": "debug"}],
    }
    found = of(spec, {"containerStatuses": [{"name": "main", "restartCount": 3, "ready": True}]})
    assert [(each.name, each.role) for each in found] == [
        ("setup", "init"),
        ("proxy", "sidecar"),
        ("main", ""),
        ("debug", "ephemeral"),
    ]
    main = found[2]
    assert (main.image, main.ports, main.restarts, main.ready) == ("web:1", "80/TCP", 3, True)


def test_states_in_words() -> None:
    started = {"running": {"startedAt": timestamp(NOW - 60)}}
    assert state_of(started) == ("Running", Level.GOOD)
    assert state_of(started, ready=False) == ("Running, not ready", Level.WARNING)
    assert state_of({"waiting": {"reason": "ContainerCreating"}}) == ("ContainerCreating", Level.PROGRESS)
    crash = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}
    assert state_of(crash) == ("CrashLoopBackOff: back-off 10s", Level.BAD)
    assert state_of({"terminated": {"reason": "Completed", "exitCode": 0}}) == ("Completed", Level.DONE)
    assert state_of({"terminated": {"reason": "Error", "exitCode": 2}}) == ("Error, exit code 2", Level.BAD)
    assert state_of({}) == ("", Level.NONE)


def test_what_it_asks_for_and_since_when_it_is_so() -> None:
    resources = {"requests": {"cpu": "100m"}, "limits": {"cpu": 1, "memory": "1Mi"}}
    status = {"name": "c", "state": {"running": {"startedAt": timestamp(NOW - 60)}}}
    (found,) = of({"containers": [{"name": "c", "resources": resources}]}, {"containerStatuses": [status]})
    assert (found.request, found.limit) == (Amount(0.1, 0), Amount(1, 2**20))
    assert found.since == NOW - 60


def test_odd_pods_lose_no_container() -> None:
    spec = {"containers": [{"name": "c", "ports": 7, "resources": {"limits": {"cpu": ["x"]}}}, 7]}
    found = of(spec, {"containerStatuses": [{"name": "c", "state": [], "restartCount": "many"}]})
    assert [(each.name, each.state, each.restarts, each.limit) for each in found] == [
        ("c", "", 0, Amount(0, 0)),
        ("?", "", 0, Amount(0, 0)),
    ]
    assert of({"containers": "c"}, {}) == []


def named(*names: str, init: str = "", **annotations: str) -> KubeObject:
    spec = {"containers": [{"name": name} for name in names], "initContainers": [{"name": init}] if init else []}
    metadata = {"name": "p", "annotations": {f"kubectl.kubernetes.io/{k}": v for k, v in annotations.items()}}
    return KubeObject.of({"kind": "Pod", "metadata": metadata, "spec": spec})


def test_names_in_the_order_of_kubectl() -> None:
    assert container_names(named("b", "a", init="i")) == ("b", "a", "i")
    assert container_names(
        KubeObject.of({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "b"}, "odd"]}})
    ) == ("b",)
    assert container_names(KubeObject.of({"metadata": {"name": "p"}, "spec": "odd"})) == ()
    assert container_names(None) == ()


@pytest.mark.parametrize(
    ("annotations", "default"),
    [
        ({}, "proxy"),
        ({"default-container": "web"}, "web"),
        ({"default-container": "setup"}, "setup"),
        ({"default-container": "gone"}, "proxy"),
        ({"default-logs-container": "web"}, "web"),
        ({"default-container": "proxy", "default-logs-container": "web"}, "proxy"),
        ({"default-container": ""}, "proxy"),
    ],
)
def test_the_container_that_is_meant_where_none_is_named(annotations: dict[str, str], default: str) -> None:
    assert default_container(named("proxy", "web", init="setup", **annotations)) == default


def test_without_containers_none_is_meant() -> None:
    odd = KubeObject.of({"metadata": {"name": "p", "annotations": 7}, "spec": {}})
    assert (default_container(None), default_container(odd)) == (None, None)


def test_a_running_pod_that_tells_no_state_of_its_container_may_have_a_log() -> None:
    def begun(phase: str, **state: Any) -> bool:
        spec = {"containers": [{"name": "web"}]}
        status = {"phase": phase, "containerStatuses": [{"name": "web", "state": state}]}
        [run] = runs_of(KubeObject.of({"kind": "Pod", "metadata": {"name": "a"}, "spec": spec, "status": status}))
        return run.begun

    assert begun("Running")
    assert begun("Pending", running={})
    assert not begun("Pending")
    assert not begun("Running", waiting={"reason": "ContainerCreating"})
