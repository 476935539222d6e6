"""A tree of what objects are made of, asked of caches."""

from __future__ import annotations

from kwatch.catalog.indices import indexers_for
from kwatch.catalog.names import ResourceNames
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.informer.resources import BUILTIN_RESOURCES
from kwatch.query.context import IndexAccess
from kwatch.view.owner_tree import MOST_LINES, OwnerTree, roots_of
from kwatch.view.relations import Relation

NAMES = ResourceNames([*BUILTIN_RESOURCES.values()])
BY_NAME = {str(each): each for each in BUILTIN_RESOURCES.values()}
DEPLOYMENTS, SETS, PODS = (BY_NAME[name] for name in ("deployments.apps", "replicasets.apps", "pods"))


def thing(
    kind: str, name: str, owner: tuple[str, str] | None = None, namespace: str = "shop", **more: object
) -> KubeObject:
    owners = [{"kind": owner[0], "name": owner[1], "uid": f"{owner[1]}-uid", "controller": True}] if owner else []
    metadata = {"name": name, "namespace": namespace, "uid": f"{name}-uid", "ownerReferences": owners}
    version = "v1" if kind == "Pod" else "apps/v1"
    return KubeObject.of({"apiVersion": version, "kind": kind, "metadata": metadata, **more})


class Caches:
    """Some objects of each resource."""

    def __init__(self, **objects: list[KubeObject]) -> None:
        self._caches: dict[str, Indexer] = {}
        for resource, name in ((DEPLOYMENTS, "deployments"), (SETS, "sets"), (PODS, "pods")):
            if name in objects:
                cache = self._caches[str(resource)] = Indexer(indexers=indexers_for(resource))
                for each in objects[name]:
                    cache.add(each)

    def of(self, relation: Relation) -> IndexAccess | None:
        return self._caches.get(str(relation.resource))

    def tree(self, resource: Resource, namespace: str | None = "shop", *, depth: int = 9) -> list[str]:
        tree = OwnerTree(
            roots_of(resource, namespace), NAMES, self.of, lambda relation: "listing …", lambda id_, at: at < depth
        )
        return [f"{'.' * each.depth}{each.resource.name} {each.key}{each.waits}" for each in tree.lines(0.0)]


def test_from_a_deployment_to_its_pods() -> None:
    caches = Caches(
        deployments=[thing("Deployment", "web"), thing("Deployment", "other", namespace="else")],
        sets=[thing("ReplicaSet", "web-1", ("Deployment", "web"))],
        pods=[thing("Pod", "web-1-a", ("ReplicaSet", "web-1")), thing("Pod", "lone")],
    )
    below = ["deployments shop/web", ".replicasets shop/web-1", "..pods shop/web-1-a"]
    assert caches.tree(DEPLOYMENTS) == below
    assert caches.tree(DEPLOYMENTS, "!else") == below
    assert caches.tree(DEPLOYMENTS, None) == ["deployments else/other", *below]
    assert caches.tree(DEPLOYMENTS, depth=1) == below[:2], "what is closed is not asked for"


def test_what_is_not_known_yet_is_said() -> None:
    caches = Caches(deployments=[thing("Deployment", "web")])
    assert caches.tree(DEPLOYMENTS) == ["deployments shop/web", ".replicasets listing …"]
    assert Caches().tree(PODS) == ["pods listing …"]


def test_it_is_no_longer_than_can_be_shown() -> None:
    caches = Caches(pods=[thing("Pod", f"p{number}") for number in range(MOST_LINES + 5)])
    assert len(caches.tree(PODS)) == MOST_LINES


def test_what_has_nothing_below_it_is_not_open() -> None:
    caches = Caches(
        deployments=[thing("Deployment", "web")],
        sets=[thing("ReplicaSet", "web-1", ("Deployment", "web")), thing("ReplicaSet", "web-2", ("Deployment", "web"))],
        pods=[thing("Pod", "web-2-a", ("ReplicaSet", "web-2"))],
    )
    roots = roots_of(DEPLOYMENTS, "shop")
    tree = OwnerTree(roots, NAMES, caches.of, lambda relation: "listing …", lambda _, depth: depth < 2)
    assert [(line.key, line.is_open) for line in tree.lines(0.0)[:3]] == [
        ("shop/web", True),
        ("shop/web-1", None),
        ("shop/web-2", True),
    ]
