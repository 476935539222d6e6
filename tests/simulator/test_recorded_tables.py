"""The simulator prints the columns and the cells that the real server prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import pytest

from kwatch.simulator.api.encoders import TableEncoder, printed_kind
from kwatch.simulator.api_types import APIType
from kwatch.simulator.collection import Record
from kwatch.simulator.store import Store
from tests.simulator.client import get
from tests.simulator.objects import widget_definition
from tests.simulator.recordings import Tree, exchanges, recorded_objects, recording
from tests.simulator.simulator_server import SimulatorServer

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
TABLE_AGE = (0, 1, 2, 3)
"""Seconds that may lie between the server's printing and the note of when that was."""


def place(api_version: str, resource: str) -> str:
    return f"/api/{api_version}/{resource}" if "/" not in api_version else f"/apis/{api_version}/{resource}"


@pytest.fixture(scope="module")
def empty() -> Iterator[dict[int, str]]:
    """A server of each version."""
    with ExitStack() as stack:
        urls = {}
        for minor in (36, 37):
            store = Store(minor=minor)
            store.create(widget_definition(), manager="test")
            urls[minor] = stack.enter_context(SimulatorServer(store)).url
        yield urls


def listable() -> Iterator[Any]:
    for minor, name in ((36, "table-columns"), (37, "1.37/table-columns")):
        for path, described in exchanges(name)[0]["resources"].items():
            api_version, _, resource = path.rpartition("/")
            yield pytest.param(minor, api_version, resource, described["columns"], id=f"{path} of 1.{minor}")


@pytest.mark.parametrize(("minor", "api_version", "resource", "columns"), listable())
def test_columns(empty: dict[int, str], minor: int, api_version: str, resource: str, columns: list[Tree]) -> None:
    status, table = get(empty[minor], place(api_version, resource), Accept=TABLE)
    assert status == 200
    shown = [{name: column[name] for name in columns[0]} for column in table["columnDefinitions"]]
    assert shown == columns


def printed() -> Iterator[tuple[float, str, Tree, list[Any]]]:
    """When, which resource, which object, and its cells."""
    kinds = {each["metadata"]["uid"]: each for each in recorded_objects() if "uid" in each["metadata"]}
    types = {
        resource: (example["apiVersion"], example["kind"])
        for resource, rows in exchanges("printed-rows")[0]["resources"].items()
        for item in rows["items"][:1]
        for example in [kinds[item["object"]["metadata"]["uid"]]]
    }
    for source in (exchanges("printed-rows")[0], recording("printed-states")):
        recorded_at = datetime.fromisoformat(source["recorded_at"]).timestamp()
        for resource, rows in source["resources"].items():
            for item in rows["items"]:
                api_version, kind = types[resource]
                yield recorded_at, resource, {"apiVersion": api_version, "kind": kind, **item["object"]}, item["cells"]


def test_cells() -> None:
    count = 0
    wrong = []
    for now, resource, obj, cells in printed():
        store = Store()
        if obj["kind"] != "CustomResourceDefinition":
            store.create(widget_definition(), manager="test")
        store.create(obj, manager="test")
        api_type = store.type_of(obj)
        [record] = [
            each for each in store.collection(api_type.storage).current() if obj["metadata"]["name"] in each.key
        ]
        shown = [row_of(store, api_type, record, now - seconds) for seconds in TABLE_AGE]
        count += 1
        if cells not in shown:
            wrong.append((resource, cells, shown[0]))
    assert count > 100
    assert wrong == []


def test_cells_of_the_next_version() -> None:
    [printed] = exchanges("1.37/printed-crds")
    store = Store(minor=37)
    for item in printed["resources"]["customresourcedefinitions"]["items"]:
        obj = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", **item["object"]}
        store.create(obj, manager="test")
        api_type = store.type_of(obj)
        [record] = store.collection(api_type.storage).current()
        assert row_of(store, api_type, record, 0.0) == item["cells"]


def row_of(store: Store, api_type: APIType, record: Record, now: float) -> Any:
    encoder = TableEncoder(printed_kind(store, api_type), "None", lambda: now)
    return json.loads(encoder.one(record))["rows"][0]["cells"]
