"""What a place is called."""

from __future__ import annotations

from kwatch.tui.location import Location
from tests.tui.fakes import DEPLOYMENTS, NAMESPACES, NODES, PODS, SECRETS


def test_several_resources_in_one_place() -> None:
    both = Location.of((PODS, NODES), "shop", "po,no")
    assert both == Location(PODS, "shop", others=(NODES,), asked="po,no")
    assert (both.title, both.things) == ("pods,nodes", "pods and nodes")
    assert both.alone(NODES) == Location(NODES) and both.alone(PODS) == Location(PODS, "shop")
    assert Location.of((NODES, PODS), "shop").namespaced and Location.of((NODES,), "shop", "no") == Location(NODES)


def test_many_resources_are_called_as_they_were_asked_for() -> None:
    many = Location.of((PODS, DEPLOYMENTS, NODES, SECRETS, NAMESPACES), None, "all")
    assert (many.title, many.things) == ("all", "objects")
    assert Location(PODS, others=(DEPLOYMENTS, NODES, NAMESPACES)).title == "pods,deployments,nodes,namespaces"
