from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from kwatch.catalog.names import ResourceNames
from kwatch.informer.errors import Closed
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.status import ErrorRecord, InformerStatus, Phase
from kwatch.session.ports import Watched
from kwatch.session.related_feeds import OwnerFeeds, TimelineFeeds
from tests.view.relations.world import RESOURCES


class Feed:
    def __init__(self, watched: Watched) -> None:
        self.resource = watched.resource
        self.objects: dict[str, KubeObject] = {}
        self.indexer = SimpleNamespace(get_by_key=self.objects.get)
        self.status = InformerStatus()
        self.changed = False
        self.released = False

    def drain(self) -> frozenset[str]:
        changed, self.changed = self.changed, False
        return frozenset({"something"} if changed else ())

    def put(self, obj: KubeObject) -> None:
        self.objects[obj.key] = obj
        self.changed = True
        self.status = InformerStatus(synced_at=1.0)

    def release(self) -> None:
        self.released = True


class Session:
    def __init__(self, *running: Watched) -> None:
        self.names = ResourceNames(tuple(RESOURCES.values()))
        self.feeds: dict[str, Feed] = {}
        self.closed = False
        self._running = running

    def informers(self) -> tuple[Any, ...]:
        return tuple(SimpleNamespace(watched=each) for each in self._running)

    def open(
        self,
        resource: Any,
        namespace: str | None = None,
        labels: str | None = None,
        fields: str | None = None,
        *,
        purpose: str,
        metadata_only: bool = False,
    ) -> Feed:
        if self.closed:
            raise Closed("not connected")
        watched = Watched(resource, namespace, labels, fields, metadata_only)
        assert str(watched) not in self.feeds, f"{watched} is opened twice"
        self.feeds[str(watched)] = Feed(watched)
        return self.feeds[str(watched)]

    def family(self) -> TimelineFeeds:
        return TimelineFeeds(cast("Any", self))


def thing(kind: str, name: str, owner: tuple[str, str] | None = None, namespace: str = "shop", **fields: Any) -> Any:
    metadata: dict[str, Any] = {"name": name, "uid": f"uid-{name}", "namespace": namespace}
    if not namespace:
        del metadata["namespace"]
    if owner is not None:
        api_version = {"Job": "batch/v1", "CronJob": "batch/v1"}.get(owner[0], "apps/v1")
        reference = {"apiVersion": api_version, "kind": owner[0], "name": owner[1], "uid": f"uid-{owner[1]}"}
        metadata["ownerReferences"] = [reference | {"controller": True}]
    return KubeObject.of({"metadata": metadata, **fields})


def test_owners_and_the_node_are_watched_alone_and_an_owners_owner_once_it_is_known() -> None:
    session = Session()
    family = session.family()
    pod = thing("Pod", "web-7d-x", ("ReplicaSet", "web-7d"), spec={"nodeName": "n1"})
    family.look(RESOURCES["Pod"], pod)
    owner = "replicasets.apps in shop --field-selector metadata.name=web-7d"
    assert set(session.feeds) == {
        owner,
        "nodes --field-selector metadata.name=n1",
        "events in shop",
        "events in default --field-selector involvedObject.kind=Node,involvedObject.name=n1",
    }
    session.feeds[owner].put(thing("ReplicaSet", "web-7d", ("Deployment", "web")))
    family.look(RESOURCES["Pod"], pod)
    assert "deployments.apps in shop --field-selector metadata.name=web" in session.feeds
    family.look(RESOURCES["Pod"], pod)
    family.release()
    assert all(feed.released for feed in session.feeds.values())


def test_whole_kinds_are_watched_below() -> None:
    session = Session()
    session.family().look(RESOURCES["CronJob"], thing("CronJob", "nightly"))
    assert set(session.feeds) == {"jobs.batch in shop", "pods in shop", "events in shop"}


def test_a_nodes_pods_are_selected_by_the_server() -> None:
    session = Session()
    session.family().look(RESOURCES["Node"], thing("Node", "n1", namespace=""))
    assert set(session.feeds) == {
        "pods in all namespaces --field-selector spec.nodeName=n1",
        "events in default --field-selector involvedObject.kind=Node,involvedObject.name=n1",
    }


def test_what_is_watched_already_is_shared() -> None:
    session = Session(Watched(RESOURCES["Pod"]), Watched(RESOURCES["Event"], "shop"))
    session.family().look(RESOURCES["Deployment"], thing("Deployment", "web"))
    assert set(session.feeds) == {"replicasets.apps in shop", "pods in all namespaces", "events in shop"}


def test_owners_that_own_each_other_end() -> None:
    session = Session()
    family = session.family()
    pod = thing("Pod", "a", ("ReplicaSet", "b"))
    family.look(RESOURCES["Pod"], pod)
    session.feeds["replicasets.apps in shop --field-selector metadata.name=b"].put(
        thing("ReplicaSet", "b", ("ReplicaSet", "b"))
    )
    family.look(RESOURCES["Pod"], pod)
    assert len(session.feeds) == 2


def test_it_says_what_cannot_be_watched() -> None:
    session = Session()
    family = session.family()
    family.look(RESOURCES["Deployment"], thing("Deployment", "web"))
    refused = ErrorRecord(1.0, "list", "forbidden: cannot list events", 403)
    session.feeds["events in shop"].status = InformerStatus(Phase.FORBIDDEN, last_error=refused)
    session.feeds["pods in shop"].put(thing("Pod", "x"))
    assert family.troubles == {"replicasets.apps": "", "events": "forbidden: cannot list events"}


@pytest.mark.parametrize("names", [True, False])
def test_without_a_connection_nothing_is_watched(names: bool) -> None:
    session = Session()
    session.closed = True
    if not names:
        session.names = None  # type: ignore[assignment] # not known yet
    family = session.family()
    family.look(RESOURCES["Deployment"], thing("Deployment", "web"))
    assert (session.feeds, family.troubles) == ({}, {})
    session.closed, session.names = False, ResourceNames(tuple(RESOURCES.values()))
    family.look(RESOURCES["Deployment"], thing("Deployment", "web"))
    assert len(session.feeds) == 3


@pytest.mark.parametrize(
    ("running", "opened"),
    [
        ((), "replicasets.apps in shop (metadata only)"),
        ((("ReplicaSet", None),), "replicasets.apps in all namespaces"),
        ((("ReplicaSet", "shop"),), "replicasets.apps in shop"),
        ((("ReplicaSet", "data"), ("Pod", None)), "replicasets.apps in shop (metadata only)"),
    ],
)
def test_of_owners_only_metadata_is_watched_unless_all_of_them_is(
    running: tuple[tuple[str, str | None], ...], opened: str
) -> None:
    session = Session(*[Watched(RESOURCES[kind], namespace) for kind, namespace in running])
    feeds = OwnerFeeds(cast("Any", session), "shop")
    assert feeds("apps/v1", "ReplicaSet") is not None
    assert set(session.feeds) == {opened}
    assert feeds("example.com/v1", "Unknown") is None
