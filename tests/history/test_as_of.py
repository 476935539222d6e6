from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.history.journal import Journal
from kwatch.informer.delta import DeltaType
from kwatch.informer.kube_object import KubeObject
from tests.history.objects import Feeder, pod


@pytest.fixture
def journal() -> Iterator[Journal]:
    journal = Journal()
    yield journal
    journal.close()


@pytest.fixture
def pods(journal: Journal) -> Feeder:
    return Feeder(journal.sink("ctx", "pods"))


def phases(journal: Journal, sequence: int) -> dict[str, str]:
    past = journal.as_of("ctx", "pods", sequence=sequence)
    found = {key: past.get_by_key(key) for key in past.list_keys()}
    assert len(past) == len(found)
    return {key: obj["status"]["phase"] for key, obj in found.items() if obj is not None}


def test_the_table_as_it_was_after_every_delta(journal: Journal, pods: Feeder) -> None:
    first = pods.add(pod("a", 1, phase="Pending"))
    second = pods.add(pod("b", 2, uid="u2", phase="Pending"))
    third = pods.update(pod("a", 3, phase="Running"))
    fourth = pods.delete(pod("b", 4, uid="u2", phase="Pending"))
    fifth = pods.add(pod("b", 5, uid="u3", phase="New"))
    assert journal.catch_up(10, compacted=True)

    assert phases(journal, first - 1) == {}
    assert phases(journal, first) == {"shop/a": "Pending"}
    assert phases(journal, second) == {"shop/a": "Pending", "shop/b": "Pending"}
    assert phases(journal, third) == {"shop/a": "Running", "shop/b": "Pending"}
    assert phases(journal, fourth) == {"shop/a": "Running"}
    assert phases(journal, fifth) == {"shop/a": "Running", "shop/b": "New"}


def test_a_step_tells_which_keys_may_differ(journal: Journal, pods: Feeder) -> None:
    others = Feeder(journal.sink("ctx", "nodes"))
    first = pods.add(pod("a", 1))
    others.add(pod("node", 1))
    last = pods.update(pod("b", 2, uid="u2"))
    past = journal.as_of("ctx", "pods", sequence=last)
    assert past.move_to(first) == {"shop/b"}
    assert past.list_keys() == ["shop/a"]
    assert past.move_to(last) == {"shop/b"}
    assert past.move_to(0) == {"shop/a", "shop/b"}


def test_stepping_skips_what_is_not_of_the_resource(journal: Journal, pods: Feeder) -> None:
    others = Feeder(journal.sink("ctx", "nodes"))
    first = pods.add(pod("a", 1))
    others.add(pod("node", 1))
    last = pods.update(pod("a", 2))
    assert journal.seek(first, 1, "ctx", "pods") == last
    assert journal.seek(last, -1, "ctx", "pods") == first
    assert journal.seek(last, 1, "ctx", "pods") is None
    assert journal.seek(first, -1, "ctx", "pods") is None


def test_a_time_finds_its_delta(journal: Journal, pods: Feeder) -> None:
    sequences = [pods.update(pod("a", number)) for number in range(1, 5)]
    assert [journal.sequence_at(at) for at in (1000.5, 1001.0, 1002.9, 9999.0)] == [
        0,
        sequences[0],
        sequences[1],
        sequences[3],
    ]
    past = journal.as_of("ctx", "pods", time=1002.5)
    assert past.sequence == sequences[1]
    assert past.has_key("shop/a")
    obj = past.get_by_key("shop/a")
    assert obj is not None
    assert obj.resource_version == "2"


def test_what_differs_from_now(journal: Journal, pods: Feeder) -> None:
    pods.add(pod("same", 1))
    pods.add(pod("gone", 2, uid="u2"))
    moment = pods.add(pod("changed", 3, uid="u3"))
    pods.update(pod("changed", 4, uid="u3"))
    pods.delete(pod("gone", 5, uid="u2"))
    pods.add(pod("new", 6, uid="u4"))
    past = journal.as_of("ctx", "pods", sequence=moment)
    assert journal.as_of("ctx", "pods").move_to(moment) == {"shop/gone", "shop/changed", "shop/new"}
    assert past.move_to(journal.last_sequence) == {"shop/gone", "shop/changed", "shop/new"}


def test_what_had_to_make_room_is_counted_and_not_invented() -> None:
    journal = Journal(budget_bytes=3000)
    pods = Feeder(journal.sink("ctx", "pods"))
    moment = pods.add(pod("a", 1, phase="first"))
    for number in range(2, 60):
        pods.update(pod("a", number, phase=f"phase {number}"))
    assert journal.catch_up(10)
    past = journal.as_of("ctx", "pods", sequence=moment)
    assert past.get_by_key("shop/a") is None
    assert past.forgotten == 1
    journal.close()


def test_a_far_move_looks_at_the_objects_and_a_near_one_at_the_log(journal: Journal, pods: Feeder) -> None:
    moments = [pods.update(pod("a", 1)), pods.update(pod("quiet", 2, uid="u2"))]
    moments += [pods.update(pod("a", version)) for version in range(3, 40)]
    moments += [pods.delete(pod("a", 40)), pods.add(pod("a", 41, uid="u3"))]
    past = journal.as_of("ctx", "pods", sequence=moments[1])
    assert past.move_to(moments[-1]) == {"shop/a"}
    assert past.move_to(moments[-2]) == {"shop/a"}
    assert past.move_to(moments[0]) == {"shop/a", "shop/quiet"}
    assert past.move_to(0) == {"shop/a"}
    assert past.move_to(moments[-1]) == {"shop/a", "shop/quiet"}


def test_a_move_that_is_cancelled_is_none(journal: Journal, pods: Feeder) -> None:
    first = pods.add(pod("a", 1))
    last = pods.update(pod("a", 2))
    past = journal.as_of("ctx", "pods", sequence=first)
    assert past.move_to(last, cancelled=lambda: True) == set()
    assert past.sequence == first


def test_many_objects_at_once(journal: Journal, pods: Feeder) -> None:
    for number in range(100):
        pods.add(pod(f"pod-{number}", number + 1, uid=f"u{number}", phase="then"))
    moment = pods.delete(pod("pod-7", 101, uid="u7"))
    for number in range(50):
        pods.update(pod(f"pod-{number}", number + 200, uid=f"u{number}", phase="now"))
    past = journal.as_of("ctx", "pods", sequence=moment)
    found = dict(past.objects())
    assert sorted(found) == sorted(past.list_keys())
    assert len(found) == 99
    assert {obj["status"]["phase"] for obj in found.values()} == {"then"}
    assert [key for key, _ in past.objects(["shop/pod-1", "shop/pod-7", "shop/none"])] == ["shop/pod-1"]


def test_an_object_of_the_past_knows_what_one_that_arrived_knows(journal: Journal, pods: Feeder) -> None:
    arrived = KubeObject.of(
        {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {
                "name": "web",
                "namespace": "shop",
                "uid": "u1",
                "resourceVersion": "7",
                "creationTimestamp": "2026-11-23T10:00:00Z",
                "labels": {"app": "web"},
                "ownerReferences": [{"kind": "ReplicaSet", "name": "web", "uid": "o1"}],
            },
            "spec": {"nodeName": "node-1"},
        }
    )
    moment = pods.add(arrived)
    pods.delete(arrived)
    found = journal.as_of("ctx", "pods", sequence=moment).get_by_key("shop/web")
    assert found is not None
    assert found is not arrived
    for field in ("kind", "api_version", "namespace", "name", "uid", "resource_version", "creation_timestamp", "labels",
                  "owners", "node", "raw", "key", "cells"):  # fmt: skip
        assert getattr(found, field) == getattr(arrived, field), field
    with pytest.raises(AttributeError, match="no phase"):
        getattr(found, "phase")  # noqa: B009


steps = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["update", "delete", "renew"]), st.integers(0, 3)), max_size=60
)


@settings(max_examples=60)
@given(steps, st.booleans())
def test_the_past_is_what_the_cache_was(script: list[tuple[str, str, int]], compacted: bool) -> None:
    journal = Journal()
    pods = Feeder(journal.sink("ctx", "pods"))
    uids = dict.fromkeys("abc", 0)
    truth: dict[int, dict[str, bytes]] = {}
    for version, (name, action, phase) in enumerate(script, 1):
        if action == "renew":
            uids[name] += 1
        obj = pod(name, version, uid=f"{name}{uids[name]}", phase=f"phase {phase}", note="x" * phase * 50)
        alive = obj.key in pods.cache
        type_ = DeltaType.DELETED if action == "delete" else DeltaType.UPDATED if alive else DeltaType.ADDED
        if type_ is DeltaType.DELETED and not alive:
            continue
        sequence = pods.feed(type_, obj)
        truth[sequence] = {key: each.raw for key, each in pods.cache.items()}
    if compacted:
        assert journal.catch_up(10, compacted=True)
    for sequence, expected in truth.items():
        past = journal.as_of("ctx", "pods", sequence=sequence)
        found = {key: past.get_by_key(key) for key in past.list_keys()}
        assert {key: obj.raw for key, obj in found.items() if obj is not None} == expected
    journal.close()
