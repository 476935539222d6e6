from __future__ import annotations

from kwatch.view.problems import ProblemList
from kwatch.view.source import DictSource
from tests.query.cluster import NOW, POD_RESOURCE, pod
from tests.view.relations.world import RESOURCES, make
from tests.view.test_problems_health_monitor import broken

LONG = 10.0


def node(name: str, ready: str) -> DictSource:
    conditions = [{"type": "Ready", "status": ready, "reason": "KubeletNotReady", "message": "it is asleep"}]
    return DictSource({name: make("Node", name, status={"conditions": conditions})})


def world() -> tuple[ProblemList, DictSource]:
    pods = DictSource({obj.key: obj for obj in (pod("shop/web-1"), broken("shop/web-2"))})
    problems = ProblemList()
    problems.watch("pods", POD_RESOURCE, pods)
    problems.watch("nodes", RESOURCES["Node"], node("node-7", "False"))
    problems.look(NOW, LONG)
    return problems, pods


def test_problems_of_all_kinds_are_one_list() -> None:
    problems, _ = world()
    assert [(each.resource.kind, each.key) for each in problems.list()] == [("Node", "node-7"), ("Pod", "shop/web-2")]
    assert problems.is_complete


def test_words_narrow_by_kind_name_and_reason() -> None:
    problems, _ = world()
    assert [each.key for each in problems.list("POD")] == ["shop/web-2"]
    assert [each.key for each in problems.list("asleep node")] == ["node-7"]
    assert problems.list("zebra") == []


def test_what_gets_well_goes_and_what_falls_ill_comes() -> None:
    problems, pods = world()
    pods["shop/web-2"] = pod("shop/web-2")
    pods["shop/web-1"] = broken("shop/web-1")
    problems.touch("pods", {"shop/web-1", "shop/web-2"})
    assert problems.look(NOW, LONG)
    assert [each.key for each in problems.list("web")] == ["shop/web-1"]


def test_an_object_that_is_watched_twice_is_one_problem() -> None:
    problems, pods = world()
    problems.watch("pods in shop", POD_RESOURCE, pods)
    problems.look(NOW, LONG)
    assert [each.key for each in problems.list("web")] == ["shop/web-2"]
