"""Which others an overview speaks of, and what is asked for that."""

from __future__ import annotations

from kwatch.informer.kube_object import KubeObject
from kwatch.view.relations import others_around
from tests.view.relations.world import RESOURCES, World, make

CLAIM = {"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]}
NODE = make("Node", "n1")
POD = make("Pod", "shop/web-1", owner=("ReplicaSet", "web-7d"), spec={"nodeName": "n1"} | CLAIM)
SET = make("ReplicaSet", "shop/web-7d", owner=("Deployment", "web"))
DEPLOYMENT = make("Deployment", "shop/web")
SERVICE = make("Service", "shop/web", spec={"selector": {"app": "web"}})
SLICE = make("EndpointSlice", "shop/web-x", labels={"kubernetes.io/service-name": "web"})
VOLUME_CLAIM = make("PersistentVolumeClaim", "shop/data")


def _around(world: World, obj: KubeObject) -> dict[str, list[str]]:
    found = others_around(RESOURCES[obj.kind], obj, world.names, world.cache)
    return {name: [each.key for each in objects] for name, objects in found.items()}


def test_the_others_by_resource() -> None:
    world = World(NODE, POD, SET, DEPLOYMENT, SERVICE, SLICE, VOLUME_CLAIM)
    assert _around(world, NODE)["pods"] == ["shop/web-1"]
    assert _around(world, SERVICE) == {"endpointslices": ["shop/web-x"]}
    assert _around(world, DEPLOYMENT) == {"replicasets": ["shop/web-7d"]}
    assert _around(world, SET) == {"pods": ["shop/web-1"]}
    assert _around(world, VOLUME_CLAIM) == {"pods": ["shop/web-1"]}
    assert _around(world, POD) == {}


def test_no_more_is_watched_than_is_told() -> None:
    world = World(SERVICE, SLICE)
    _around(world, SERVICE)
    assert {relation.resource.name for relation in world.asked} == {"endpointslices"}


def test_a_nodes_pods_alone_are_asked_for() -> None:
    world = World(NODE, POD)
    _around(world, NODE)
    assert "spec.nodeName=n1" in {relation.field_selector for relation in world.asked}


def test_what_is_not_known_yet_is_left_out() -> None:
    world = World(VOLUME_CLAIM, POD, on_demand=False)
    assert _around(world, VOLUME_CLAIM) == {}
    assert others_around(RESOURCES["Node"], NODE, world.names, lambda relation: None) == {}
