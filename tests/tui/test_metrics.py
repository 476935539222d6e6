from __future__ import annotations

import json
from typing import Any

from kwatch.catalog.names import ResourceNames
from kwatch.informer.clock import SystemClock
from kwatch.informer.errors import ApiError
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.session.metrics import UsagePool
from tests.query.cluster import pod
from tests.tui.cached_session import RESOURCES, CachedSession, app_of, lines, texts, until
from tests.tui.driving import press

METERED = Resource(GroupVersionResource("metrics.k8s.io", "v1beta1", "pods"), "PodMetrics", True)


class MeteredSession(CachedSession):
    """Serves measurements of one pod, or refuses."""

    def __init__(self, *, refuses: bool = False) -> None:
        super().__init__(pod("shop/busy"), pod("shop/idle"), pod("shop/lazy"))
        self.names = ResourceNames((*RESOURCES, METERED))
        self.paths: list[str] = []
        self._refuses = refuses
        self.busy = "900m"
        self.usages = UsagePool(self.get_raw, SystemClock())

    def get_raw(self, path: str) -> bytes:
        self.paths.append(path)
        if self._refuses:
            raise ApiError(503, "ServiceUnavailable", "the metrics server is down")
        items = [self._item("busy", self.busy, "512Mi"), self._item("idle", "1m", "8Mi")]
        return json.dumps({"items": items}).encode()

    def _item(self, name: str, cpu: str, memory: str) -> dict[str, Any]:
        containers = [{"name": "main", "usage": {"cpu": cpu, "memory": memory}}]
        return {"metadata": {"name": name, "namespace": "shop"}, "window": "15s", "containers": containers}


async def test_columns_come_with_the_first_measurements() -> None:
    session = MeteredSession()
    app = app_of(session)
    async with app.run_test(size=(120, 20)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "CPU")), "the columns")
        assert texts(texts(lines(app), "busy"), "900m") and texts(texts(lines(app), "busy"), "512Mi")
        assert not texts(texts(lines(app), "lazy"), "Mi")
        assert session.paths == ["/apis/metrics.k8s.io/v1beta1/pods"]


async def test_newer_measurements_are_shown_when_they_come() -> None:
    session = MeteredSession()
    share = session.usages.open("/apis/metrics.k8s.io/v1beta1/pods")
    app = app_of(session)
    async with app.run_test(size=(120, 20)) as pilot:
        await until(pilot, lambda: bool(texts(texts(lines(app), "busy"), "900m")), "the first round")
        session.busy = "700m"
        share._feed.poll()
        await until(pilot, lambda: bool(texts(texts(lines(app), "busy"), "700m")), "the second round")


async def test_rows_are_filtered_and_ordered_by_what_is_used() -> None:
    app = app_of(MeteredSession())
    async with app.run_test(size=(120, 20)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "CPU")), "the columns")
        await press(pilot, "slash", *"cpu>500m", "enter")
        await until(pilot, lambda: bool(texts(lines(app), "1 of 3 pods")), "the filter")
        assert texts(lines(app), "busy") and not texts(lines(app), "idle")


async def test_without_measurements_there_are_no_columns_and_the_header_says_why() -> None:
    session = MeteredSession(refuses=True)
    app = app_of(session)
    async with app.run_test(size=(120, 20)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "busy")) and bool(session.paths), "rows")
        words = "CPU and memory not measured: the metrics server is down"
        await until(pilot, lambda: bool(texts(lines(app), words)), "why")
        assert "CPU" not in lines(app)[2]
