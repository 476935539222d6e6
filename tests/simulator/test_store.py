from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from kwatch.simulator.collection import Change
from kwatch.simulator.store import AlreadyExists, Conflict, NotStored, Store, UnknownType
from tests.simulator.objects import config_map, pod, widget, widget_definition


class Clock:
    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> Store:
    return Store(clock=clock)


def changed(obj: dict[str, Any], **spec: Any) -> dict[str, Any]:
    copied = copy.deepcopy(obj)
    copied["spec"].update(spec)
    return copied


def test_create_sets_what_the_server_sets(store: Store) -> None:
    stored = store.create(pod("web-1"), manager="kubectl")
    metadata = stored["metadata"]
    assert metadata["resourceVersion"] == str(store.revision) == "2"
    assert len(metadata["uid"]) == 36
    assert metadata["creationTimestamp"] == "2027-01-15T08:00:00Z"
    assert metadata["generation"] == 1
    assert [entry["manager"] for entry in metadata["managedFields"]] == ["kubectl"]
    assert store.get("pods", "web-1", "shop") is stored


def test_create_keeps_what_a_seed_brings_along(store: Store) -> None:
    seed = pod("web-1")
    seed["metadata"] |= {"uid": "u", "creationTimestamp": "2020-01-01T00:00:00Z", "managedFields": []}
    metadata = store.create(seed, manager="any")["metadata"]
    assert (metadata["uid"], metadata["creationTimestamp"]) == ("u", "2020-01-01T00:00:00Z")
    assert metadata["managedFields"] == []


def test_create_makes_a_name_from_generate_name(store: Store) -> None:
    seed = pod("x")
    del seed["metadata"]["name"]
    seed["metadata"]["generateName"] = "web-"
    first = store.create(seed, manager="kubelet")["metadata"]["name"]
    second = store.create(seed, manager="kubelet")["metadata"]["name"]
    assert first.startswith("web-") and len(first) == 9 and first != second


def test_create_of_an_existing_name_is_a_conflict(store: Store) -> None:
    store.create(config_map("a"), manager="m")
    with pytest.raises(AlreadyExists, match=r'configmaps "a" already exists'):
        store.create(config_map("a"), manager="m")
    assert issubclass(AlreadyExists, Conflict)


def test_configmaps_have_no_generation(store: Store) -> None:
    assert "generation" not in store.create(config_map("a"), manager="m")["metadata"]


def test_update_bumps_the_generation_only_for_the_spec(store: Store) -> None:
    stored = store.create(pod("web"), manager="kubectl")
    respecified = store.update(changed(stored, nodeName="node-2"), manager="scheduler")
    assert respecified["metadata"]["generation"] == 2
    status = copy.deepcopy(respecified)
    status["status"]["phase"] = "Failed"
    assert store.update(status, manager="kubelet", subresource="status")["metadata"]["generation"] == 2


def test_update_without_a_change_does_nothing(store: Store) -> None:
    stored = store.create(pod("web"), manager="kubectl")
    revision = store.revision
    assert store.update(copy.deepcopy(stored), manager="other") is stored
    assert store.revision == revision


def test_update_with_a_stale_resource_version_is_a_conflict(store: Store) -> None:
    stored = store.create(pod("web"), manager="kubectl")
    store.update(changed(stored, nodeName="node-2"), manager="scheduler")
    with pytest.raises(Conflict, match="the object has been modified"):
        store.update(changed(stored, nodeName="node-3"), manager="scheduler")


def test_update_and_delete_of_the_unknown(store: Store) -> None:
    with pytest.raises(NotStored, match=r'pods "web" not found'):
        store.update(pod("web"), manager="m")
    with pytest.raises(NotStored):
        store.delete("pods", "web", "shop")
    with pytest.raises(UnknownType):
        store.create({"apiVersion": "v9", "kind": "Pod", "metadata": {"name": "x"}}, manager="m")
    with pytest.raises(UnknownType):
        store.list("nosuch.group")


def test_delete_tells_the_last_content_under_a_new_revision(store: Store) -> None:
    stored = store.create(pod("web"), manager="kubectl")
    heard: list[Change | None] = []
    store.collection("pods").listen(heard.append)
    store.delete("pods", "web", "shop")
    [change] = heard
    assert change is not None
    deleted = json.loads(change.record.whole)
    assert (change.type, deleted["metadata"]["resourceVersion"]) == ("DELETED", str(store.revision))
    assert deleted["spec"] == stored["spec"]
    assert store.list("pods") == []


def test_list_by_namespace(store: Store) -> None:
    for namespace in ("a", "a-b", "b"):
        store.create(pod("web", namespace), manager="m")
    assert [each["metadata"]["namespace"] for each in store.list("pods", "a")] == ["a"]
    assert len(store.list("pods")) == 3


def test_a_definition_serves_its_type_and_takes_it_away(store: Store) -> None:
    with pytest.raises(UnknownType):
        store.create(widget("one"), manager="m")
    store.create(widget_definition(), manager="m")
    stored = store.create(widget("one"), manager="m")
    assert stored["metadata"]["generation"] == 1
    served = store.types.find("example.com", "v1", "widgets")
    assert served is not None and served.short_names == ("wd",)
    heard: list[Change | None] = []
    store.collection("widgets.example.com").listen(heard.append)
    store.delete("customresourcedefinitions.apiextensions.k8s.io", "widgets.example.com")
    assert heard == [None]
    assert store.types.find("example.com", "v1", "widgets") is None


def test_a_definition_that_changes_ends_the_watches_of_its_type(store: Store) -> None:
    definition = store.create(widget_definition(), manager="m")
    store.create(widget("one"), manager="m")
    heard: list[Change | None] = []
    store.collection("widgets.example.com").listen(heard.append)
    labelled = {**definition, "metadata": {**definition["metadata"], "labels": {"a": "b"}}}
    definition = store.update(labelled, manager="m")
    assert heard == []
    version = {**definition["spec"]["versions"][0], "additionalPrinterColumns": []}
    store.update({**definition, "spec": {**definition["spec"], "versions": [version]}}, manager="m")
    assert heard == [None]
    assert len(store.list("widgets.example.com")) == 1


def test_metadata_is_in_the_servers_order(store: Store) -> None:
    stored = store.create(pod("web"), manager="kubectl")
    assert list(stored) == ["kind", "apiVersion", "metadata", "spec", "status"]
    assert list(stored["metadata"]) == [
        "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "labels", "managedFields",
    ]  # fmt: skip
