from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from kwatch.simulator import managed_fields
from tests.simulator.objects import pod

ROWS = Path(__file__).parents[1] / "wire" / "printed-rows.json"


def fields(entries: list[dict[str, Any]], manager: str) -> Any:
    return next(entry["fieldsV1"] for entry in entries if entry["manager"] == manager)


def managed(obj: dict[str, Any], entries: list[dict[str, Any]]) -> dict[str, Any]:
    copied = copy.deepcopy(obj)
    copied["metadata"]["managedFields"] = entries
    return copied


def test_the_creator_owns_everything() -> None:
    [entry] = managed_fields.on_create(pod("web", app="shop"), "kubectl", "", "2026-01-01T00:00:00Z")
    assert entry["fieldsV1"] == {
        "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
        "f:spec": {
            "f:nodeName": {},
            "f:containers": {".": {}, 'k:{"name":"web"}': {".": {}, "f:name": {}, "f:image": {}}},
        },
        "f:status": {"f:phase": {}},
    }
    assert entry["operation"] == "Update" and "subresource" not in entry


def test_a_change_moves_the_field_to_who_made_it() -> None:
    old = managed(pod("web"), managed_fields.on_create(pod("web"), "kubectl", "", "t1"))
    new = copy.deepcopy(old)
    new["status"]["phase"] = "Failed"
    entries = managed_fields.on_update(old, new, "kubelet", "status", "t2")
    assert [(entry["manager"], entry["time"]) for entry in entries] == [("kubectl", "t1"), ("kubelet", "t2")]
    assert fields(entries, "kubelet") == {"f:status": {"f:phase": {}}}
    assert "f:status" not in fields(entries, "kubectl")
    assert entries[-1]["subresource"] == "status"


def test_a_removed_field_is_nobodys() -> None:
    old = managed(pod("web", app="shop"), managed_fields.on_create(pod("web", app="shop"), "kubectl", "", "t1"))
    new = copy.deepcopy(old)
    del new["metadata"]["labels"]
    [entry] = managed_fields.on_update(old, new, "kubectl", "", "t2")
    assert "f:metadata" not in entry["fieldsV1"]
    assert entry["time"] == "t2"


def test_an_entry_without_fields_is_gone() -> None:
    old = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1"}}
    old = managed(old, managed_fields.on_create(old, "one", "", "t1"))
    new = copy.deepcopy(old)
    new["data"] = {"y": "2"}
    entries = managed_fields.on_update(old, new, "two", "", "t2")
    assert fields(entries, "one") == {"f:data": {".": {}}}
    assert fields(entries, "two") == {"f:data": {"f:y": {}}}
    newer = managed(new, entries)
    newest = copy.deepcopy(newer)
    del newest["data"]
    assert managed_fields.on_update(newer, newest, "three", "", "t3") == []


def test_items_of_keyed_lists_are_owned_one_by_one() -> None:
    old = pod("web")
    old["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
    old = managed(old, managed_fields.on_create(old, "kubelet", "status", "t1"))
    new = copy.deepcopy(old)
    new["status"]["conditions"].append({"type": "Gate", "status": "True"})
    entries = managed_fields.on_update(old, new, "gatekeeper", "status", "t2")
    assert fields(entries, "gatekeeper") == {
        "f:status": {"f:conditions": {'k:{"type":"Gate"}': {".": {}, "f:type": {}, "f:status": {}}}}
    }


def test_a_real_servers_configmap_is_owned_the_same_way() -> None:
    recorded = json.loads(ROWS.read_text())["exchanges"][0]["resources"]["configmaps"]["items"]
    checked = 0
    for item in recorded:
        obj = {"apiVersion": "v1", "kind": "ConfigMap", **item["object"]}
        entries = obj["metadata"].pop("managedFields", [])
        if len(entries) == 1 and entries[0]["operation"] == "Update":
            [ours] = managed_fields.on_create(obj, entries[0]["manager"], "", entries[0]["time"])
            assert ours == entries[0]
            checked += 1
    assert checked
