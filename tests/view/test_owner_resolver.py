"""`owner:` as a live join: pod -> replica set -> deployment, by uid."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.catalog.indices import indexers_for, indexers_on_demand
from kwatch.catalog.kinds.pods import PODS
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.query import parse
from kwatch.query.index_names import OWNER
from kwatch.view.exploration import index_facet
from kwatch.view.owner_resolver import OwnerResolver
from kwatch.view.projection import Projection
from tests.query.cluster import POD_RESOURCE, FakeClock

APPS = "apps/v1"
REPLICA_SETS = Resource(GroupVersionResource("apps", "v1", "replicasets"), "ReplicaSet", namespaced=True)


def make(kind: str, name: str, *owners: KubeObject, uid: str = "", labels: dict[str, str] | None = None) -> KubeObject:
    references = [
        {"apiVersion": each.api_version, "kind": each.kind, "name": each.name, "uid": each.uid} for each in owners
    ]
    metadata = {"name": name, "namespace": "shop", "uid": uid or f"uid-{kind}-{name}", "ownerReferences": references}
    api_version = {"Pod": "v1", "Job": "batch/v1", "CronJob": "batch/v1", "App": "example.com/v1"}.get(kind, APPS)
    tree: dict[str, Any] = {"apiVersion": api_version, "kind": kind, "metadata": metadata | {"labels": labels or {}}}
    return KubeObject.of(tree)


@dataclass
class Cache:
    """A kind of owners, put there by hand."""

    indexer: Indexer = field(default_factory=lambda: Indexer(indexers=indexers_for(REPLICA_SETS)))
    dirty: set[str] = field(default_factory=set)
    is_complete: bool = True
    complaint: str = ""
    released: bool = False

    @property
    def index(self) -> Indexer:
        return self.indexer

    def put(self, *objects: KubeObject) -> None:
        for obj in objects:
            self.indexer.add(obj)
            self.dirty.add(obj.key)

    def remove(self, obj: KubeObject) -> None:
        self.indexer.delete(obj)
        self.dirty.add(obj.key)

    def drain(self) -> AbstractSet[str]:
        dirty, self.dirty = self.dirty, set()
        return dirty

    def release(self) -> None:
        self.released = True


class Cluster:
    """Pods in a view, and the caches of what may own them."""

    def __init__(self, *, indexed: bool = True) -> None:
        on_demand = indexers_on_demand(POD_RESOURCE) if indexed else {}
        self.pods = Indexer(indexers=indexers_for(POD_RESOURCE) | on_demand)
        self.caches = {kind: Cache() for kind in ("ReplicaSet", "Deployment", "Job", "CronJob", "App")}
        self.opened: list[str] = []
        self.owner_resolver = OwnerResolver(self.pods, self._open)
        self.view = Projection(
            self.pods, PODS, clock=FakeClock(), resource=POD_RESOURCE, in_background=False, owners=self.owner_resolver
        )

    def _open(self, api_version: str, kind: str) -> Cache | None:
        self.opened.append(kind)
        return self.caches.get(kind)

    def put(self, *objects: KubeObject) -> None:
        for obj in objects:
            if obj.kind == "Pod":
                self.pods.add(obj)
                self.view.apply({obj.key})
            else:
                self.caches[obj.kind].put(obj)

    def filter(self, text: str) -> list[str]:
        self.view.set_query(parse(text))
        return self.shown

    @property
    def shown(self) -> list[str]:
        """After a beat."""
        due = self.view.due(FakeClock().now)
        if due is not None:
            self.view.apply(frozenset())
        return [key.removeprefix("shop/") for key in self.view.order]


def web(cluster: Cluster) -> tuple[KubeObject, KubeObject, KubeObject]:
    """A deployment of a pod through a replica set whose name tells nothing."""
    deployment = make("Deployment", "web")
    replicas = make("ReplicaSet", "odd-name", deployment)
    pod = make("Pod", "web-1", replicas)
    cluster.put(deployment, replicas, pod, make("Pod", "alone"))
    return deployment, replicas, pod


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "owner:deploy/web",
        "owner:Deployment/web",
        "owner:deployments/w*",
        "owner:web",
        "owner:rs/odd-name",
        "owner:odd*",
    ],
)
def test_whatever_belongs_to_an_owner_is_found_through_the_caches(indexed: bool, text: str) -> None:
    cluster = Cluster(indexed=indexed)
    web(cluster)
    assert cluster.filter(text) == ["web-1"]
    assert cluster.filter(f"!{text}") == ["alone"]
    assert bool(cluster.view.explain[0].count) is indexed


def test_only_what_may_lie_between_is_watched_and_let_go_with_the_filter() -> None:
    cluster = Cluster()
    web(cluster)
    assert cluster.filter("owner:rs/odd-name") == ["web-1"]
    assert cluster.opened == []
    assert cluster.filter("owner:deploy/web") == ["web-1"]
    assert cluster.opened == ["ReplicaSet"]
    assert not cluster.caches["ReplicaSet"].released
    cluster.view.set_query(None)
    assert cluster.caches["ReplicaSet"].released


def test_an_owner_that_is_adopted_brings_its_pods_and_one_that_is_orphaned_takes_them() -> None:
    cluster = Cluster()
    deployment, replicas, _ = web(cluster)
    other = make("Deployment", "other")
    assert cluster.filter("owner:deploy/other") == []
    cluster.put(make("ReplicaSet", replicas.name, other))
    assert cluster.shown == ["web-1"]
    assert cluster.filter("owner:deploy/web") == []
    cluster.put(make("ReplicaSet", replicas.name))
    assert cluster.filter("owner:deploy/other") == []
    cluster.put(make("ReplicaSet", replicas.name, deployment))
    assert cluster.shown == []
    assert cluster.filter("owner:deploy/web") == ["web-1"]


def test_an_owner_of_the_same_name_but_another_uid_is_another_one() -> None:
    cluster = Cluster()
    _, replicas, _ = web(cluster)
    assert cluster.filter("owner:deploy/web") == ["web-1"]
    cluster.put(make("ReplicaSet", replicas.name, make("Deployment", "web"), uid="reborn"))
    assert cluster.shown == []


def test_an_owner_that_goes_takes_what_is_known_of_its_own_owners() -> None:
    cluster = Cluster()
    _, replicas, _ = web(cluster)
    assert cluster.filter("owner:deploy/web") == ["web-1"]
    cluster.caches["ReplicaSet"].remove(replicas)
    assert cluster.shown == []


def test_owners_further_up_are_followed_where_a_pattern_may_mean_them() -> None:
    cluster = Cluster()
    app = make("App", "shop-app")
    deployment = make("Deployment", "web", app)
    replicas = make("ReplicaSet", "odd", deployment)
    cluster.put(app, deployment, replicas, make("Pod", "web-1", replicas))
    cluster.view.set_query(parse("owner:app/shop-app"))
    for _ in range(3):
        shown = cluster.shown
    assert shown == ["web-1"]
    assert set(cluster.opened) == {"ReplicaSet", "Deployment", "App"}
    cluster.put(make("Deployment", "web"))
    assert cluster.shown == []
    cluster.put(make("Deployment", "web", make("App", "shop-app-2")))
    assert cluster.shown == []
    assert cluster.filter("owner:shop-app-?") == ["web-1"]


def test_a_circle_of_owners_ends() -> None:
    cluster = Cluster()
    one = make("ReplicaSet", "one", make("Deployment", "two"))
    cluster.put(one, make("Deployment", "two", one), make("Pod", "web-1", one))
    assert cluster.filter("owner:two") == ["web-1"]
    assert cluster.shown == ["web-1"]


@pytest.mark.parametrize("indexed", [False, True])
def test_until_the_owners_are_listed_names_tell(indexed: bool) -> None:
    cluster = Cluster(indexed=indexed)
    cluster.caches["ReplicaSet"].is_complete = False
    replicas = make("ReplicaSet", "web-5d9f", make("Deployment", "truly"))
    cluster.put(replicas, make("Pod", "web-1", replicas, labels={"pod-template-hash": "5d9f"}))
    assert cluster.filter("owner:deploy/web") == ["web-1"]
    assert cluster.view.explain[0].by in ("owner", "owner index")
    cluster.caches["ReplicaSet"].is_complete = True
    assert cluster.shown == []
    assert cluster.filter("owner:deploy/truly") == ["web-1"]


def test_where_owners_are_forbidden_names_must_do_and_that_is_said() -> None:
    cluster = Cluster()
    cache = cluster.caches["ReplicaSet"]
    cache.is_complete, cache.complaint = False, "cannot list replicasets"
    replicas = make("ReplicaSet", "web-5d9f")
    cluster.put(make("Pod", "web-1", replicas, labels={"pod-template-hash": "5d9f"}))
    assert cluster.filter("owner:deploy/web") == ["web-1"]
    assert "ReplicaSet: cannot list replicasets" in cluster.owner_resolver.notice
    assert cluster.owner_resolver.notice in cluster.view.explain[0].by


def test_a_job_is_followed_to_its_cron_job() -> None:
    cluster = Cluster()
    job = make("Job", "by-hand", make("CronJob", "report"))
    cluster.put(job, make("Pod", "report-1", job))
    assert cluster.filter("owner:cj/report") == ["report-1"]
    assert cluster.opened == ["Job"]


def test_an_owner_of_a_kind_that_nobody_offers_is_known_by_name() -> None:
    cluster = Cluster()
    cluster.put(make("Pod", "x", make("Unknown", "y")))
    assert cluster.filter("owner:y") == cluster.filter("owner:unknown/y") == ["x"]


def test_the_facet_counts_by_the_same_join() -> None:
    cluster = Cluster()
    _, replicas, _ = web(cluster)
    cluster.put(make("Pod", "web-2", replicas))
    with_owners = cluster.owner_resolver.hold(("*",))
    facet = index_facet(OWNER, cluster.view.context, {"shop/web-2"})
    assert {each.value: (each.total, each.shown) for each in facet.values} == {
        "ReplicaSet/odd-name": (2, 1),
        "Deployment/web": (2, 1),
    }
    with_owners.release()


_owner = st.one_of(st.none(), st.integers(0, 2))
_steps = st.lists(
    st.tuples(st.sampled_from(["pod", "rs", "no rs", "look"]), st.integers(0, 2), _owner, st.booleans()), max_size=30
)


@settings(max_examples=60)
@given(_steps, st.booleans())
def test_a_filter_shows_what_following_every_owner_anew_would_show(
    steps: list[tuple[str, int, int | None, bool]], indexed: bool
) -> None:
    cluster = Cluster(indexed=indexed)
    cluster.view.set_query(parse("owner:deploy/d1"))
    sets: dict[str, KubeObject] = {}
    pods: dict[str, KubeObject] = {}
    for what, number, owner, reborn in steps:
        if what == "pod":
            owners = [] if owner is None else [sets.get(f"r{owner}", make("ReplicaSet", f"r{owner}"))]
            pods[f"p{number}"] = make("Pod", f"p{number}", *owners)
            cluster.put(pods[f"p{number}"])
        elif what == "rs":
            uid = f"uid-ReplicaSet-r{number}" + ("-again" if reborn else "")
            above = [] if owner is None else [make("Deployment", f"d{owner}")]
            sets[f"r{number}"] = make("ReplicaSet", f"r{number}", *above, uid=uid)
            cluster.put(sets[f"r{number}"])
        elif what == "no rs" and (gone := sets.pop(f"r{number}", None)) is not None:
            cluster.caches["ReplicaSet"].remove(gone)
        expected = []
        for name, pod in sorted(pods.items()):
            parents = [
                sets.get(each.name) for each in pod.owners if getattr(sets.get(each.name), "uid", "") == each.uid
            ]
            if any(above.name == "d1" for parent in parents if parent is not None for above in parent.owners):
                expected.append(name)
        assert cluster.shown == expected
