"""What a list found, and nothing came of since, takes little, and answers like everything else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.history import first_versions
from kwatch.history.first_versions import FirstVersion, FirstVersions
from kwatch.history.journal import Journal
from kwatch.history.object_history import Stream
from tests.history.objects import Feeder, bytes_behind, pod


def _listed(count: int, budget: int = 1 << 30) -> tuple[Journal, Feeder]:
    journal = Journal(budget_bytes=budget)
    pods = Feeder(journal.sink("ctx", "pods"))
    for number in range(count):
        pods.replace(pod(f"pod-{number}", 10 + number, uid=f"u{number}"))
    return journal, pods


def _stream(journal: Journal) -> Stream:
    return journal._store.stream("ctx", "pods")


def test_it_has_no_history_of_its_own_until_something_comes() -> None:
    journal, pods = _listed(50)
    assert not _stream(journal).histories
    pods.update(pod("pod-7", 100, uid="u7"))
    assert list(_stream(journal).histories) == ["shop/pod-7"]
    versions = journal.versions("ctx", "pods", "shop/pod-7")
    assert [(each.resource_version, each.relisted) for each in versions] == [("17", True), ("100", False)]
    assert [journal.object_of(each).resource_version for each in versions] == ["17", "100"]
    journal.close()


def test_a_look_at_all_of_them_makes_none() -> None:
    journal, pods = _listed(50)
    end = journal.last_sequence
    past = journal.as_of("ctx", "pods")
    assert len(past.list_keys()) == len([*past.objects()]) == 50
    middle = journal.log(0)[24].sequence
    assert past.move_to(middle) == {f"shop/pod-{number}" for number in range(25, 50)}
    assert len(past) == 25
    assert past.has_key("shop/pod-24") and not past.has_key("shop/pod-25")
    assert past.get_by_key("shop/pod-25") is None
    activities = journal.activities("ctx", "pods")
    assert activities.deltas([*pods.cache, "shop/other"]) == [0] * 50 + [None]
    assert activities.changed([*pods.cache]) == [None] * 50
    assert journal.activities("ctx", "pods", past).deltas(["shop/pod-24", "shop/pod-25"]) == [0, None]
    assert not activities.busy()
    arrived, through = journal.arrivals("ctx", "pods", 0, 100)
    assert (len(arrived), through) == (50, end)
    assert all(each.listed for each in arrived)
    assert [each.key for each in journal.log_window(0, 50)] == [*pods.cache]
    assert journal.seek(middle, 1, "ctx", "pods", "shop/pod-49") == end
    assert journal.sequence_at(pods.at) == end
    baseline = journal.baseline_diff("ctx", None)
    baseline.take()
    assert baseline.total == 0
    assert [*journal.former("ctx", "pods")] == []
    assert not journal.changes("ctx", "pods").deleted_objects()
    assert not _stream(journal).histories
    journal.close()


def test_the_same_list_again_changes_nothing_but_whose_object_it_is() -> None:
    journal, pods = _listed(20)
    pods.update(pod("pod-3", 99, uid="u3"))
    before, arrived = journal.versions("ctx", "pods", "shop/pod-4"), journal.received
    for number in range(20):
        pods.replace(pod(f"pod-{number}", 99 if number == 3 else 10 + number, uid=f"u{number}"))
    assert journal.received == arrived
    assert journal.versions("ctx", "pods", "shop/pod-4") == before
    for key in ("shop/pod-3", "shop/pod-4", "shop/pod-5"):
        # The cache holds the new one: the old one would be kept only for history.
        assert journal.object_of(journal.versions("ctx", "pods", key)[-1]) is pods.cache[key]
    journal.close()


def test_what_a_later_list_lacks_is_gone() -> None:
    journal, _ = _listed(3)
    sink = journal.sink("ctx", "pods")
    sink.on_synced({"shop/pod-0", "shop/pod-2"})
    assert [each.deleted for each in journal.versions("ctx", "pods", "shop/pod-1")] == [False, True]
    assert list(journal.changes("ctx", "pods").deleted_objects()) == ["shop/pod-1"]
    journal.close()


def test_a_successor_under_the_same_name_has_it_as_the_one_before() -> None:
    journal, pods = _listed(3)
    pods.add(pod("pod-1", 50, uid="another"))
    versions = journal.versions("ctx", "pods", "shop/pod-1")
    assert [each.uid for each in versions] == ["u1", "another"]
    assert journal.previous(versions[1]) == versions[0]
    journal.close()


def test_relations_are_known_without_histories() -> None:
    journal = Journal()
    pods = Feeder(journal.sink("ctx", "pods"))
    for number in range(30):
        owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"rs-{number % 3}", "uid": f"rs{number % 3}"}
        pods.replace(_owned(pod(f"pod-{number}", 10 + number, uid=f"u{number}"), owner))
    sets = Feeder(journal.sink("ctx", "replicasets.apps"))
    sets.replace(pod("rs-1", 5, uid="rs1"))
    timeline = journal.timeline_of("ctx", "replicasets.apps", "shop/rs-1")

    def children() -> set[str]:
        related = (entry.relation for entry in timeline.read() if entry.relation is not None)
        return {relation.key for relation in related if relation.type == "child"}

    assert children() == {f"shop/pod-{number}" for number in range(1, 30, 3)}
    assert len(_stream(journal).histories) == 10, "only those that are shown"
    pods.replace(_owned(pod("late", 90, uid="late"), {"kind": "ReplicaSet", "name": "rs-1", "uid": "rs1"}))
    assert "shop/late" in children()
    journal.close()


def _owned(obj: Any, owner: dict[str, str]) -> Any:
    tree = obj.tree()
    return type(obj).of({**tree, "metadata": {**tree["metadata"], "ownerReferences": [owner]}})


def test_making_room_keeps_the_last_one_of_what_lives() -> None:
    journal, pods = _listed(30, budget=0)
    pods.update(pod("pod-1", 90, uid="u1"))
    assert journal.catch_up(30)
    assert journal.log_length == 0
    assert len(journal.as_of("ctx", "pods")) == 30
    assert [each.resource_version for each in journal.versions("ctx", "pods", "shop/pod-1")] == ["90"]
    pods.update(pod("pod-2", 91, uid="u2"))
    assert journal.catch_up(30)
    assert [each.resource_version for each in journal.versions("ctx", "pods", "shop/pod-2")] == ["91"]
    assert journal.evicted_of("ctx", "pods", "shop/pod-2") == 1
    journal.close()


def test_the_books_say_what_they_take() -> None:
    journal, _ = _listed(5000)
    store, stream = journal._store, _stream(journal)
    without = [stream, store.lock]
    taken = bytes_behind(store.first, stream.listed, store.log, without=without)
    assert 0.8 <= (store.bytes + store.living_bytes) / taken <= 1.25
    assert taken / 5000 < 200
    journal.close()


@settings(max_examples=60)
@given(st.lists(st.sampled_from("aatl"), max_size=60), st.randoms(use_true_random=False))
def test_columns_answer_like_a_dictionary(script: list[str], chance: Any) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(first_versions, "_WORTH_PACKING", 3)
        _compare_with_dictionary(script, chance)


def _compare_with_dictionary(script: list[str], chance: Any) -> None:
    journal = Journal()
    streams = [journal._store.stream("ctx", name) for name in ("pods", "nodes")]
    columns, number, sequence = FirstVersions(), 0, 0
    known: dict[int, FirstVersion] = {}
    for step in script:
        if step == "a":
            number, sequence = number + chance.randint(1, 3), sequence + chance.randint(1, 3)
            first = FirstVersion(number, chance.choice(streams), pod(f"p{number}", number), sequence, 1000.5 + number)
            columns.add(first)
            known[number] = first
        elif known and step == "t":
            assert columns.take(taken := chance.choice([*known])) == known.pop(taken)
        elif known:
            again = chance.choice([*known])
            obj = pod("again", again)
            columns.list_again(again, obj)
            known[again] = known[again]._replace(object=obj)
    assert len(columns) == len(known)
    assert columns.between(0) == [*known.values()]
    for each in range(number + 2):
        assert columns.get(each) == known.get(each)
    low, high = sorted((chance.randint(0, sequence), chance.randint(0, sequence)))
    wanted = [each for each in known.values() if low < each.sequence <= high and each.stream is streams[0]]
    assert columns.objects(streams[0], low, high) == [each.object for each in wanted]
    journal.close()
