from __future__ import annotations

from collections.abc import Sequence

import pytest

from kwatch.informer.kube_object import KubeObject
from tests.query.cluster import NOW, pod, timestamp
from tests.tui.cached_session import CachedSession, app_of, lines, texts, until
from tests.tui.driving import press
from tests.tui.features.object.test_related_tab import made
from tests.tui.features.object.test_rollouts_tab import replica_set, template


def crashing() -> KubeObject:
    last = {"terminated": {"reason": "Error", "exitCode": 1, "finishedAt": timestamp(NOW - 30)}}
    container = {
        "name": "web",
        "restartCount": 1,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": last,
    }
    status = {"phase": "Running", "containerStatuses": [container]}
    tree = pod("shop/web-2-x", labels={"app": "web", "pod-template-hash": "2"}, owner=("ReplicaSet", "web-2")).tree()
    tree["metadata"]["ownerReferences"][0] |= {"apiVersion": "apps/v1", "controller": True}
    tree["status"] = status
    return KubeObject.of(tree)


def objects() -> Sequence[KubeObject]:
    selector = {"matchLabels": {"app": "web"}}
    deployment = made("Deployment", "web", "apps/v1", spec={"template": template("shop/web:2"), "selector": selector})
    sets = (replica_set(1, "shop/web:1", 7200), replica_set(2, "shop/web:\x1b[31m2", 60, pods=1))
    return (crashing(), *sets, deployment)


def world() -> CachedSession:
    return CachedSession(*objects())


async def test_from_a_pod_that_crashes_to_what_broke_it() -> None:
    app = app_of(world())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-2-x")), "rows")
        await press(pilot, "X")
        await until(pilot, lambda: bool(texts(lines(app), "It crashes, since")), "what fails")
        await until(pilot, lambda: bool(texts(lines(app), "Why   the image changed")), "its cause")
        screen = lines(app)
        assert texts(screen, "Suspects 1")
        first = texts(screen, "rollout 2 of Deployment web")[0]
        assert first.split()[:2] == ["▌", "1"]
        assert "containers[web].image" in first
        assert "␛[31m2" in texts(screen, "~ spec.template.spec.containers[web].image")[0]


@pytest.mark.parametrize("size", [(80, 24), (180, 50)])
async def test_from_a_red_row_to_the_diff_in_two_keys_and_back(size: tuple[int, int]) -> None:
    app = app_of(world())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-2-x")), "rows")
        await press(pilot, "X")
        await until(pilot, lambda: bool(texts(lines(app), "rollout 2 of Deploy")), "the suspect")
        await press(pilot, "enter")
        await until(pilot, lambda: bool(texts(lines(app), "image: shop/web:1")), "what it changed")
        assert texts(lines(app), "\\e[31m2")
        await press(pilot, "escape")
        await until(pilot, lambda: bool(texts(lines(app), "It crashes, since")), "back")


async def test_the_reason_is_in_sight_where_not_all_fits() -> None:
    """It is the first line below the rows; what fits no more is at the end."""
    session, tree = world(), crashing().tree()
    tree["status"]["containerStatuses"][0]["lastState"]["terminated"]["message"] = "it says much " * 40
    session.put(KubeObject.of(tree))
    app = app_of(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-2-x")), "rows")
        await press(pilot, "X")
        await until(pilot, lambda: bool(texts(lines(app), "it says much")), "what it says")
        assert texts(lines(app), "Why   the image changed")


async def test_where_nothing_explains_it_that_is_said() -> None:
    app = app_of(CachedSession(pod("shop/alone", phase="Failed")))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "alone")), "rows")
        await press(pilot, "X")
        await until(pilot, lambda: bool(texts(lines(app), "Nothing is known to have changed that explains it")), "why")


async def test_what_is_watched_for_it_is_released() -> None:
    session = world()
    app = app_of(session)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-2-x")), "rows")
        await press(pilot, "X")
        await until(pilot, lambda: bool(texts(lines(app), "rollout 2 of Deployment")), "the suspect")
        assert {"deployments.apps", "replicasets.apps"} <= session.open_feeds()
        await press(pilot, "escape")
        await until(pilot, lambda: session.open_feeds() == {"pods"}, "only the table's feed")


@pytest.mark.parametrize("size", [(80, 24), (180, 50)])
async def test_the_overview_of_what_fails_says_what_may_have_caused_it(size: tuple[int, int]) -> None:
    app = app_of(world())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-2-x")), "rows")
        await press(pilot, "d")
        await until(pilot, lambda: bool(texts(lines(app), "It crashes, since")), "what fails")
        (first,) = texts(lines(app), "1  containers[web].image shop/web:1 -> shop/web:␛[31m2")
        screen = " ".join(line.strip() for line in lines(app))
        assert "rollout 2 of Deployment web, ≈ " in screen
        assert "the image changed 30s before it began to fail" in screen
        await press(pilot, "enter")
        await until(pilot, lambda: bool(texts(lines(app), "the template before  →  revision 2")), "what it changed")
        await press(pilot, "escape")
        await until(pilot, lambda: bool(texts(lines(app), "It crashes, since")), "back")
        await pilot.click(offset=(20, lines(app).index(first)))
        await until(pilot, lambda: bool(texts(lines(app), "the template before  →  revision 2")), "by a click")


async def test_the_overview_of_what_is_well_watches_nothing_for_suspects() -> None:
    session = CachedSession(pod("shop/web-1"))
    app = app_of(session)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await press(pilot, "d")
        await until(pilot, lambda: bool(texts(lines(app), "Nothing is known to be wrong")), "its health")
        assert session.open_feeds() == {"pods"}


async def test_the_overview_of_a_workload_shows_its_last_rollout() -> None:
    app = app_of(world(), "deployments")
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web")), "rows")
        await press(pilot, "d")
        await until(pilot, lambda: bool(texts(lines(app), "Last Rollout")), "its last rollout")
        screen = lines(app)
        assert texts(screen, "Revision")[0].split()[1:3] == ["2,", "current,"]
        assert "≈" in texts(screen, "Rolled Out")[0]
        assert "containers[web].image" in texts(screen, "Changed")[0]


async def test_a_deployment_whose_pods_fail_is_not_called_well_until_it_counts_as_failing() -> None:
    session = world()
    since = timestamp(NOW - 10)
    condition = {"type": "Available", "status": "False", "lastTransitionTime": since}
    tree = made("Deployment", "web", "apps/v1", spec={"template": template("shop/web:2")}).tree()
    tree["spec"] |= {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}}
    tree["status"] = {"conditions": [condition], "replicas": 1, "availableReplicas": 0}
    session.put(KubeObject.of(tree))
    app = app_of(session, "deployments")
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web")), "rows")
        await press(pilot, "d")
        await until(pilot, lambda: bool(texts(lines(app), "It crashes, since")), "what fails, and the suspects")
        assert texts(lines(app), "unless that changes: 0 of 1 ")
        assert not texts(lines(app), "Nothing is known to be wrong")
