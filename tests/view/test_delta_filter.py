from __future__ import annotations

from typing import Any

import pytest

from kwatch.catalog.kind import Kind
from kwatch.catalog.kinds.pods import PODS
from kwatch.history.diff.change import Change
from kwatch.history.diff.path import ItemKey
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.query import parse
from kwatch.query.index_names import UserIndices
from kwatch.view.delta_filter import DeltaFilter, LoggedDelta
from tests.query.cluster import NOW, POD_RESOURCE, FakeClock, pod
from tests.view.world import KIND, thing

THINGS = Resource(GroupVersionResource("x.io", "v1", "things"), "Thing", namespaced=True)


def kind_of(resource: str) -> tuple[Kind, Resource] | None:
    return {"pods": (PODS, POD_RESOURCE), "things.x.io": (KIND, THINGS)}.get(resource)


def delta(**options: Any) -> LoggedDelta:
    values: dict[str, Any] = {
        "resource": "pods",
        "key": "shop/web-1",
        "object": pod("shop/web-1", labels={"app": "web"}, node="node-7", restarts=3),
        "text": "modified\npods\nshop/web-1\nkubelet\nstatus.phase Pending -> Running",
        "at": NOW - 60,
        "changes": (Change("status.phase", "Pending", "Running", ("status", "phase")),),
    }
    return LoggedDelta(**{**values, **options})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("kubelet", True),
        ("Kubelet", False),
        ("Pending", True),
        ("/^kube/", True),
        ("node-7", False),
        ("node:node-7", True),
        ("app=web ns:shop", True),
        ("restarts>2", True),
        ("restarts>5", False),
        ("~status.phase", True),
        ("~phase:Pending>Running", True),
        ("~phase:Running>", False),
        ("~", True),
        ("since:10m", True),
        ("since:30s", False),
        ("deleted", False),
        ("!deleted modified", True),
    ],
)
def test_a_line_matches_by_its_text_its_object_and_its_changes(text: str, expected: bool) -> None:
    assert DeltaFilter(parse(text), kind_of, FakeClock()).matches(delta()) is expected


def test_deltas_of_several_resources_share_a_filter() -> None:
    of_thing = delta(resource="things.x.io", object=thing("shop/web-1", restarts=9), changes=(), deletion=True)
    log = [delta(), of_thing, delta(resource="unknown")]

    def matching(text: str) -> list[int]:
        wanted = DeltaFilter(parse(text), kind_of, FakeClock())
        return [place for place, each in enumerate(log) if wanted.matches(each)]

    assert matching("restarts>5") == [1]
    assert matching("deleted") == [1]
    assert matching("image:nginx*") == [0]
    assert matching("~status.phase") == [0]
    assert matching("modified") == [0, 1]


def test_a_filter_that_means_nothing_anywhere_complains() -> None:
    wanted = DeltaFilter(parse("nowhere>5"), kind_of, FakeClock())
    assert not wanted.matches(delta())
    assert wanted.complaint is not None and wanted.complaint.message == "There is no column nowhere."
    partly = DeltaFilter(parse("image:nginx*"), kind_of, FakeClock())
    partly.matches(delta(resource="things.x.io", object=thing("shop/web-1")))
    assert partly.complaint is not None
    assert partly.matches(delta())
    assert partly.complaint is None


def test_an_index_of_ones_own_is_read_from_the_path_of_each_resource() -> None:
    indices = UserIndices({"pods": ("tier:.metadata.labels.app",), "things.x.io": ("tier:.spec.status",)})
    of_thing = delta(resource="things.x.io", object=thing("shop/x", status="web"))
    wanted = DeltaFilter(parse("tier:web", indices.names), kind_of, FakeClock(), indices)
    assert wanted.matches(delta()) and wanted.matches(of_thing)
    assert not wanted.matches(delta(resource="things.x.io", object=thing("shop/x", status="data")))


def test_a_name_of_the_spec_is_not_looked_for_in_the_status() -> None:
    steps = ("status", "containerStatuses", ItemKey((("name", "main"),)), "image")
    began = delta(changes=(Change("status.containerStatuses[main].image", "web:1", "docker.io/web:1", steps),))
    assert not DeltaFilter(parse("~image"), kind_of, FakeClock()).matches(began)
    assert DeltaFilter(parse("~status.image"), kind_of, FakeClock()).matches(began)
    assert DeltaFilter(parse("~containerStatuses"), kind_of, FakeClock()).matches(began)
