from __future__ import annotations

from kwatch.simulator.api.application import AGGREGATED, Discovery
from kwatch.simulator.store import Store
from tests.simulator.client import asked, get
from tests.simulator.conftest import Serve
from tests.simulator.objects import widget_definition
from tests.simulator.simulator_server import SimulatorServer

DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"


def groups(server: SimulatorServer) -> list[str]:
    return [group["metadata"]["name"] for group in get(server.url, "/apis", Accept=AGGREGATED)[1]["items"]]


def test_custom_types_come_and_go(serve: Serve) -> None:
    server = serve()
    assert "example.com" not in groups(server)
    server.call(lambda store: store.create(widget_definition(), manager="test"))
    assert groups(server)[-1] == "example.com"
    assert get(server.url, "/apis/example.com")[1]["preferredVersion"]["version"] == "v1"
    server.call(lambda store: store.delete(DEFINITIONS, "widgets.example.com"))
    assert "example.com" not in groups(server)


def test_an_unchanged_answer_need_not_be_sent_again(serve: Serve) -> None:
    server = serve()
    with asked(server.url, "/apis", headers={"Accept": AGGREGATED}) as response:
        tag = response.headers["ETag"]
        assert response.read()
    with asked(server.url, "/apis", headers={"Accept": AGGREGATED, "If-None-Match": tag}) as response:
        assert (response.status, response.read()) == (304, b"")


def test_metrics_are_served_unless_left_out(serve: Serve) -> None:
    assert "metrics.k8s.io" in groups(serve())
    assert "metrics.k8s.io" not in groups(serve(metrics=False))


def test_unknown_paths_are_none() -> None:
    discovery = Discovery(Store().types)
    for path in ("/api/v2", "/apis/nosuch", "/apis/apps/v9", "/apis/apps/v1/x/y", "/"):
        assert discovery.answer(path, "", "here") is None
    assert discovery.answer("/apis/apps", "", "here") is not None
