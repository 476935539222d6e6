from __future__ import annotations

from typing import Any

from tests.simulator.client import get, send
from tests.simulator.conftest import Serve
from tests.simulator.objects import config_map, pod, widget, widget_definition
from tests.simulator.simulator_server import SimulatorServer

MAPS = "/api/v1/namespaces/shop/configmaps"
WIDGETS = "/apis/example.com/v1/namespaces/shop/widgets"
MERGE = "application/merge-patch+json"


def refused(answer: tuple[int, Any]) -> tuple[int, str]:
    status, body = answer
    assert body["kind"] == "Status" and body["code"] == status
    return status, body["reason"]


def patch(server: SimulatorServer, path: str, body: Any) -> tuple[int, Any]:
    return send(server.url, "PATCH", path, body, MERGE)


def test_create(serve: Serve) -> None:
    server = serve()
    status, created = send(server.url, "POST", MAPS, {"metadata": {"name": "a", "uid": "mine"}, "data": {"x": "1"}})
    assert status == 201
    assert (created["kind"], created["metadata"]["namespace"]) == ("ConfigMap", "shop")
    assert created["metadata"]["uid"] != "mine"
    assert get(server.url, f"{MAPS}/a") == (200, created)


def test_create_refuses(serve: Serve) -> None:
    server = serve(config_map("a"))
    assert refused(send(server.url, "POST", MAPS, config_map("a"))) == (409, "AlreadyExists")
    assert refused(send(server.url, "POST", MAPS, {"metadata": {}})) == (422, "Invalid")
    assert refused(send(server.url, "POST", MAPS, config_map("b", "other"))) == (400, "BadRequest")
    assert refused(send(server.url, "POST", MAPS, pod("b"))) == (400, "BadRequest")
    assert refused(send(server.url, "POST", MAPS, [])) == (400, "BadRequest")
    assert refused(send(server.url, "POST", MAPS, config_map("b"), "application/yaml")) == (415, "UnsupportedMediaType")
    assert refused(send(server.url, "POST", f"{MAPS}/a", config_map("b"))) == (405, "MethodNotAllowed")


def test_update_wants_the_version_that_was_read(serve: Serve) -> None:
    server = serve(config_map("a", x="1"))
    _, read = get(server.url, f"{MAPS}/a")
    status, written = send(server.url, "PUT", f"{MAPS}/a", {**read, "data": {"x": "2"}})
    assert (status, written["data"]) == (200, {"x": "2"})
    assert refused(send(server.url, "PUT", f"{MAPS}/a", {**read, "data": {"x": "3"}})) == (409, "Conflict")
    assert refused(send(server.url, "PUT", f"{MAPS}/b", read)) == (400, "BadRequest")
    assert refused(send(server.url, "PUT", f"{MAPS}/b", config_map("b"))) == (404, "NotFound")


def test_merge_patch(serve: Serve) -> None:
    server = serve(config_map("a", x="1", y="2"))
    status, patched = patch(server, f"{MAPS}/a", {"data": {"x": None, "z": "3"}, "metadata": {"labels": {"l": "v"}}})
    assert (status, patched["data"], patched["metadata"]["labels"]) == (200, {"y": "2", "z": "3"}, {"l": "v"})
    assert refused(send(server.url, "PATCH", f"{MAPS}/a", {}, "application/json-patch+json"))[0] == 415
    assert refused(patch(server, f"{MAPS}/b", {})) == (404, "NotFound")


def test_status_and_spec_are_written_apart(serve: Serve) -> None:
    server = serve(widget_definition(), widget("one", size=1))
    change = {"spec": {"size": 2}, "status": {"phase": "Ready"}}
    _, spec_only = patch(server, f"{WIDGETS}/one", change)
    assert spec_only["spec"]["size"] == 2 and "status" not in spec_only
    assert spec_only["metadata"]["generation"] == 2
    _, status_only = patch(server, f"{WIDGETS}/one/status", {"spec": {"size": 3}, "status": {"phase": "Ready"}})
    assert (status_only["spec"]["size"], status_only["status"]) == (2, {"phase": "Ready"})
    assert status_only["metadata"]["generation"] == 2
    assert [entry.get("subresource") for entry in status_only["metadata"]["managedFields"]][-1] == "status"


def test_delete(serve: Serve) -> None:
    server = serve(config_map("a"), config_map("b"), config_map("c", "other"))
    status, answer = send(server.url, "DELETE", f"{MAPS}/a", None)
    assert (status, answer["status"], answer["details"]["name"]) == (200, "Success", "a")
    assert refused(send(server.url, "DELETE", f"{MAPS}/a", None)) == (404, "NotFound")
    assert send(server.url, "DELETE", MAPS, None)[0] == 200
    assert [item["metadata"]["name"] for item in get(server.url, "/api/v1/configmaps")[1]["items"]] == ["c"]


def test_what_a_resource_cannot_do(serve: Serve) -> None:
    server = serve(pod("a"))
    assert refused(send(server.url, "DELETE", "/api/v1/namespaces", None)) == (405, "MethodNotAllowed")
    assert refused(get(server.url, "/apis/authentication.k8s.io/v1/tokenreviews")) == (405, "MethodNotAllowed")
    assert refused(get(server.url, "/api/v1/namespaces/shop/pods/a/nosuch")) == (404, "NotFound")
    assert refused(get(server.url, "/api/v1/pods/a")) == (404, "NotFound")
    assert refused(get(server.url, "/api/v1/namespaces/shop/nodes/a")) == (404, "NotFound")
    assert refused(send(server.url, "POST", "/api/v1/namespaces/shop/pods/a/exec", {})) == (405, "MethodNotAllowed")


def test_the_manager_is_who_says_so(serve: Serve) -> None:
    server = serve()
    _, created = send(server.url, "POST", f"{MAPS}?fieldManager=me", config_map("a", x="1"))
    assert [entry["manager"] for entry in created["metadata"]["managedFields"]] == ["me"]
