"""What a place is called."""

from __future__ import annotations

from kwatch.tui.place import Place
from tests.tui.fakes import DEPLOYMENTS, NAMESPACES, NODES, PODS, SECRETS


def test_several_resources_in_one_place() -> None:
    both = Place.of((PODS, NODES), "shop", "po,no")
    assert both == Place(PODS, "shop", others=(NODES,), asked="po,no")
    assert (both.title, both.things) == ("pods,nodes", "pods and nodes")
    assert both.alone(NODES) == Place(NODES) and both.alone(PODS) == Place(PODS, "shop")
    assert Place.of((NODES, PODS), "shop").namespaced and Place.of((NODES,), "shop", "no") == Place(NODES)


def test_many_resources_are_called_as_they_were_asked_for() -> None:
    many = Place.of((PODS, DEPLOYMENTS, NODES, SECRETS, NAMESPACES), None, "all")
    assert (many.title, many.things) == ("all", "objects")
    assert Place(PODS, others=(DEPLOYMENTS, NODES, NAMESPACES)).title == "pods,deployments,nodes,namespaces"
