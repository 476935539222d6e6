from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.history.journal import Journal
from kwatch.history.ownership import RelationType
from kwatch.informer.kube_object import KubeObject
from tests.history.objects import Feeder


@pytest.fixture
def journal() -> Iterator[Journal]:
    journal = Journal()
    yield journal
    journal.close()


def obj(name: str, version: int, owner: str = "", namespace: str = "shop", **parts: Any) -> KubeObject:
    metadata: dict[str, Any] = {"name": name, "uid": f"uid-{name}", "resourceVersion": str(version)}
    if namespace:
        metadata["namespace"] = namespace
    if owner:
        metadata["ownerReferences"] = [{"uid": f"uid-{owner}", "name": owner, "kind": "X", "apiVersion": "v1"}]
    return KubeObject.of({"metadata": metadata, **parts})


def test_an_object_between_its_owners_children_node_and_events(journal: Journal) -> None:
    feeders = {
        resource: Feeder(journal.sink("ctx", resource), at)
        for resource, at in [("deployments.apps", 100), ("replicasets.apps", 200), ("pods", 300), ("nodes", 400),
                             ("events", 500)]
    }  # fmt: skip
    feeders["deployments.apps"].add(obj("web", 1))
    feeders["replicasets.apps"].add(obj("web-1", 2, "web"))
    feeders["replicasets.apps"].add(obj("other-1", 3, "other"))
    feeders["pods"].add(obj("web-1-a", 4, "web-1", spec={"nodeName": "n1"}))
    feeders["pods"].add(obj("other-1-a", 5, "other-1"))
    feeders["nodes"].add(obj("n1", 6, namespace=""))
    feeders["nodes"].add(obj("n2", 7, namespace=""))
    feeders["events"].replace(obj("scaled", 8, involvedObject={"uid": "uid-web"}))
    feeders["events"].add(obj("killed", 9, involvedObject={"uid": "uid-web-1-a"}))
    feeders["events"].add(obj("elsewhere", 10, involvedObject={"uid": "uid-other-1-a"}))
    feeders["pods"].sink.on_gap(350.0, 360.0, "expired")
    assert journal.catch_up(10)

    def seen(resource: str, key: str) -> list[tuple[str, str, int]]:
        return [
            (str(entry.relation_type), entry.version.key if entry.version else "", entry.distance)
            for entry in journal.timeline("ctx", resource, key)
        ]

    assert seen("replicasets.apps", "shop/web-1") == [
        ("owner", "shop/web", 1),
        ("self", "shop/web-1", 0),
        ("child", "shop/web-1-a", 1),
        ("gap", "", 0),
        ("listed", "", 0),
        ("event", "shop/scaled", 1),
        ("event", "shop/killed", 1),
    ]
    assert seen("pods", "shop/web-1-a")[:3] == [
        ("owner", "shop/web", 2),
        ("owner", "shop/web-1", 1),
        ("self", "shop/web-1-a", 0),
    ]
    assert ("node", "n1", 1) in seen("pods", "shop/web-1-a")
    assert ("child", "shop/web-1-a", 2) in seen("deployments.apps", "shop/web")
    assert seen("pods", "shop/unknown") == []
    assert {RelationType(word) for word, _, _ in seen("pods", "shop/web-1-a")} >= {
        RelationType.NODE,
        RelationType.EVENT,
    }


def test_owners_that_own_each_other_end(journal: Journal) -> None:
    things = Feeder(journal.sink("ctx", "things"))
    things.add(obj("a", 1, "b"))
    things.add(obj("b", 2, "a"))
    assert [entry.relation_type for entry in journal.timeline("ctx", "things", "shop/a")] == ["self", "owner"]


START = 1_800_000_000.0


def stamp(at: float) -> str:
    return datetime.fromtimestamp(START + at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def event(name: str, version: int, first: float, last: float, count: int = 1, about: str = "uid-a") -> KubeObject:
    return obj(
        name,
        version,
        involvedObject={"uid": about},
        firstTimestamp=stamp(first),
        lastTimestamp=stamp(last),
        count=count,
        reason="BackOff",
        message="restarting",
        type="Warning",
        source={"component": "kubelet"},
    )


def told(journal: Journal, key: str = "shop/a") -> list[tuple[float, str, bool, str]]:
    """When, relation, whether approximate, and what: of the line of a pod."""
    return [
        (
            round(entry.at - START, 2),
            str(entry.relation_type),
            entry.approximate,
            entry.proof.words if entry.proof else entry.event.words if entry.event else "",
        )
        for entry in journal.timeline("ctx", "pods", key)
    ]


def test_an_event_stands_where_it_happened_and_not_where_it_was_received(journal: Journal) -> None:
    pods, events = Feeder(journal.sink("ctx", "pods"), START), Feeder(journal.sink("ctx", "events"), START + 100)
    pods.add(obj("a", 1))
    events.replace(event("old", 2, 10, 40, count=7))
    events.add(event("prompt", 3, 101, 101))
    events.add(event("late", 4, 30, 30))
    assert journal.catch_up(10)
    words = "BackOff: restarting"
    assert told(journal) == [
        (1.0, "self", False, ""),
        (10.0, "event", True, words),
        (30.0, "event", True, words),
        (40.0, "event", True, words),
        (101.0, "listed", False, ""),
        (102.0, "event", False, words),
    ]
    first, late, old = (entry for entry in journal.timeline("ctx", "pods", "shop/a") if entry.approximate)
    assert first.proof is not None and first.proof.source == "event"
    assert late.version is not None and late.version.key == "shop/late"
    assert old.event is not None and (old.event.count, old.event.source, old.event.type) == (7, "kubelet", "Warning")
    assert old.first_listed and not late.first_listed


def test_before_the_first_list_stands_what_the_server_still_proves(journal: Journal) -> None:
    pods = Feeder(journal.sink("ctx", "pods"), START + 100)
    metadata = {
        "name": "a",
        "namespace": "shop",
        "uid": "uid-a",
        "resourceVersion": "1",
        "creationTimestamp": stamp(10),
        "managedFields": [
            {"manager": "argocd", "operation": "Apply", "time": stamp(10), "fieldsV1": {"f:spec": {"f:x": {}}}},
            {"manager": "kubectl", "operation": "Update", "time": stamp(20), "fieldsV1": {"f:spec": {"f:y": {}}}},
            {"manager": "kubelet", "operation": "Update", "time": stamp(500), "fieldsV1": {"f:spec": {"f:z": {}}}},
        ],
    }
    conditions = [
        {"type": name, "status": "True", "lastTransitionTime": stamp(30)} for name in ("Ready", "ContainersReady")
    ]
    pods.replace(KubeObject.of({"metadata": metadata, "status": {"conditions": conditions}}))
    assert told(journal) == [
        (10.0, "self", True, "created"),
        (20.0, "self", True, "last wrote spec.y"),
        (30.0, "self", True, "Ready became True, ContainersReady became True"),
        (101.0, "listed", False, ""),
        (101.0, "self", False, ""),
    ]
    created = journal.timeline("ctx", "pods", "shop/a")[0]
    assert created.proof is not None and str(created.proof.who) == "argocd"


def test_what_was_seen_to_be_created_needs_no_proof(journal: Journal) -> None:
    pods = Feeder(journal.sink("ctx", "pods"), START + 100)
    metadata = {"name": "a", "namespace": "shop", "uid": "u", "resourceVersion": "1", "creationTimestamp": stamp(99)}
    pods.add(KubeObject.of({"metadata": metadata}))
    assert told(journal) == [(101.0, "self", False, "")]


def test_first_lists_are_one_entry_and_what_a_gap_hid_is_none_of_them(journal: Journal) -> None:
    sets = Feeder(journal.sink("ctx", "replicasets.apps"), START + 50)
    pods = Feeder(journal.sink("ctx", "pods"), START + 50)
    sets.replace(obj("r", 1))
    pods.replace(obj("a", 2, "r"))
    pods.replace(obj("b", 3, "r"))
    pods.sink.on_gap(START + 60, START + 70, "refused")
    sets.sink.on_gap(START + 61, START + 70, "refused")
    sets.sink.on_gap(START + 90, START + 95, "expired")
    pods.at = START + 70
    pods.replace(obj("c", 4, "r"))
    entries = journal.timeline("ctx", "replicasets.apps", "shop/r")
    listed = [entry for entry in entries if entry.listed]
    assert [entry.listed for entry in listed] == [(("pods", 2), ("replicasets.apps", 1))]
    gaps = [(entry.gap.since - START, entry.gap.cause, entry.resources) for entry in entries if entry.gap]
    assert gaps == [(60.0, "refused", ("pods", "replicasets.apps")), (90.0, "expired", ("replicasets.apps",))]
    found = {entry.version.key: entry.first_listed for entry in entries if entry.version}
    assert found == {"shop/r": True, "shop/a": True, "shop/b": True, "shop/c": False}


def test_what_is_only_listed_has_one_gap_from_one_change_to_the_next(journal: Journal) -> None:
    pods = Feeder(journal.sink("ctx", "pods"), START - 1)
    pods.replace(obj("a", 1))
    for poll in range(1, 9):
        pods.sink.on_gap(START + 15 * (poll - 1) + 0.1, START + 15 * poll, "forbidden")
        if poll == 4:
            pods.at = START + 15 * poll - 0.95
            pods.replace(obj("a", 2))
    gaps = [entry.gap for entry in journal.timeline("ctx", "pods", "shop/a") if entry.gap]
    assert [(round(gap.since - START, 1), round(gap.until - START, 1)) for gap in gaps] == [(0.1, 60.0), (60.1, 120.0)]


def test_a_gap_before_anything_was_seen_missed_nothing(journal: Journal) -> None:
    pods = Feeder(journal.sink("ctx", "pods"), START + 100)
    pods.sink.on_gap(START + 10, START + 20, "refused")
    pods.add(obj("a", 1))
    assert told(journal) == [(101.0, "self", False, "")]


def test_an_orphan_that_is_adopted_and_a_pod_that_is_bound_join_the_family(journal: Journal) -> None:
    pods, nodes = Feeder(journal.sink("ctx", "pods")), Feeder(journal.sink("ctx", "nodes"))
    sets = Feeder(journal.sink("ctx", "replicasets.apps"))
    sets.add(obj("r", 1))
    nodes.add(obj("n", 2, namespace=""))
    pods.add(obj("a", 3))
    line = journal.timeline_of("ctx", "replicasets.apps", "shop/r")
    on_node = journal.timeline_of("ctx", "nodes", "n")
    assert (
        {entry.relation_type for entry in line.read()}
        == {entry.relation_type for entry in on_node.read()}
        == {RelationType.SELF}
    )
    pods.update(obj("a", 4, "r", spec={"nodeName": "n"}))
    assert [entry.relation_type for entry in line.read()].count(RelationType.CHILD) == 2
    assert [entry.relation_type for entry in on_node.read()].count(RelationType.CHILD) == 2
    assert [str(entry.relation_type) for entry in journal.timeline("ctx", "pods", "shop/a")].count("node") == 1


def test_an_event_about_a_node_may_call_it_by_its_name(journal: Journal) -> None:
    nodes, events = Feeder(journal.sink("ctx", "nodes")), Feeder(journal.sink("ctx", "events"))
    nodes.add(obj("n", 1, namespace=""))
    events.add(event("reboot", 2, 0, 0, about="n"))
    assert journal.catch_up(10)
    about = [
        entry.relation.about.type
        for entry in journal.timeline("ctx", "nodes", "n")
        if entry.relation and entry.relation.about
    ]
    assert about == [RelationType.SELF]


def test_only_the_newest_are_read_where_there_is_a_limit(journal: Journal) -> None:
    pods = Feeder(journal.sink("ctx", "pods"))
    for version in range(1, 8):
        pods.update(obj("a", version))
    newest = journal.timeline_of("ctx", "pods", "shop/a").read(3)
    assert [entry.version.resource_version for entry in newest if entry.version] == ["5", "6", "7"]


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["pods", "replicasets.apps", "events", "nodes"]),
        st.sampled_from(["a", "b", "r"]),
        st.sampled_from(["", "a", "b", "r"]),
        st.sampled_from(["add", "replace", "delete", "gap", "read"]),
    ),
    max_size=40,
)


@given(_STEPS)
@settings(max_examples=60)
def test_reading_again_gives_what_reading_afresh_gives(steps: list[tuple[str, str, str, str]]) -> None:
    journal = Journal(budget_bytes=1 << 20)
    try:
        feeders = {name: Feeder(journal.sink("ctx", name)) for name in ("pods", "replicasets.apps", "events", "nodes")}
        line = journal.timeline_of("ctx", "pods", "shop/a")
        for version, (resource, name, owner, what) in enumerate(steps, 1):
            feeder = feeders[resource]
            feeder.at = 1000.0 + version
            thing = obj(name, version, owner, involvedObject={"uid": f"uid-{owner}"}, spec={"nodeName": owner})
            if what == "read":
                line.read()
            elif what == "gap":
                feeder.sink.on_gap(feeder.at, feeder.at + 0.5, "cut")
            elif what == "delete":
                if thing.key in feeder.cache:
                    feeder.delete(thing)
            else:
                getattr(feeder, what)(thing)
        assert journal.catch_up(10)
        assert line.read() == journal.timeline("ctx", "pods", "shop/a")
        ids = [entry.id for entry in line.read()]
        assert len(set(ids)) == len(ids)
        assert [entry.order for entry in line.read()] == sorted(entry.order for entry in line.read())
    finally:
        journal.close()
