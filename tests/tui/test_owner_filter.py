"""`owner:` in the table: the owners are watched while it is in force."""

from __future__ import annotations

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.status import ErrorRecord, InformerStatus, Phase
from tests.query.cluster import pod
from tests.tui.cached_session import CachedFeed, CachedSession, app_of, lines, texts, until
from tests.tui.driving import press

SIZE = (120, 30)


def replica_set(name: str, deployment: str) -> KubeObject:
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": deployment, "uid": f"uid-{deployment}"}
    metadata = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "ownerReferences": [owner]}
    return KubeObject.of({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata})


def owned(name: str, by: str) -> KubeObject:
    tree = pod(f"shop/{name}", labels={"pod-template-hash": "5d9f"}).tree()
    tree["metadata"]["ownerReferences"] = [
        {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": by, "uid": f"uid-{by}"}
    ]
    return KubeObject.of(tree)


async def test_pods_are_found_by_the_owner_of_their_owner_live_and_owners_are_let_go_of() -> None:
    session = CachedSession(replica_set("one", "web"), owned("a", "one"), owned("b", "two"))
    app = app_of(session)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "2 pods")), "rows")
        await press(pilot, "slash", *"owner", "colon", *"deploy", "slash", *"web")
        await until(pilot, lambda: bool(texts(lines(app), "1 of 2 pods")), "the pod of web")
        assert "replicasets.apps" in session.open_feeds()
        session.put(replica_set("two", "web"))
        await until(pilot, lambda: bool(texts(lines(app), "2 of 2 pods")), "an adopted one")
        session.put(replica_set("one", "other"))
        await until(pilot, lambda: bool(texts(lines(app), "1 of 2 pods")), "one that is lost")
        await press(pilot, "enter", "escape")
        await until(pilot, lambda: "replicasets.apps" not in session.open_feeds(), "let go of")


class _Forbidding(CachedSession):
    def open(self, resource, namespace=None, *selectors, **why):  # type: ignore[no-untyped-def]
        feed: CachedFeed = super().open(resource, namespace, *selectors, **why)
        if resource.name == "replicasets":
            error = ErrorRecord(1.0, "list", "cannot list replicasets", 403)
            feed.status = InformerStatus(phase=Phase.FORBIDDEN, last_error=error)
        return feed


async def test_where_owners_are_forbidden_names_tell_and_a_notice_says_so() -> None:
    app = app_of(_Forbidding(owned("a", "web-5d9f"), owned("b", "two")))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "2 pods")), "rows")
        await press(pilot, "slash", *"owner", "colon", *"deploy", "slash", *"web")
        await until(pilot, lambda: bool(texts(lines(app), "1 of 2 pods")), "the pod of web")
        await until(pilot, lambda: "cannot list" in "".join(lines(app)), "a notice")
