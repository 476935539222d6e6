"""The trail of places."""

from __future__ import annotations

from dataclasses import replace

from kwatch.tui.place import Place, Trail
from tests.tui.fakes import DEPLOYMENTS, NAMESPACES, NODES, PODS, SECRETS

HERE, THERE, ELSEWHERE = Place(PODS, "shop"), Place(NODES), Place(PODS)


def test_back_and_forward() -> None:
    trail = Trail()
    assert trail.here is None and trail.step(-1) is None and trail.last() is None
    trail.visit(HERE)
    trail.visit(THERE)
    assert trail.step(-1) == HERE
    assert trail.step(-1) is None
    assert trail.step(1) == THERE
    assert trail.step(1) is None


def test_a_new_place_forgets_what_lay_ahead() -> None:
    trail = Trail()
    for place in (HERE, THERE):
        trail.visit(place)
    trail.step(-1)
    trail.visit(ELSEWHERE)
    assert trail.step(1) is None
    assert trail.step(-1) == HERE


def test_the_last_place_is_there_and_back() -> None:
    trail = Trail()
    trail.visit(HERE)
    trail.visit(THERE)
    assert trail.last() == HERE
    assert trail.last() == THERE


def test_an_amended_place_is_remembered_so() -> None:
    trail = Trail()
    trail.visit(HERE)
    trail.amend(replace(HERE, filter="app=web"))
    trail.visit(THERE)
    assert trail.step(-1) == replace(HERE, filter="app=web")


def test_the_trail_is_bounded() -> None:
    trail = Trail()
    for number in range(Trail.LIMIT + 50):
        trail.visit(replace(HERE, filter=str(number)))
    steps = 0
    while trail.step(-1) is not None:
        steps += 1
    assert steps == Trail.LIMIT - 1


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
