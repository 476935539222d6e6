from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from kwatch.base.timestamp import timestamp
from kwatch.catalog.health import assess
from kwatch.history.journal import Journal
from kwatch.history.version import Moment
from kwatch.informer.kube_object import KubeObject
from kwatch.view.activity_columns import shares_text
from kwatch.view.problem_past import HealedObjects, ProblemAge, ProblemPast, State, merged, past_of, states_of
from kwatch.view.problems import Healing, UnhealthyObject
from tests.history.objects import Feeder
from tests.view.relations.world import RESOURCES, make

PODS = RESOURCES["Pod"]
NOW = 5000.0
VERSIONS = itertools.count(1)


def pod(reason: str, created: float = 0.0, name: str = "web", **status: Any) -> KubeObject:
    """One that waits for a reason; empty: it runs."""
    state: dict[str, Any] = {"waiting": {"reason": reason}} if reason else {"running": {}}
    container = {"name": "web", "image": "a", "restartCount": 3, "state": state, **status}
    tree = make("Pod", f"shop/{name}", status={"phase": "Running", "containerStatuses": [container]}).tree()
    tree["metadata"] |= {"creationTimestamp": timestamp(created), "resourceVersion": str(next(VERSIONS))}
    return KubeObject.of(tree)


@pytest.fixture
def feeder() -> Iterator[tuple[Journal, Feeder]]:
    journal = Journal()
    yield journal, Feeder(journal.sink("ctx", "pods"))
    journal.close()


def play(feed: Feeder, *past: tuple[float, str], name: str = "web") -> None:
    """From when on it waits for which reason."""
    for place, (at, reason) in enumerate(past):
        feed.at = at - 1
        feed.update(pod(reason, name=name)) if place else feed.add(pod(reason, name=name))


def unhealthy(obj: KubeObject) -> UnhealthyObject:
    problem = assess(PODS, obj).at(NOW)
    assert problem is not None
    return UnhealthyObject(PODS, obj.key, problem)


def past(journal: Journal | None, obj: KubeObject, until: Moment | None = None) -> ProblemPast:
    return past_of([unhealthy(obj)], lambda each: obj, journal, "ctx", until)


def age(journal: Journal | None, obj: KubeObject) -> ProblemAge:
    return past(journal, obj).at(NOW)


def test_since_when_it_was_seen_to_break_and_how_often(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    play(feed, (1000, ""), (1100, "ImagePullBackOff"), (1200, ""), (1300, "CrashLoopBackOff"))
    found = age(journal, pod("CrashLoopBackOff"))
    assert (found.since, found.approximate, found.times, found.well_for) == (1300, False, 2, 100)
    assert found.before.startswith("image pull: web")


def test_another_problem_before_it_is_the_same_time_of_trouble(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    play(feed, (1000, ""), (1100, "ImagePullBackOff"), (1300, "CrashLoopBackOff"))
    found = age(journal, pod("CrashLoopBackOff"))
    assert (found.since, found.times) == (1100, 1)
    assert found.before.startswith("image pull")


def test_what_was_wrong_when_it_was_first_seen_says_itself_since_when(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    feed.replace(pod("ImagePullBackOff", created=400))
    found = age(journal, pod("ImagePullBackOff", created=400))
    assert found == ProblemAge(400, True, 1, "", None)
    assert age(None, pod("ImagePullBackOff", created=400)) == found


def test_what_was_created_ill_while_one_watched_is_ill_since_then(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    play(feed, (1000, "ImagePullBackOff"), (1100, "CrashLoopBackOff"))
    found = age(journal, pod("CrashLoopBackOff", created=400))
    assert (found.since, found.approximate, found.times) == (1000, False, 1)


def test_what_the_server_says_is_told_by_the_clock_here() -> None:
    obj = pod("ImagePullBackOff", created=400)
    found = past_of([unhealthy(obj)], lambda each: obj, None, "ctx", apart=-120.0).at(NOW)
    assert (found.since, found.approximate) == (280, True)


def test_a_server_whose_clock_is_ahead_does_not_tell_since_when() -> None:
    assert age(None, pod("ImagePullBackOff", created=NOW + 60)).since is None


def test_as_of_a_moment_nothing_that_came_later_counts(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    play(feed, (1000, ""), (1100, "ImagePullBackOff"), (1200, ""), (1300, "CrashLoopBackOff"))
    then = Moment(journal.sequence_at(1150), 1150)
    found = past(journal, pod("ImagePullBackOff"), then).at(then.at)
    assert (found.since, found.times, found.before) == (1100, 1, "")


def test_a_problem_that_ends_with_time_alone_ends_without_a_delta(feeder: tuple[Journal, Feeder]) -> None:
    """A restart counts for ten minutes."""
    journal, feed = feeder
    ended = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": timestamp(1100)}}
    feed.at = 1109
    feed.add(pod("", lastState=ended))
    states = states_of(PODS, journal.versions("ctx", "pods", "shop/web"), journal)
    assert [(state.at, state.reason.partition(":")[0]) for state in states] == [(1110, "restarted"), (1700, "")]


def unready(since: float, is_ready: bool = False) -> KubeObject:
    """One that runs; whether it answers, and since when that is so."""
    condition = {"type": "Ready", "status": str(is_ready), "lastTransitionTime": timestamp(since)}
    tree = pod("").tree()
    tree["status"]["conditions"] = [condition]
    return KubeObject.of(tree)


def test_what_counts_because_it_lasts_is_so_since_it_began(feeder: tuple[Journal, Feeder]) -> None:
    """A pod that is not ready is a problem after a minute, and was none for a minute less than it was well."""
    journal, feed = feeder
    feed.at = 999
    feed.add(unready(1000, is_ready=True))
    feed.at = 1100
    feed.update(unready(1101))
    obj = unready(1101)
    known = past(journal, obj)
    assert [each.at for each in known.states] == [1000, 1161], "it counts from a minute after"
    found = known.at(1170)
    assert (found.since, found.approximate, found.times, found.well_for) == (1101, False, 1, 101)
    assert known.shares(1091, 1171, 8) == [0, 1, 1, 1, 1, 1, 1, 1], "so was it all that time"
    assert known.shares(1081, 1161, 8)[:2] == [0, 0]


def test_what_was_never_well_was_not_well_before_it_counted(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    feed.at = 999
    feed.add(unready(1000))
    found = past(journal, unready(1000)).at(1100)
    assert (found.since, found.approximate, found.times, found.well_for) == (1000, False, 1, None)


def test_what_began_before_another_problem_was_not_well_in_between(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    feed.at = 999
    feed.add(unready(1000))
    feed.at = 1019
    feed.update(pod("CrashLoopBackOff"))
    feed.at = 1029
    feed.update(unready(1000))
    found = past(journal, unready(1000)).at(1100)
    assert (found.since, found.times, found.before.partition(":")[0]) == (1020, 1, "crash loop")


def test_what_waits_to_count_has_healed_until_it_does(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    play(feed, (1000, ""), (1010, "CrashLoopBackOff"))
    feed.at = 1019
    feed.update(unready(1020))
    healed = healed_in(journal)
    healed.take()
    assert [each.healing for each in healed.list(1000, 1050)] == [Healing(1010, 1020, False)]
    assert not [*healed.list(1000, 1100)]


def test_a_deleted_object_is_neither_ill_nor_well(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    play(feed, (1000, ""), (1100, "CrashLoopBackOff"))
    feed.at = 1199
    feed.delete(pod("CrashLoopBackOff"))
    (*_, last) = states_of(PODS, journal.versions("ctx", "pods", "shop/web"), journal)
    assert last == State(1200, "", False)


def test_how_much_of_each_part_of_a_time_it_was_ill() -> None:
    known = ProblemPast((State(100, ""), State(130, "x"), State(140, ""), State(160, "x"), State(180, "", False)))
    shares = known.shares(80, 200, 6)
    assert shares == [None, 0.0, 0.5, 0.0, 1.0, None]
    assert shares_text(shares) == " ·▅·█ "


def test_a_part_that_is_known_in_part_is_judged_by_that() -> None:
    assert ProblemPast((State(95, "x"),)).shares(80, 120, 2) == [1.0, 1.0]
    assert ProblemPast().shares(80, 120, 2) == [None, None]


def test_several_as_one_are_ill_while_one_of_them_is() -> None:
    one = (State(100, ""), State(110, "a"), State(120, ""))
    two = (State(105, ""), State(115, "b"), State(130, ""), State(140, "b"))
    assert merged([one, two]) == (
        State(100, ""),
        State(110, "a"),
        State(120, "b"),
        State(130, ""),
        State(140, "b"),
    )
    assert ProblemPast(merged([one, two])).at(150).times == 2


def test_of_many_that_fail_alike_only_some_are_read(feeder: tuple[Journal, Feeder]) -> None:
    journal, _ = feeder
    objects = {f"shop/web-{number}": pod("CrashLoopBackOff", 100.0 + number, f"web-{number}") for number in range(1000)}
    asked: list[str] = []

    def object_of(each: UnhealthyObject) -> KubeObject:
        asked.append(each.key)
        return objects[each.key]

    found = past_of([unhealthy(each) for each in objects.values()], object_of, journal, "ctx")
    assert len(asked) == 10
    assert found.at(NOW).since == 100


def healed_in(journal: Journal, until: Moment | None = None, start: float = 1000.0) -> HealedObjects:
    return HealedObjects(journal, "ctx", {"pods": PODS}, start, until)


def test_what_healed_says_when_and_how_long_it_lasted(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    play(feed, (1000, ""), (1100, "ImagePullBackOff"), (1200, "CrashLoopBackOff"), (1300, ""))
    healed = healed_in(journal)
    assert healed.take()
    (found,) = healed.list(1000, NOW)
    assert found.healing == Healing(1100, 1300, False)
    assert found.problem.reason.startswith("crash loop")
    assert list(healed.list(1301, NOW)) == [], "before the time that is asked for"
    assert list(healed.list(1000, 1250)) == [], "it is ill then"


def test_what_is_ill_is_not_read_until_it_has_healed(
    feeder: tuple[Journal, Feeder], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr(HealedObjects, "_read", lambda self, id_, version: read.append(id_[1]))
    journal, feed = feeder
    for number in range(1000):
        play(feed, (1100, "CrashLoopBackOff"), name=f"web-{number}")
    healed = healed_in(journal)
    ill = {("pods", f"shop/web-{number}") for number in range(1000)}
    assert not healed.take(ill) and not read
    assert healed.take(ill - {("pods", "shop/web-7")}) and read == ["shop/web-7"]


def test_what_was_deleted_ill_as_it_was_is_gone(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    play(feed, (1000, "CrashLoopBackOff"))
    feed.at = 1199
    feed.delete(pod("CrashLoopBackOff"))
    healed = healed_in(journal)
    healed.take()
    (found,) = healed.list(1000, NOW)
    assert found.healing == Healing(None, 1200, True)
    last = healed.last_object(("pods", "shop/web"))
    assert last is not None and last.key == "shop/web"


def test_what_heals_while_one_looks_comes_to_it_and_what_breaks_goes(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    play(feed, (1000, ""), (1100, "CrashLoopBackOff"))
    healed = healed_in(journal)
    healed.take()
    assert list(healed.list(1000, 1150)) == []
    feed.at = 1199
    feed.update(pod(""))
    assert healed.take() and not healed.take()
    assert len(list(healed.list(1000, 1200))) == 1
    feed.update(pod("CrashLoopBackOff"))
    healed.take()
    assert list(healed.list(1000, 1300)) == []


def test_as_of_a_moment_only_what_had_healed_by_then(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    play(feed, (1000, ""), (1100, "CrashLoopBackOff"), (1200, ""), name="web")
    play(feed, (1210, ""), (1220, "CrashLoopBackOff"), (1300, ""), name="db")
    until = Moment(journal.sequence_at(1250), 1250)
    healed = healed_in(journal, until)
    healed.take()
    assert [each.key for each in healed.list(1000, 1250)] == ["shop/web"]


def test_more_changes_than_can_be_looked_through_are_counted(
    feeder: tuple[Journal, Feeder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kwatch.view.problem_past.MOST_ARRIVALS", 6)
    monkeypatch.setattr("kwatch.view.problem_past.MOST_HEALED", 2)
    journal, feed = feeder
    for number in range(4):
        play(feed, (1000, ""), (1100, "CrashLoopBackOff"), (1200, ""), name=f"web-{number}")
    healed = healed_in(journal)
    healed.take()
    assert [each.key for each in healed.list(1000, NOW)] == ["shop/web-2", "shop/web-3"]
    assert healed.left_out == 6
