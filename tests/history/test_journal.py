from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.history.journal import Journal
from kwatch.history.journal_sink import JournalSink
from kwatch.informer.clock import SystemClock
from kwatch.informer.delta import DeletedFinalStateUnknown, Delta, DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.packing import ObjectPacker
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
    assert journal.previous(versions[0]) is None
    assert journal.previous(versions[1]) == versions[0]
    assert journal.previous(versions[2]) == versions[1]


def test_what_is_created_again_is_compared_with_the_one_before(journal: Journal, pods: Feeder) -> None:
    """Without what differs between any two: identities, the status, names that are drawn by lot."""

    def made(version: int, uid: str, image: str, volume: str, phase: str) -> KubeObject:
        tree = pod(version=version, uid=uid).tree()
        tree["metadata"]["creationTimestamp"] = f"2026-11-30T00:00:{version:02d}Z"
        tree["spec"] = {"containers": [{"name": "web", "image": image}], "volumes": [{"name": volume, "projected": {}}]}
        return KubeObject.of(tree | {"status": {"phase": phase}})

    pods.add(made(1, "u1", "web:1", "kube-api-access-abcde", "Running"))
    pods.delete(made(2, "u1", "web:1", "kube-api-access-abcde", "Running"))
    pods.add(made(5, "u2", "web:2", "kube-api-access-fghij", "Pending"))
    pods.delete(made(6, "u2", "web:2", "kube-api-access-fghij", "Pending"))
    pods.add(made(9, "u3", "web:2", "kube-api-access-klmno", "Running"))
    assert journal.catch_up(10)
    words = [journal.compare(version).words() for version in journal.versions("ctx", "pods", "shop/web")]
    assert words[2] == "created again: spec.containers[web].image 1 -> 2"
    assert words[4] == "created again: as it was"


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


def test_the_log_keeps_the_order_in_which_informers_side_by_side_came(journal: Journal, pods: Feeder) -> None:
    deployments = Feeder(journal.sink("ctx", "deployments.apps"))
    pods.feed(DeltaType.ADDED, pod("a"), sequence=100_001)
    pods.feed(DeltaType.ADDED, pod("b"), sequence=100_003)
    deployments.feed(DeltaType.ADDED, pod("c"), sequence=100_002)
    assert [(entry.resource, entry.key) for entry in journal.log()] == [
        ("pods", "shop/a"),
        ("pods", "shop/b"),
        ("deployments.apps", "shop/c"),
    ]
    assert [entry.key for entry in journal.log(after=100_003, limit=1)] == ["shop/c"]


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
    assert "shop/gone" not in journal.changes("ctx", "pods").last_changes("", None, None)
    assert "shop/busy" in journal.changes("ctx", "pods").last_changes("", None, None)
    assert journal.evicted_of("ctx", "pods", "shop/busy") == 199 - len(busy)
    assert journal.object_of(busy[0])["status"] == {"phase": f"phase {200 - len(busy)}"}
    journal.close()


def test_a_thousand_quiet_objects_do_not_keep_the_old_from_making_room() -> None:
    journal = Journal(budget_bytes=300_000)
    pods = Feeder(journal.sink("ctx", "pods"))
    for number in range(1500):
        pods.replace(pod(f"quiet-{number}", version=number + 1, uid=f"q{number}"))
    for number in range(2000, 5000):
        pods.update(pod("busy", version=number, phase=f"phase {number}"))
    assert journal.catch_up(20)
    assert journal.bytes <= 300_000
    assert len(journal.as_of("ctx", "pods")) == 1501
    # What was kept only because it was the last may go once it is not.
    for number in range(1500):
        pods.replace(
            pod(f"quiet-{number}", version=6000 + number, uid=f"other-{number}" if number % 2 else f"q{number}")
        )
    assert journal.catch_up(20)
    assert journal.bytes <= 300_000
    assert len(journal.as_of("ctx", "pods")) == 1501
    assert len(journal.versions("ctx", "pods", "shop/quiet-1")) == 1
    assert len(journal.versions("ctx", "pods", "shop/quiet-2")) == 1
    journal.close()


def test_what_happens_between_two_informers_is_a_gap_and_what_vanished_is_told(journal: Journal) -> None:
    first = Feeder(journal.sink("ctx", "pods"))
    for name in ("stays", "vanishes"):
        first.replace(pod(name, version=1, uid=name))
    other = Feeder(journal.sink("ctx", "pods", "elsewhere"))
    other.replace(pod("third", version=1, uid="third", namespace="elsewhere"))
    _closable(first).close()
    _closable(other).close()

    again = Feeder(journal.sink("ctx", "pods", "shop"), at=5e9)
    again.replace(pod("stays", version=1, uid="stays"))
    _closable(again).on_synced({"shop/stays"})

    (gap,) = journal.gaps("ctx", "pods")
    assert gap.until == 5e9 + 1
    assert gap.cause == "no view of it was open"
    vanished = journal.versions("ctx", "pods", "shop/vanishes")[-1]
    assert vanished.deleted
    assert vanished.inferred
    assert not journal.versions("ctx", "pods", "shop/stays")[-1].deleted
    assert not journal.versions("ctx", "pods", "elsewhere/third")[-1].deleted


def test_an_informer_with_selectors_cannot_say_what_vanished(journal: Journal) -> None:
    Feeder(journal.sink("ctx", "pods")).add(pod("other"))
    journal.sink("ctx", "pods", None, "app=web").on_synced(set())
    assert not journal.versions("ctx", "pods", "shop/other")[-1].deleted


def test_any_mapping_can_be_journalled(journal: Journal) -> None:
    sink = journal.sink("ctx", "things")
    plain = {"metadata": {"name": "a", "resourceVersion": "1"}, "spec": {"x": 1}}
    sink.on_delta("a", Delta(DeltaType.ADDED, plain, 1, 5.0), None)
    sink.on_delta("a", Delta(DeltaType.DELETED, DeletedFinalStateUnknown("a", None), 2, 6.0), plain)
    first, last = journal.versions("ctx", "things", "a")
    assert journal.object_of(first)["spec"] == {"x": 1}
    assert (last.deleted, last.inferred, last.at) == (True, True, 6.0)


def test_leaving_a_selection_is_no_deletion(journal: Journal) -> None:
    narrow = journal.sink("ctx", "pods", None, "app=web")
    narrow.on_delta("shop/web", Delta(DeltaType.ADDED, pod(version=1), 1, 5.0), None)
    narrow.on_delta("shop/web", Delta(DeltaType.DELETED, pod(version=2), 2, 6.0, departed=True), None)
    last = journal.versions("ctx", "pods", "shop/web")[-1]
    assert (last.deleted, last.departed) == (True, True)
    assert journal.compare(last).words() == "left the selection, or was deleted"


def test_leaving_one_selection_means_nothing_to_an_informer_that_sees_more(journal: Journal) -> None:
    wide, narrow = journal.sink("ctx", "pods"), journal.sink("ctx", "pods", None, "app=web")
    for sink in (wide, narrow):
        sink.on_delta("shop/web", Delta(DeltaType.ADDED, pod(version=1), 1, 5.0), None)
    narrow.on_delta("shop/web", Delta(DeltaType.DELETED, pod(version=2), 2, 6.0, departed=True), None)
    wide.on_delta("shop/web", Delta(DeltaType.UPDATED, pod(version=2), 3, 6.0), None)
    assert not any(version.deleted for version in journal.versions("ctx", "pods", "shop/web"))


def test_two_that_see_a_selection_each_cannot_know_more(journal: Journal) -> None:
    first, second = journal.sink("ctx", "pods", None, "app=web"), journal.sink("ctx", "pods", None, "app=web")
    elsewhere = journal.sink("ctx", "pods", "other")
    for sink in (first, second, elsewhere):
        sink.on_delta("shop/web", Delta(DeltaType.ADDED, pod(version=1), 1, 5.0), None)
    for sequence, sink in ((2, first), (3, second)):
        sink.on_delta("shop/web", Delta(DeltaType.DELETED, pod(version=2), sequence, 6.0, departed=True), None)
    [_, last] = journal.versions("ctx", "pods", "shop/web")
    assert last.ending == "left the selection, or was deleted"


def test_what_a_relist_under_a_selector_misses_may_have_left_it(journal: Journal) -> None:
    narrow = journal.sink("ctx", "pods", None, "app=web")
    narrow.on_delta("shop/web", Delta(DeltaType.ADDED, pod(version=1), 1, 5.0), None)
    missing = DeletedFinalStateUnknown("shop/web", pod(version=1))
    narrow.on_delta("shop/web", Delta(DeltaType.DELETED, missing, 2, 6.0, departed=True), None)
    last = journal.versions("ctx", "pods", "shop/web")[-1]
    assert journal.compare(last).words() == "left the selection, or was deleted while nobody watched"


def test_the_one_that_sees_more_is_believed_until_it_ends(journal: Journal) -> None:
    wide, narrow = journal.sink("ctx", "pods", "shop"), journal.sink("ctx", "pods", None, "app=web")
    for sink in (wide, narrow):
        sink.on_delta("shop/web", Delta(DeltaType.ADDED, pod(version=1), 1, 5.0), None)
    wide.close()
    narrow.on_delta("shop/web", Delta(DeltaType.DELETED, pod(version=2), 2, 6.0, departed=True), None)
    assert journal.versions("ctx", "pods", "shop/web")[-1].departed


def test_two_informers_of_one_object_make_one_history(journal: Journal) -> None:
    wide, narrow = Feeder(journal.sink("ctx", "pods")), Feeder(journal.sink("ctx", "pods", "shop"))
    for version in (1, 2, 3):
        wide.update(pod(version=version))
    for version in (1, 2, 3, 4):
        narrow.update(pod(version=version))
    wide.update(pod(version=4))
    assert [each.resource_version for each in journal.versions("ctx", "pods", "shop/web")] == ["1", "2", "3", "4"]


def test_a_lower_resource_version_is_kept_and_marked(journal: Journal, pods: Feeder) -> None:
    for version in (50, 40, 60):
        pods.update(pod(version=version))
    versions = journal.versions("ctx", "pods", "shop/web")
    assert [(each.resource_version, each.out_of_order) for each in versions] == [
        ("50", False),
        ("40", True),
        ("60", False),
    ]


def test_resource_versions_need_not_be_numbers(journal: Journal, pods: Feeder) -> None:
    for text in ("a", "007", "", "99999999999999999999999"):
        tree = pod().tree()
        tree["metadata"]["resourceVersion"] = text
        pods.update(KubeObject.of(tree))
    found = [each.resource_version for each in journal.versions("ctx", "pods", "shop/web")]
    assert found == ["a", "007", "", "99999999999999999999999"]


def test_an_object_that_comes_back_under_its_uid_lives_on(journal: Journal, pods: Feeder) -> None:
    pods.add(pod(version=1))
    pods.delete(pod(version=2))
    pods.update(pod(version=3))
    assert journal.catch_up(10, compacted=True)
    versions = journal.versions("ctx", "pods", "shop/web")
    assert [each.type for each in versions] == [DeltaType.ADDED, DeltaType.DELETED, DeltaType.UPDATED]
    assert journal.as_of("ctx", "pods").list_keys() == ["shop/web"]
    assert [journal.object_of(each).resource_version for each in versions] == ["1", "2", "3"]


def test_a_clock_that_jumps_loses_nothing_and_breaks_nothing(journal: Journal, pods: Feeder) -> None:
    for number, jump in enumerate((0.0, 5000.0, 0.0, -5500.0, 0.0, 300.0), 1):
        pods.at += jump
        pods.update(pod(version=number, phase=f"phase {number}"))
    assert journal.catch_up(10, compacted=True)
    versions = journal.versions("ctx", "pods", "shop/web")
    assert [each.resource_version for each in versions] == ["1", "2", "3", "4", "5", "6"]
    times = [each.at for each in versions]
    assert times != sorted(times)
    for at in (*times, 0.0, 1e12):
        past = journal.as_of("ctx", "pods", time=at)
        assert past.sequence in (0, *(each.sequence for each in versions))
        assert set(past.list_keys()) <= {"shop/web"}
        journal.changes_as_of("ctx", "pods", past.sequence).last_changes("", None, None)
    assert journal.as_of("ctx", "pods", time=1e12).sequence == versions[-1].sequence
    assert journal.as_of("ctx", "pods", time=0.0).sequence == 0
    assert journal.changes("ctx", "pods").last_changes("phase", None, None) == {"shop/web": times[-1]}


def test_what_is_too_old_goes() -> None:
    clock = FixedTime(1002.5)
    journal = Journal(max_age=1.0, clock=clock)
    pods = Feeder(journal.sink("ctx", "pods"))
    for version in range(1, 5):
        pods.update(pod(version=version))
    clock.now = 1004.5
    assert journal.catch_up(10)
    assert [each.resource_version for each in journal.versions("ctx", "pods", "shop/web")] == ["4"]
    assert journal.evicted.versions == 3
    assert journal.evicted.through_at == 1003.0
    journal.close()


def test_a_version_that_made_room_is_a_key_error_or_none() -> None:
    journal = Journal(budget_bytes=1500)
    pods = Feeder(journal.sink("ctx", "pods"))
    pods.update(pod(version=1))
    (first,) = journal.versions("ctx", "pods", "shop/web")
    for version in range(2, 40):
        pods.update(pod(version=version, phase=f"{version}"))
    assert journal.catch_up(10)
    with pytest.raises(KeyError, match="no longer kept"):
        journal.object_of(first)
    assert journal.object_or_none(first) is None
    (last,) = journal.versions("ctx", "pods", "shop/web")[-1:]
    assert journal.object_or_none(last) == journal.object_of(last)
    journal.close()


def test_the_servers_cells_are_remembered(journal: Journal, pods: Feeder) -> None:
    for version in (1, 2, 3):
        obj = pod(version=version)
        obj.cells = ("web", f"cell {version}")
        pods.update(obj)
    assert journal.catch_up(10, compacted=True)
    versions = journal.versions("ctx", "pods", "shop/web")
    assert [journal.object_of(each).cells for each in versions] == [("web", f"cell {number}") for number in (1, 2, 3)]


def test_a_comparison_names_the_changes_and_masks_secrets(journal: Journal) -> None:
    secrets = Feeder(journal.sink("ctx", "secrets"))

    def secret(version: int, word: str) -> KubeObject:
        metadata = {"name": "s", "namespace": "shop", "uid": "u", "resourceVersion": str(version)}
        return KubeObject.of({"kind": "Secret", "apiVersion": "v1", "metadata": metadata, "data": {"word": word}})

    secrets.add(secret(1, "b25l"))
    secrets.update(secret(2, "dHdv"))
    secrets.update(secret(3, "dHdv"))
    secrets.delete(secret(4, "dHdv"))
    created, changed, same, deleted = map(journal.compare, journal.versions("ctx", "secrets", "shop/s"))
    assert (created.words(), same.words(), deleted.words()) == ("created", "only versions and heartbeats", "deleted")
    assert changed.words().startswith("data.word *** (3 bytes")
    assert "dHdv" not in str(changed)
    assert "dHdv" not in str(deleted)


def _closable(feeder: Feeder) -> JournalSink:
    assert isinstance(feeder.sink, JournalSink)
    return feeder.sink


class FixedTime(SystemClock):
    def __init__(self, now: float) -> None:
        self.now = now

    def time(self) -> float:
        return self.now


versions_of_one = st.lists(st.tuples(st.integers(0, 3), st.text(max_size=300)), min_size=1, max_size=80)


@settings(max_examples=40)
@given(versions_of_one, st.booleans())
def test_every_version_comes_back_byte_for_byte(script: list[tuple[int, str]], packed: bool) -> None:
    journal = Journal()
    pods = Feeder(journal.sink("ctx", "pods"))
    packer = ObjectPacker(samples=5)
    sent: list[bytes] = []
    for version, (phase, note) in enumerate(script, 1):
        obj = pod(version=version, phase=phase, note=note, constant="x" * 600)
        sent.append(obj.raw)
        if packed:
            packer.pack(obj)
        pods.update(obj)
        if version % 7 == 0:
            assert journal.catch_up(10, compacted=True)
    assert journal.catch_up(10, compacted=True)
    versions = journal.versions("ctx", "pods", "shop/web")
    assert [journal.object_of(each).raw for each in versions] == sent
    journal.close()


def test_an_event_speaks_for_itself(journal: Journal) -> None:
    events = Feeder(journal.sink("ctx", "events"))

    def event(version: int, **fields: Any) -> KubeObject:
        metadata = {"name": "e", "namespace": "shop", "uid": "u", "resourceVersion": str(version)}
        return KubeObject.of({"metadata": metadata, "reason": "BackOff", "message": "restarting\n failed", **fields})

    events.add(event(1, count=1))
    events.update(event(2, count=2))
    first, second = map(journal.compare, journal.versions("ctx", "events", "shop/e"))
    assert first.words() == "BackOff: restarting failed"
    assert second.words() == "count 1 -> 2"
