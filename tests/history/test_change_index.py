from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from kwatch.history import change_index
from kwatch.history.change_index import ChangeIndex
from kwatch.history.diff.change import Change
from kwatch.history.diff.compare import diff
from kwatch.history.journal import Journal
from kwatch.informer.kube_object import KubeObject
from tests.history.objects import Feeder, bytes_behind, pod


@pytest.fixture
def journal() -> Iterator[Journal]:
    journal = Journal()
    yield journal
    journal.close()


@pytest.fixture
def pods(journal: Journal) -> Feeder:
    return Feeder(journal.sink("ctx", "pods"))


def with_image(name: str, version: int, image: str, **status: Any) -> KubeObject:
    tree = pod(name, version, uid=name, **status).tree()
    tree["spec"]["containers"][0]["image"] = image
    return KubeObject.of(tree)


def test_which_objects_changed_where_and_from_what_to_what(journal: Journal, pods: Feeder) -> None:
    pods.replace(with_image("a", 1, "reg/web:1.4.2", phase="Pending"))
    pods.replace(with_image("b", 2, "reg/web:1.4.2", phase="Running"))
    pods.replace(with_image("c", 3, "reg/web:1.4.2", phase="Running"))
    pods.update(with_image("a", 4, "reg/web:1.4.2", phase="Running"))
    pods.update(with_image("b", 5, "reg/web:1.5.0", phase="Running"))
    assert journal.catch_up(10)
    changes = journal.changes("ctx", "pods")

    assert changes.last_changes("", None, None) == {"shop/a": 1004.0, "shop/b": 1005.0}
    assert set(changes.last_changes("image", None, None)) == {"shop/b"}
    assert set(changes.last_changes("status.phase", "Pending", "Running")) == {"shop/a"}
    assert set(changes.last_changes("status.phase", "Running", None)) == set()
    assert set(changes.last_changes("PHASE", None, "running")) == {"shop/a"}
    for path in ("spec", "containers", "containers[web].image", "spec.containers.image", "im*", ".spec.containers"):
        assert set(changes.last_changes(path, None, None)) == {"shop/b"}, path
    assert set(changes.last_changes("image", "1.4.2", "1.5.0")) == {"shop/b"}
    assert set(changes.last_changes("image", "1.4.2", "reg/*")) == {"shop/b"}
    assert set(changes.last_changes("tus.phase", None, None)) == set()
    assert set(changes.last_changes("", "Pending", None)) == {"shop/a"}
    assert changes.last_change("shop/b", "image", None, None) == 1005.0
    assert changes.last_change("shop/a", "image", None, None) is None
    assert changes.is_settled("shop/a")
    assert changes.paths() == {"status.phase": 1, "spec.containers[web].image": 1}
    assert set(changes.last_changes("phase", "Pending", "Running")) == set(changes.last_changes("phase", None, None))


def test_the_latest_time_counts(journal: Journal, pods: Feeder) -> None:
    for number, phase in enumerate(["A", "B", "A", "B"], 1):
        pods.update(pod(version=number, phase=phase))
    assert journal.catch_up(10)
    changes = journal.changes("ctx", "pods")
    assert changes.last_changes("phase", "A", "B") == {"shop/web": 1004.0}
    assert changes.last_changes("phase", "B", "A") == {"shop/web": 1003.0}


def test_creation_and_deletion_are_changes_and_the_first_list_is_none(journal: Journal, pods: Feeder) -> None:
    pods.replace(pod("listed", 1, uid="u1"))
    pods.add(pod("created", 2, uid="u2"))
    pods.replace(pod("deleted", 3, uid="u3"))
    pods.delete(pod("deleted", 4, uid="u3"))
    assert journal.catch_up(10)
    changes = journal.changes("ctx", "pods")
    assert set(changes.last_changes("", None, None)) == {"shop/created", "shop/deleted"}
    assert changes.last_change("shop/deleted", "", None, None) == 1004.0
    assert set(changes.deleted_objects()) == {"shop/deleted"}


def test_a_heartbeat_is_no_change(journal: Journal, pods: Feeder) -> None:
    beat = [{"type": "Ready", "lastHeartbeatTime": "1"}]
    pods.replace(pod(version=1, conditions=beat))
    pods.update(pod(version=2, conditions=[{"type": "Ready", "lastHeartbeatTime": "2"}]))
    assert journal.catch_up(10)
    assert journal.changes("ctx", "pods").last_changes("", None, None) == {}


def test_the_journal_says_what_its_index_takes(journal: Journal, pods: Feeder) -> None:
    assert journal.index_bytes == 0
    pods.replace(pod(version=1))
    assert journal.catch_up(10)
    before = journal.index_bytes
    pods.update(pod(version=2, phase="Failed"))
    assert journal.catch_up(10)
    assert journal.index_bytes >= before + 700


def test_a_part_that_came_as_a_whole_is_found_by_what_is_in_it(journal: Journal, pods: Feeder) -> None:
    pods.replace(pod(version=1))
    pods.update(pod(version=2, containerStatuses=[{"name": "web", "state": {"waiting": {"reason": "CrashLoop"}}}]))
    assert journal.catch_up(10)
    changes = journal.changes("ctx", "pods")
    assert set(changes.last_changes("waiting.reason", "", "CrashLoop")) == {"shop/web"}
    assert set(changes.last_changes("containerStatuses[web].state", None, None)) == {"shop/web"}


def test_values_too_many_to_tell_apart_are_still_known_of_the_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_index, "MOST_PAIRS", 3)
    index = ChangeIndex()
    for number in range(10):
        index.add(f"pod-{number}", float(number), diff({"n": number}, {"n": number + 1}))
    assert set(index.last_changes("n")) == {f"pod-{number}" for number in range(10)}
    assert set(index.last_changes("n", "1", "2")) == {"pod-1"}
    assert set(index.last_changes("n", "8", "9")) == {"pod-8"}
    assert index.last_change("pod-8", "n", "8", None) == 8.0


def test_changes_too_many_to_remember_are_still_known_of_the_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_index, "MOST_ENTRIES", 4)
    monkeypatch.setattr(change_index, "ENTRIES_PER_OBJECT", 1)
    index = ChangeIndex()
    for number in range(10):
        index.add("pod", float(number), diff({"n": number}, {"n": number + 1}))
    assert index.last_change("pod", "n", "3", "4") == 3.0
    assert index.last_change("pod", "n", "6", "7") is None
    assert index.last_change("pod", "n", "9", "10") == 9.0
    index.forget(["pod"])
    index.add("other", 20.0, diff({"n": 5}, {"n": 6}))
    assert index.last_change("other", "n", "5", "6") == 20.0


def test_too_many_paths_are_filed_under_their_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_index, "MOST_PATHS", 2)
    index = ChangeIndex()
    for number in range(6):
        old, new = ({"env": [{"name": f"E{number}", "value": value}]} for value in "ab")
        index.add(f"pod-{number}", 1.0, diff(old, new))
    assert len(index.paths()) == 3
    assert len(index.last_changes("env.value")) == 6


@pytest.mark.parametrize(("paths", "values", "pairs"), [(1, 1, 2000), (1, 10**6, 50), (300, 10**6, 2000), (300, 2, 9)])
def test_it_knows_about_how_much_memory_it_takes(
    paths: int, values: int, pairs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_index, "MOST_PAIRS", pairs)
    keys, chance = [f"shop/web-{number:06}-abcde" for number in range(500)], Random(1)
    index = ChangeIndex()
    for number in range(3000):
        value = f"2026-11-23T10:57:{chance.randrange(values):07}Z"
        steps = ("status", "conditions", f"c{chance.randrange(paths)}", "lastTransitionTime")
        index.add(chance.choice(keys), 1e9 + number, (Change("status", value, f"{value}!", steps),))
    taken = bytes_behind(index._any, index._paths, without=keys)
    assert 0.8 <= index.bytes / taken <= 1.25
    index.forget(keys)
    assert index.bytes == 0
    assert index.paths() == {}


def test_volumes_that_are_made_for_one_pod_are_no_paths_of_their_own() -> None:
    index = ChangeIndex()
    for number in range(20):
        mounts = [{"name": f"kube-api-access-x{number:04}", "readOnly": True}, {"name": "data", "readOnly": True}]
        index.add(f"pod-{number}", float(number), diff({}, {"volumeMounts": mounts}))
    assert set(index.paths()) == {
        "volumeMounts.name",
        "volumeMounts.readOnly",
        "volumeMounts[data].name",
        "volumeMounts[data].readOnly",
    }
    assert len(index.last_changes("volumeMounts.readOnly", "", "true")) == 20
    assert index.last_changes("volumeMounts.name", None, "kube-api-access-x0007") == {"pod-7": 7.0}


def test_the_latest_of_two_values_that_one_object_had_alone_counts() -> None:
    index = ChangeIndex()
    for at, value in ((1.0, "a"), (3.0, "b"), (2.0, "c")):
        index.add("pod", at, diff({"n": ""}, {"n": value}))
    assert index.last_changes("n", "", None) == {"pod": 3.0}
    index.add("pod", 4.0, diff({"n": ""}, {"n": "a"}))
    index.add("other", 5.0, diff({"n": ""}, {"n": "a"}))
    assert index.last_changes("n", "", "a") == {"pod": 4.0, "other": 5.0}
    index.forget(["pod"])
    assert index.last_changes("n", "", None) == {"other": 5.0}


def test_a_key_that_is_forgotten_is_gone(journal: Journal) -> None:
    index = ChangeIndex()
    index.add("a", 1.0, diff({"n": 1}, {"n": 2}))
    index.forget(["a"])
    assert index.last_changes() == {}
    assert index.last_changes("n", "1", "2") == {}


def labelled(obj: KubeObject) -> KubeObject:
    """With a label that is called as a field is."""
    tree = obj.tree()
    tree["metadata"]["labels"] = {"restartCount": "none"}
    return KubeObject.of(tree)


def started(name: str, version: int, image: str) -> KubeObject:
    """A pod as the kubelet tells of it once it runs: its status has an image, too."""
    statuses = [{"name": "web", "image": f"docker.io/{image}", "imageID": "sha256:1", "restartCount": version}]
    return labelled(with_image(name, version, image, phase="Running", containerStatuses=statuses))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("image", {"shop/rolled"}),
        ("im*", {"shop/rolled"}),
        ("containers.image", {"shop/rolled"}),
        ("containers[web].image", {"shop/rolled"}),
        ("[web].image", {"shop/rolled"}),
        ("status.image", {"shop/rolled", "shop/began"}),
        ("status...imageID", {"shop/rolled", "shop/began"}),
        ("status.containerStatuses[web].image", {"shop/rolled", "shop/began"}),
        ("containerStatuses.image", {"shop/rolled", "shop/began"}),
        ("imageID", {"shop/rolled", "shop/began"}),
        ("phase", {"shop/rolled", "shop/began"}),
        ("restartCount", {"shop/rolled", "shop/began"}),
        ("status", {"shop/rolled", "shop/began"}),
        ("reason", set()),
        ("", {"shop/rolled", "shop/began"}),
    ],
)
def test_what_is_wanted_comes_before_how_it_is(journal: Journal, pods: Feeder, path: str, expected: set[str]) -> None:
    for name in ("rolled", "began"):
        pods.replace(labelled(with_image(name, 1, "web:1", phase="Pending")))
    pods.update(started("rolled", 2, "web:2"))
    pods.update(started("began", 3, "web:1"))
    assert journal.catch_up(10)
    assert set(journal.changes("ctx", "pods").last_changes(path, None, None)) == expected
    past = journal.changes_as_of("ctx", "pods", journal.last_sequence)
    assert set(past.last_changes(path, None, None)) == expected
    assert {key for key in ("shop/rolled", "shop/began") if past.last_change(key, path, None, None)} == expected
