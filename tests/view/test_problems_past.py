from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from kwatch.base.timestamp import timestamp
from kwatch.catalog.health import assess
from kwatch.history.journal import Journal
from kwatch.informer.kube_object import KubeObject
from kwatch.view.problems import ProblemPast, UnhealthyObject, past_of
from tests.history.objects import Feeder
from tests.view.relations.world import RESOURCES, make

PODS = RESOURCES["Pod"]
NOW = 5000.0
VERSIONS = itertools.count(1)


def pod(reason: str, created: float = 0.0) -> KubeObject:
    """One that waits for a reason; empty: it runs."""
    state: dict[str, Any] = {"waiting": {"reason": reason}} if reason else {"running": {}}
    status = {
        "phase": "Running",
        "containerStatuses": [{"name": "web", "image": "a", "restartCount": 3, "state": state}],
    }
    tree = make("Pod", "shop/web", status=status).tree()
    tree["metadata"] |= {"creationTimestamp": timestamp(created), "resourceVersion": str(next(VERSIONS))}
    return KubeObject.of(tree)


@pytest.fixture
def feeder() -> Iterator[tuple[Journal, Feeder]]:
    journal = Journal()
    yield journal, Feeder(journal.sink("ctx", "pods"))
    journal.close()


def past(journal: Journal | None, obj: KubeObject) -> ProblemPast:
    problem = assess(PODS, obj).at(NOW)
    assert problem is not None
    return past_of(UnhealthyObject(PODS, "shop/web", problem), obj, journal, "ctx", NOW)


def test_since_when_it_was_seen_to_break_and_how_often(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    for at, reason in ((1000, ""), (1100, "ImagePullBackOff"), (1200, ""), (1300, "CrashLoopBackOff")):
        feed.at = at - 1
        feed.update(pod(reason)) if at > 1000 else feed.add(pod(reason))
    found = past(journal, pod("CrashLoopBackOff"))
    assert (found.since, found.approximate, found.times) == (1300, False, 2)
    assert found.before.startswith("image pull: web")


def test_another_problem_before_it_is_the_same_time_of_trouble(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    for at, reason in ((1000, ""), (1100, "ImagePullBackOff"), (1300, "CrashLoopBackOff")):
        feed.at = at - 1
        feed.update(pod(reason)) if at > 1000 else feed.add(pod(reason))
    found = past(journal, pod("CrashLoopBackOff"))
    assert (found.since, found.times) == (1100, 1)
    assert found.before.startswith("image pull")


def test_what_was_wrong_when_it_was_first_seen_says_itself_since_when(feeder: tuple[Journal, Feeder]) -> None:
    journal, feed = feeder
    feed.replace(pod("ImagePullBackOff", created=400))
    found = past(journal, pod("ImagePullBackOff", created=400))
    assert (found.since, found.approximate, found.times, found.before) == (400, True, 1, "")
    assert past(None, pod("ImagePullBackOff", created=400)) == found
