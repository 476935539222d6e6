from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kwatch.catalog.names import ResourceNames
from kwatch.informer.clock import SystemClock
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.session.metrics import UsagePool
from tests.query.cluster import NOW, pod, timestamp
from tests.tui.cached_session import RESOURCES, CachedSession, app_of, lines, texts, until
from tests.tui.driving import press

METERED = Resource(GroupVersionResource("metrics.k8s.io", "v1beta1", "pods"), "PodMetrics", True)


def two() -> KubeObject:
    tree = pod("shop/web-1").tree()
    limits = {"requests": {"cpu": "100m"}, "limits": {"memory": "100Mi"}}
    tree["spec"]["containers"] = [{"name": "main", "image": "web:1", "resources": limits}, {"name": "sidecar"}]
    running = {"running": {"startedAt": timestamp(NOW - 7200)}}
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}
    tree["status"]["containerStatuses"] = [
        {"name": "main", "ready": True, "restartCount": 0, "state": running},
        {"name": "sidecar", "ready": False, "restartCount": 8, "state": waiting},
    ]
    return KubeObject.of(tree)


class Lines:
    def __init__(self, *texts: str) -> None:
        self._texts = texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def batches(self) -> Iterator[list[str]]:
        return iter([[*self._texts]])

    def close(self) -> None:
        pass


class MeteredSession(CachedSession):
    """Serves one pod's measurements, and logs that say whose they are."""

    def __init__(self) -> None:
        super().__init__(two())
        self.names = ResourceNames((*RESOURCES, METERED))
        self.paths: list[str] = []
        self.usages = UsagePool(self.get_raw, SystemClock())

    def get_raw(self, path: str) -> bytes:
        self.paths.append(path)
        usages = [{"name": "main", "usage": {"cpu": "42m", "memory": "97Mi"}}]
        one = {"metadata": {"name": "web-1", "namespace": "shop"}, "containers": usages}
        return json.dumps(one if path.endswith("/web-1") else {"items": []}).encode()

    def logs(self, namespace: str, name: str, **how: Any) -> Lines:
        return Lines(f"this is {how['container']}")


class Refused(MeteredSession):
    def get_raw(self, path: str) -> bytes:
        raise ApiError(403, "Forbidden", 'pods.metrics.k8s.io "web-1" is forbidden: User "joe" cannot get resource')


class Unmeasured(MeteredSession):
    def get_raw(self, path: str) -> bytes:
        return b'{"items": []}'


async def test_enter_on_a_pod_shows_its_containers_and_what_they_use() -> None:
    session = MeteredSession()
    app = app_of(session)
    async with app.run_test(size=(160, 20)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await press(pilot, "enter")
        await until(pilot, lambda: bool(texts(lines(app), "42m")), "what main uses")
        (main,) = texts(lines(app), "web:1")
        assert main.split()[1:10] == ["main", "(default)", "yes", "Running", "0", "120m", "42m", "100m/-", "97Mi"]
        assert texts(texts(lines(app), "sidecar"), "CrashLoopBackOff")
        assert "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/web-1" in session.paths


async def test_enter_on_a_container_reads_its_log() -> None:
    app = app_of(MeteredSession())
    async with app.run_test(size=(160, 20)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await press(pilot, "enter")
        await until(pilot, lambda: bool(texts(lines(app), "sidecar")), "containers")
        await press(pilot, "down", "enter")
        await until(pilot, lambda: bool(texts(lines(app), "this is sidecar")), "its log")


async def test_keys_of_k9s_on_a_container() -> None:
    app = app_of(MeteredSession())
    async with app.run_test(size=(160, 20)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await press(pilot, "enter")
        await until(pilot, lambda: bool(texts(lines(app), "sidecar")), "containers")
        await press(pilot, "down", "c")
        assert app.clipboard == "sidecar"
        await press(pilot, "p")
        await until(pilot, lambda: bool(texts(lines(app), "before the last restart  ·  sidecar (2 of 2)")), "before")
        await press(pilot, "escape", "up", "l")
        await until(pilot, lambda: bool(texts(lines(app), "this is main")), "its log")
        assert not texts(lines(app), "before the last restart")


async def test_the_log_of_the_default_container_is_read_first_as_kubectl_does() -> None:
    session = MeteredSession()
    tree = two().tree()
    tree["metadata"]["annotations"] = {"kubectl.kubernetes.io/default-container": "sidecar"}
    session.put(KubeObject.of(tree))
    app = app_of(session)
    async with app.run_test(size=(160, 20)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await press(pilot, "l")
        await until(pilot, lambda: bool(texts(lines(app), "this is sidecar")), "its log")
        assert texts(lines(app), "sidecar (2 of 2)")
        await press(pilot, "p")
        await until(pilot, lambda: bool(texts(lines(app), "before the last restart  ·  sidecar (2 of 2)")), "before")
        await press(pilot, "o")
        await until(pilot, lambda: bool(texts(lines(app), "* sidecar")), "the list")
        assert "default" in texts(lines(app), "* sidecar")[0]
        await press(pilot, "escape", "escape", "enter")
        await until(pilot, lambda: bool(texts(lines(app), "sidecar (default)")), "containers")
        assert not texts(lines(app), "main (default)")


@pytest.mark.parametrize(
    ("session", "says"),
    [
        (CachedSession(two()), "CPU and memory are not measured: the server has no metrics.k8s.io."),
        (Refused(), "CPU and memory are not measured: forbidden."),
        (Unmeasured(), "Nothing was measured of this pod."),
    ],
    ids=["not served", "refused", "not this one"],
)
async def test_why_there_is_no_cpu_and_memory(session: CachedSession, says: str) -> None:
    app = app_of(session)
    async with app.run_test(size=(80, 20)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await press(pilot, "enter")
        await until(pilot, lambda: bool(texts(lines(app), says)), "the reason")
        assert texts(lines(app), "sidecar")
