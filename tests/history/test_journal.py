from __future__ import annotations

from collections.abc import Iterator

import pytest

from kwatch.history.journal import Journal
from kwatch.informer.delta import DeltaType
from tests.history.objects import Feeder, pod


@pytest.fixture
def journal() -> Iterator[Journal]:
    journal = Journal()
    yield journal
    journal.close()


@pytest.fixture
def pods(journal: Journal) -> Feeder:
    return Feeder(journal.sink("ctx", "pods"))


def test_every_version_is_kept_with_its_content(journal: Journal, pods: Feeder) -> None:
    sent = [pod(version=number, phase=f"phase {number}") for number in range(1, 101)]
    pods.add(sent[0])
    for obj in sent[1:]:
        pods.update(obj)
    assert journal.catch_up(10)

    versions = journal.versions("ctx", "pods", "shop/web")

    assert [version.resource_version for version in versions] == [str(number) for number in range(1, 101)]
    assert [version.type for version in versions[:2]] == [DeltaType.ADDED, DeltaType.UPDATED]
    assert [journal.object_of(version).raw for version in versions] == [obj.raw for obj in sent]
    assert [version.at for version in versions[:2]] == [1001.0, 1002.0]


def test_a_resync_and_a_relist_that_found_the_same_are_no_versions(journal: Journal, pods: Feeder) -> None:
    pods.add(pod(version=1))
    pods.feed(DeltaType.SYNC, pod(version=1))
    pods.replace(pod(version=1))
    assert len(journal.versions("ctx", "pods", "shop/web")) == 1


def test_a_deletion_is_a_version_with_the_last_state(journal: Journal, pods: Feeder) -> None:
    pods.add(pod(version=1))
    pods.delete(pod(version=2, phase="Failed"))
    assert journal.catch_up(10)
    last = journal.versions("ctx", "pods", "shop/web")[-1]
    assert last.deleted
    assert not last.inferred
    assert journal.object_of(last)["status"] == {"phase": "Failed"}


def test_another_uid_under_the_same_name_is_another_life(journal: Journal, pods: Feeder) -> None:
    pods.add(pod(version=1, uid="u1"))
    pods.add(pod(version=5, uid="u2"))
    pods.update(pod(version=6, uid="u2"))
    assert journal.catch_up(10)
    versions = journal.versions("ctx", "pods", "shop/web")
    assert [(version.uid, version.resource_version) for version in versions] == [("u1", "1"), ("u2", "5"), ("u2", "6")]
    assert journal.previous(versions[1]) is None
    assert journal.previous(versions[2]) == versions[1]


def test_a_gap_tells_what_it_hid(journal: Journal, pods: Feeder) -> None:
    for name in ("same", "changed", "deleted"):
        pods.add(pod(name, version=1))
    since = pods.at
    pods.replace(pod("same", version=1))
    pods.replace(pod("changed", version=7))
    pods.tombstone("shop/deleted")
    pods.sink.on_gap(since, pods.at, "connection refused")

    (gap,) = journal.gaps("ctx", "pods")

    assert (gap.since, gap.until, gap.cause) == (since, pods.at, "connection refused")
    found = journal.found_after(gap)
    assert [(version.key, version.relisted, version.inferred) for version in found] == [
        ("shop/changed", True, False),
        ("shop/deleted", False, True),
    ]


def test_the_log_is_ordered_by_sequence_even_when_a_delta_comes_late(journal: Journal, pods: Feeder) -> None:
    deployments = Feeder(journal.sink("ctx", "deployments.apps"))
    pods.feed(DeltaType.ADDED, pod("a"), sequence=100_001)
    pods.feed(DeltaType.ADDED, pod("b"), sequence=100_003)
    deployments.feed(DeltaType.ADDED, pod("c"), sequence=100_002)
    assert [(entry.resource, entry.key) for entry in journal.log()] == [
        ("pods", "shop/a"),
        ("deployments.apps", "shop/c"),
        ("pods", "shop/b"),
    ]
    assert [entry.key for entry in journal.log(after=100_001, limit=1)] == ["shop/c"]


def test_the_oldest_make_room_but_never_the_last_of_a_living_object() -> None:
    journal = Journal(budget_bytes=4000)
    pods = Feeder(journal.sink("ctx", "pods"))
    pods.add(pod("quiet", version=1))
    pods.add(pod("gone", version=1))
    pods.delete(pod("gone", version=2))
    for number in range(1, 200):
        pods.update(pod("busy", version=number, phase=f"phase {number}"))
    assert journal.catch_up(10)

    assert journal.bytes <= 4000
    assert len(journal.versions("ctx", "pods", "shop/quiet")) == 1
    assert journal.versions("ctx", "pods", "shop/gone") == ()
    busy = journal.versions("ctx", "pods", "shop/busy")
    assert [version.resource_version for version in busy] == [str(number) for number in range(200 - len(busy), 200)]
    assert len(busy) < 199
    assert journal.evicted.versions == 199 - len(busy) + 2
    assert journal.evicted.objects == 1
    assert journal.evicted_of("ctx", "pods", "shop/busy") == 199 - len(busy)
    assert journal.object_of(busy[0])["status"] == {"phase": f"phase {200 - len(busy)}"}
    journal.close()
