from __future__ import annotations

from kwatch.informer.kube_object import KubeObject
from tests.query.cluster import pod
from tests.tui.cached_session import CachedSession, app_of, lines, texts, until
from tests.tui.driving import press
from tests.tui.features.object.test_related_tab import made
from tests.view.relations.world import make
from tests.view.test_problems_health_monitor import broken


def world() -> CachedSession:
    tree = broken("shop/web-7d-x").tree()
    tree["spec"]["nodeName"] = "node-7"
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-7d", "uid": "uid-web-7d", "controller": True}
    tree["metadata"]["ownerReferences"] = [owner]
    return CachedSession(
        make("Node", "node-7"),
        pod("shop/fine", node="node-7"),
        KubeObject.of(tree),
        made("ReplicaSet", "api-1", "apps/v1", ("Deployment", "api"), spec={}),
        made("ReplicaSet", "web-7d", "apps/v1", ("Deployment", "web"), spec={}),
        made("Deployment", "api", "apps/v1", spec={"replicas": 1}),
        made("Deployment", "web", "apps/v1", spec={"replicas": 1}),
    )


async def test_from_a_node_to_the_deployment_of_its_worst_pod() -> None:
    app = app_of(world(), "nodes")
    async with app.run_test(size=(120, 20)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "▌! node-7") or texts(lines(app), "▌  node-7")), "the node")
        await press(pilot, "enter")
        await until(pilot, lambda: bool(texts(lines(app), "/node:node-7")), "its pods")
        await press(pilot, "ctrl+z")
        await until(pilot, lambda: bool(texts(texts(lines(app), "▌!"), "web-7d-x")), "the worst pod")
        await press(pilot, "J")
        await until(pilot, lambda: bool(texts(texts(lines(app), "▌"), "web-7d ")), "its replica set")
        await press(pilot, "J")
        await until(pilot, lambda: bool(texts(lines(app), "› deployments.apps")), "deployments")
        await until(pilot, lambda: bool(texts(texts(lines(app), "▌"), " web ")), "its deployment")
