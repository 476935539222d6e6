"""What is not as it was at a baseline."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.history.baseline import BaselineDiff
from kwatch.history.comparison import Difference
from kwatch.history.journal import Journal
from kwatch.history.version import Moment
from kwatch.informer.kube_object import KubeObject
from tests.history.objects import Feeder, pod

START = 1000.0
"""When the first delta of a Feeder arrives, less a second."""


def compared(since: BaselineDiff) -> dict[str, Difference]:
    since.take()
    while since.compare(3):
        pass
    return {each.new.key.removeprefix("shop/"): each for each in since.found()}


def words(since: BaselineDiff) -> dict[str, tuple[str, str]]:
    return {key: (each.sign, each.words()) for key, each in compared(since).items()}


class World:
    def __init__(self, **how: Any) -> None:
        self.journal = Journal(**how)
        self.pods = Feeder(self.journal.sink("ctx", "pods"))

    def mark(self) -> Moment:
        return Moment(self.journal.last_sequence, self.pods.at)

    def since(self, baseline: Moment | None) -> BaselineDiff:
        return self.journal.baseline_diff({"ctx"}, baseline)


def created(name: str, version: int, at: str, **status: Any) -> KubeObject:
    tree = pod(name, version, uid=name, **status).tree()
    tree["metadata"]["creationTimestamp"] = at
    return KubeObject.of(tree)


BEFORE, AFTER = "1970-01-01T00:00:01Z", "1970-01-01T00:20:00Z"


def test_what_came_went_changed_was_replaced_and_passed() -> None:
    world = World()
    pods = world.pods
    for version, name in enumerate(("same", "gone", "changed", "replaced"), 1):
        pods.replace(pod(name, version, uid=name, phase="A"))
    baseline = world.mark()
    pods.delete(pod("gone", 5, uid="gone"))
    pods.update(pod("changed", 6, uid="changed", phase="B"))
    pods.update(pod("changed", 7, uid="changed", phase="C"))
    pods.update(pod("replaced", 8, uid="another", phase="B"))
    pods.add(pod("new", 9, uid="new"))
    pods.add(pod("brief", 10, uid="brief"))
    pods.delete(pod("brief", 11, uid="brief"))
    found = words(world.since(baseline))
    assert found == {
        "gone": ("-", "deleted"),
        "changed": ("~", "status.phase A -> C"),
        "replaced": ("!", "replaced: status.phase A -> B"),
        "new": ("+", "created"),
        "brief": ("±", "came and went: deleted"),
    }
    assert compared(world.since(baseline))["changed"].deltas == 2
    world.journal.close()


def test_what_changed_back_is_no_difference() -> None:
    world = World()
    world.pods.add(pod("a", 1, phase="A"))
    baseline = world.mark()
    since = world.since(baseline)
    world.pods.update(pod("a", 2, phase="B"))
    assert words(since) == {"a": ("~", "status.phase A -> B")}
    world.pods.update(pod("a", 3, phase="A"))
    found = compared(since)["a"]
    assert not found.changes and [change.general for change in found.noise] == ["metadata.resourceVersion"]
    world.journal.close()


def test_only_what_was_touched_is_compared_again() -> None:
    world = World()
    for number in range(10):
        world.pods.add(pod(f"p{number}", number + 1, uid=str(number), phase="A"))
    since = world.since(Moment(0, 0.0))
    assert len(compared(since)) == 10
    since.take()
    assert since.total == 0 and not since.compare(100)
    world.pods.update(pod("p3", 20, uid="3", phase="B"))
    since.take()
    assert since.total == 1
    world.journal.close()


def test_what_was_listed_later_was_there_before_unless_it_is_younger() -> None:
    world = World()
    baseline = Moment(0, START)
    world.pods.replace(created("old", 1, BEFORE, phase="A"))
    world.pods.replace(created("young", 2, AFTER, phase="A"))
    world.pods.replace(created("changed", 3, BEFORE, phase="A"))
    world.pods.update(created("changed", 4, BEFORE, phase="B"))
    found = compared(world.since(baseline))
    assert {key: (each.sign, each.words()) for key, each in found.items()} == {
        "young": ("+", "created"),
        "changed": ("~", "status.phase A -> B"),
    }
    assert found["changed"].first_listed and found["changed"].deltas == 1
    world.journal.close()


def test_without_a_baseline_it_is_since_watching_began() -> None:
    world = World()
    world.pods.replace(created("listed", 1, BEFORE))
    since = world.since(None)
    since.take()
    assert since.total == 0  # nothing is known of it but that it was there
    world.pods.add(created("added", 2, BEFORE))
    world.pods.replace(created("young", 3, AFTER))
    expected = {"added": ("+", "came into what is watched"), "young": ("+", "created")}
    assert words(world.since(None)) == words(since) == expected
    world.journal.close()


def test_what_was_missed_or_only_left_the_selection_is_called_so() -> None:
    world = World()
    world.pods.add(pod("missed", 1, uid="m"))
    baseline = world.mark()
    world.pods.tombstone("shop/missed")
    assert words(world.since(baseline)) == {"missed": ("-", "deleted while nobody watched")}
    world.journal.close()


def test_where_the_state_then_had_to_make_room_the_oldest_kept_stands_in_and_says_so() -> None:
    world = World(budget_bytes=1)
    world.pods.add(pod("a", 1, phase="A"))
    baseline = world.mark()
    world.pods.update(pod("a", 2, phase="B"))
    assert world.journal.catch_up(10)
    found = compared(world.since(baseline))["a"]
    assert found.stand_in
    assert found.words() == "changed; how it was had to make room"
    world.journal.close()


def test_other_contexts_are_left_alone() -> None:
    world = World()
    Feeder(world.journal.sink("other", "pods")).add(pod("elsewhere"))
    assert words(world.since(Moment(0, 0.0))) == {}
    world.journal.close()


def test_what_cannot_be_read_is_said() -> None:
    world = World()
    world.pods.add(pod("a", 1))
    baseline = world.mark()
    deep = b'{"metadata":{"name":"a","namespace":"shop","uid":"u1","resourceVersion":"2"},"x":'
    world.pods.update(KubeObject(deep + b"[" * 900 + b"]" * 900 + b"}"))
    ((sign, said),) = words(world.since(baseline)).values()
    assert sign == "~" and said.startswith(("x added", "changed, but cannot be read"))
    world.journal.close()


def test_secrets_stay_secret() -> None:
    def secret(version: int, word: str) -> KubeObject:
        metadata = {"name": "s", "namespace": "shop", "uid": "s", "resourceVersion": str(version)}
        return KubeObject.of({"kind": "Secret", "metadata": metadata, "data": {"w": word}})

    world = World()
    world.pods.add(secret(1, "b25l"))
    baseline = world.mark()
    world.pods.update(secret(2, "dHdv"))
    ((_, said),) = words(world.since(baseline)).values()
    assert "dHdv" not in said and said.startswith("data.w *** (3 bytes")
    world.journal.close()


@pytest.mark.parametrize(("time", "expected"), [(START, 2), (START + 2, 1), (START + 3, 0)])
def test_how_many_changed_is_counted_in_the_index(time: float, expected: int) -> None:
    world = World()
    world.pods.replace(pod("listed", 1, uid="l"))
    world.pods.add(pod("added", 2, uid="a"))
    world.pods.update(pod("listed", 3, uid="l", phase="B"))
    world.pods.update(pod("listed", 4, uid="l", phase="B"))  # only a version: noise
    assert world.journal.catch_up(10)
    assert world.journal.changed_since("ctx", time) == expected
    assert world.journal.changed_since("ctx", time, {"pods"}) == 0
    world.journal.close()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", None])), max_size=12), st.integers(0, 12))
def test_kept_up_it_is_what_comparing_the_two_states_gives(steps: list[tuple[str, str | None]], mark: int) -> None:
    """Whatever happens, and however often one looks: it is the difference of the two ends."""
    world = World()
    now: dict[str, str] = {}
    then: dict[str, str] = {}
    since: BaselineDiff | None = None
    for version, (name, phase) in enumerate(steps, 1):
        if version - 1 == mark:
            then, since = dict(now), world.since(world.mark())
        thing = pod(name, version, uid=name, phase=phase)
        if phase is None and name in now:
            del now[name]
            world.pods.delete(thing)
        elif phase is not None:
            (world.pods.update if name in now else world.pods.add)(thing)
            now[name] = phase
        if since is not None:
            compared(since)
    found = compared(since) if since is not None else {}
    world.journal.close()
    seen = {name: each.sign for name, each in found.items() if each.changes and each.sign != "±"}
    expected = dict.fromkeys(now.keys() - then.keys(), "+") | dict.fromkeys(then.keys() - now.keys(), "-")
    expected |= {name: "~" for name in now.keys() & then.keys() if now[name] != then[name]}
    assert seen == (expected if since is not None else {})


def test_up_to_a_moment_in_the_past_what_came_later_does_not_count() -> None:
    world = World()
    world.pods.add(pod("a", 1, uid="a", phase="A"))
    baseline = world.mark()
    world.pods.update(pod("a", 2, uid="a", phase="B"))
    until = world.pods.add(pod("b", 3, uid="b"))
    world.pods.update(pod("a", 4, uid="a", phase="C"))
    world.pods.delete(pod("b", 5, uid="b"))
    world.pods.add(pod("c", 6, uid="c"))
    since = world.journal.baseline_diff({"ctx"}, baseline, until=until)
    assert words(since) == {"a": ("~", "status.phase A -> B"), "b": ("+", "created")}
    assert [each.deltas for each in since.found()] == [1, 1]
    world.pods.update(pod("a", 7, uid="a", phase="D"))
    assert words(since)["a"] == ("~", "status.phase A -> B")
    world.journal.close()
