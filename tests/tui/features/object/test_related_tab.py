from __future__ import annotations

from kwatch.informer.kube_object import KubeObject
from kwatch.tui.features.object.object_screen import ObjectScreen
from tests.query.cluster import NOW, pod, timestamp
from tests.tui.cached_session import PODS, CachedSession, app_of, lines, texts, until
from tests.tui.driving import press


def made(
    kind: str, name: str, api_version: str = "v1", owner: tuple[str, str] | None = None, **fields: object
) -> KubeObject:
    metadata: dict[str, object] = {"name": name, "namespace": "shop", "uid": f"uid-{name}"}
    metadata["creationTimestamp"] = timestamp(NOW - 7200)
    if owner is not None:
        reference = {"apiVersion": "apps/v1", "kind": owner[0], "name": owner[1], "uid": f"uid-{owner[1]}"}
        metadata["ownerReferences"] = [reference | {"controller": True}]
    return KubeObject.of({"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields})


def world() -> CachedSession:
    selector = {"matchLabels": {"app": "web"}}
    web = pod(
        "shop/web-7d-x",
        labels={"app": "web"},
        owner=("ReplicaSet", "web-7d"),
        spec={"volumes": [{"name": "s", "secret": {"secretName": "tls"}}]},
    )
    tree = web.tree()
    tree["metadata"]["ownerReferences"][0] |= {"apiVersion": "apps/v1", "controller": True}
    return CachedSession(
        KubeObject.of(tree),
        made("ReplicaSet", "web-7d", "apps/v1", ("Deployment", "web"), spec={"selector": selector}),
        made("Deployment", "web", "apps/v1", spec={"selector": selector, "replicas": 1}),
        made("Service", "web", spec={"selector": {"app": "web"}, "type": "ClusterIP"}),
    )


async def test_owners_services_and_what_is_missing() -> None:
    app = app_of(world())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-7d-x")), "rows")
        await press(pilot, "r")
        await until(pilot, lambda: bool(texts(lines(app), "Deployment")), "the owner's owner")
        screen = lines(app)
        assert texts(texts(screen, "controlled by"), "ReplicaSet")
        assert texts(texts(screen, "served by"), "ClusterIP")
        assert texts(texts(screen, "uses"), "not there")
        assert texts(screen, "Related 4")


async def test_enter_goes_there_and_escape_comes_back() -> None:
    app = app_of(world())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-7d-x")), "rows")
        await press(pilot, "r")
        await until(pilot, lambda: bool(texts(lines(app), "Deployment")), "the owner's owner")
        await press(pilot, "down", "enter")
        await until(pilot, lambda: bool(texts(lines(app), "deployments.apps › web")), "the deployment")
        assert texts(lines(app), "Selector")
        await press(pilot, "escape")
        await until(pilot, lambda: bool(texts(lines(app), "served by")), "back")


async def test_it_is_live() -> None:
    session = world()
    app = app_of(session, "deployments")
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web")), "rows")
        await press(pilot, "r")
        await until(pilot, lambda: bool(texts(lines(app), "web-7d-x")), "its pod")
        session.put(pod("shop/web-7d-new", labels={"app": "web"}))
        await until(pilot, lambda: bool(texts(lines(app), "web-7d-new")), "another pod")
        session.remove(pod("shop/web-7d-new"))
        await until(pilot, lambda: not texts(lines(app), "web-7d-new"), "one pod less")


async def test_who_uses_a_secret_is_told_by_an_index_made_for_it() -> None:
    session = world()
    session.put(made("Secret", "tls", type="Opaque"))
    app = app_of(session, "secrets")
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "tls")), "rows")
        assert "secret" not in session.cache(PODS).index_names
        await press(pilot, "r")
        await until(pilot, lambda: bool(texts(texts(lines(app), "used by"), "web-7d-x")), "its user")
        assert "secret" in session.cache(PODS).index_names


async def test_what_was_watched_for_it_is_let_go_of() -> None:
    session = world()
    app = app_of(session)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-7d-x")), "rows")
        await press(pilot, "r")
        await until(pilot, lambda: bool(texts(lines(app), "Deployment")), "the owner's owner")
        assert {"deployments.apps", "services"} <= session.open_feeds()
        assert isinstance(app.screen, ObjectScreen)
        await press(pilot, "escape")
        await until(pilot, lambda: session.open_feeds() == {"pods"}, "only the table's feed")


async def test_shift_j_goes_from_owner_to_owner() -> None:
    app = app_of(world())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-7d-x")), "rows")
        await press(pilot, "d")
        await until(pilot, lambda: bool(texts(lines(app), "pods › web-7d-x")), "the pod")
        await press(pilot, "J")
        await until(pilot, lambda: bool(texts(lines(app), "replicasets.apps › web-7d")), "its replica set")
        await press(pilot, "J")
        await until(pilot, lambda: bool(texts(lines(app), "deployments.apps › web")), "its deployment")
        await press(pilot, "J")
        await press(pilot, "escape", "escape")
        await until(pilot, lambda: bool(texts(lines(app), "pods › web-7d-x")), "back at the pod")
