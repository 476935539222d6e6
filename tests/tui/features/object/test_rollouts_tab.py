from __future__ import annotations

from typing import Any

from kwatch.informer.kube_object import KubeObject
from tests.query.cluster import NOW, pod, timestamp
from tests.tui.cached_session import CachedSession, app_of, lines, texts, until
from tests.tui.driving import press
from tests.tui.features.object.test_related_tab import made


def template(image: str) -> dict[str, Any]:
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": image}]}}


def replica_set(revision: int, image: str, age: float, pods: int = 0, cause: str = "") -> KubeObject:
    tree = made("ReplicaSet", f"web-{revision}", "apps/v1", ("Deployment", "web")).tree()
    tree["metadata"]["creationTimestamp"] = timestamp(NOW - age)
    tree["metadata"]["annotations"] = {
        "deployment.kubernetes.io/revision": str(revision),
        "kubernetes.io/change-cause": cause,
    }
    tree["spec"] = {"template": template(image)}
    tree["status"] = {"replicas": pods, "readyReplicas": 0}
    return KubeObject.of(tree)


def world() -> CachedSession:
    tree = pod("shop/web-2-x", labels={"app": "web"}, owner=("ReplicaSet", "web-2")).tree()
    tree["metadata"]["ownerReferences"][0] |= {"apiVersion": "apps/v1", "controller": True}
    return CachedSession(
        KubeObject.of(tree),
        replica_set(1, "shop/web:1", 7200),
        replica_set(2, "shop/web:2", 60, pods=1, cause="release \x1b[31m2"),
        made("Deployment", "web", "apps/v1", spec={"template": template("shop/web:2")}),
    )


async def test_from_a_pod_to_the_rollout_that_made_it() -> None:
    app = app_of(world())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-2-x")), "rows")
        await press(pilot, "H")
        await until(pilot, lambda: bool(texts(lines(app), "the oldest one kept")), "its rollouts")
        screen = lines(app)
        assert texts(screen, "Rollouts of Deployment shop/web")
        assert texts(screen, "Rollouts 2")
        newest, _ = texts(screen, "[web].image 1 -> 2")
        assert newest.split()[:3] == ["▌●", "2", "≈"]
        assert "0/1" in newest
        assert "release ␛[31m2: " in newest
        assert texts(screen, "~ spec.template.spec.containers[web].image 1 -> 2   unknown")


async def test_o_goes_to_what_keeps_the_template_and_escape_comes_back() -> None:
    app = app_of(world(), "deployments")
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web")), "rows")
        await press(pilot, "H")
        await until(pilot, lambda: bool(texts(lines(app), "the oldest one kept")), "its rollouts")
        await press(pilot, "down", "o")
        await until(pilot, lambda: bool(texts(lines(app), "replicasets.apps › web-1")), "the replica set")
        await press(pilot, "escape")
        await until(pilot, lambda: bool(texts(lines(app), "Rollouts of Deployment")), "back")


async def test_enter_shows_the_template_beside_the_one_before_and_steps_to_others() -> None:
    app = app_of(world(), "deployments")
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web")), "rows")
        await press(pilot, "H")
        await until(pilot, lambda: bool(texts(lines(app), "the oldest one kept")), "its rollouts")
        await press(pilot, "enter")
        await until(pilot, lambda: bool(texts(lines(app), "the template before  →  revision 2 at ≈")), "the diff")
        changed = texts(lines(app), "image: shop/web:1")[0]
        assert changed.split("│")[1].split() == ["image:", "shop/web:2"]
        await press(pilot, "left")
        await until(pilot, lambda: bool(texts(lines(app), "the oldest template kept  →  revision 1")), "the oldest")
        await press(pilot, "escape")
        await until(pilot, lambda: bool(texts(lines(app), "Rollouts of Deployment")), "back")


async def test_it_is_live() -> None:
    session = world()
    app = app_of(session, "deployments")
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web")), "rows")
        await press(pilot, "H")
        await until(pilot, lambda: bool(texts(lines(app), "the oldest one kept")), "its rollouts")
        session.put(replica_set(3, "shop/web:3", 0, pods=1))
        await until(pilot, lambda: bool(texts(lines(app), "[web].image 2 -> 3")), "another one")


async def test_what_is_watched_for_it_is_released() -> None:
    session = world()
    app = app_of(session)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-2-x")), "rows")
        await press(pilot, "H")
        await until(pilot, lambda: bool(texts(lines(app), "the oldest one kept")), "its rollouts")
        assert {"deployments.apps", "replicasets.apps"} <= session.open_feeds()
        await press(pilot, "escape")
        await until(pilot, lambda: session.open_feeds() == {"pods"}, "only the table's feed")


async def test_a_pod_that_nothing_rolls_out_says_so() -> None:
    app = app_of(CachedSession(pod("shop/alone")))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "alone")), "rows")
        await press(pilot, "H")
        await until(pilot, lambda: bool(texts(lines(app), "Nothing that is rolled out owns alone")), "why")


async def test_other_kinds_have_no_rollouts() -> None:
    app = app_of(CachedSession(made("Service", "web")), "services")
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web")), "rows")
        await press(pilot, "y")
        await until(pilot, lambda: bool(texts(lines(app), "YAML")), "its YAML")
        assert not texts(lines(app), "Rollouts")
