from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kwatch.catalog.column import Level
from kwatch.catalog.health import Problem
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.informer.clock import FakeClock
from kwatch.informer.kube_object import KubeObject
from kwatch.query.parser import parse
from kwatch.view.delta_filter import DeltaFilter
from kwatch.view.problem_lines import ProblemFilter, ProblemLine, problem_lines, window_of
from kwatch.view.problems import Healing, ProblemList, UnhealthyObject, failure_word
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


def found_in(problems: ProblemList) -> list[UnhealthyObject]:
    return [*problems.collect(problems.snapshot()).values()]


def keys(problems: ProblemList) -> list[str]:
    return sorted(each.key for each in found_in(problems))


def owned(key: str, owner: str, kind: str = "ReplicaSet") -> KubeObject:
    tree: dict[str, Any] = broken(key).tree()
    tree["metadata"]["ownerReferences"] = [{"kind": kind, "name": owner, "uid": owner, "controller": True}]
    return KubeObject.of(tree)


def ill(
    key: str, reason: str, owner: str = "", level: Level = Level.BAD, healed: float | None = None
) -> UnhealthyObject:
    healing = Healing(healed - 10, healed, False) if healed is not None else None
    return UnhealthyObject(POD_RESOURCE, key, Problem(reason, level), owner, healing=healing)


def told(lines: Iterable[ProblemLine]) -> list[tuple[str, int, str]]:
    return [(line.first.key, len(line.members), line.reason) for line in lines]


def test_problems_of_all_kinds_are_one_list() -> None:
    problems, _ = world()
    lines = problem_lines(found_in(problems)).lines
    assert [(line.first.resource.kind, line.first.key) for line in lines] == [("Node", "node-7"), ("Pod", "shop/web-2")]
    assert problems.is_complete


def test_what_gets_well_goes_and_what_falls_ill_comes() -> None:
    problems, pods = world()
    assert keys(problems) == ["node-7", "shop/web-2"]
    pods["shop/web-2"] = pod("shop/web-2")
    pods["shop/web-1"] = broken("shop/web-1")
    problems.touch("pods", {"shop/web-1", "shop/web-2"})
    assert problems.look(NOW, LONG)
    assert keys(problems) == ["node-7", "shop/web-1"]


def test_an_object_that_is_watched_twice_is_one_problem() -> None:
    problems, pods = world()
    problems.watch("pods in shop", POD_RESOURCE, pods)
    problems.look(NOW, LONG)
    assert keys(problems) == ["node-7", "shop/web-2"]


def test_what_did_not_change_stays_the_same_object() -> None:
    problems, pods = world()
    before = problems.collect(problems.snapshot())
    pods["shop/web-1"] = broken("shop/web-1")
    problems.touch("pods", {"shop/web-1"})
    problems.look(NOW, LONG)
    after = problems.collect(problems.snapshot(), before)
    assert after["pods", "shop/web-2"] is before["pods", "shop/web-2"]
    assert len(after) == len(before) + 1


def test_a_replica_set_of_a_deployment_is_no_problem_beside_it() -> None:
    status = {"readyReplicas": 0, "replicas": 3}
    metadata = {"ownerReferences": [{"kind": "Deployment", "name": "web", "uid": "u", "controller": True}]}
    made = make("ReplicaSet", "shop/web-1", spec={"replicas": 3}, status=status).tree()
    child = KubeObject.of({**made, "metadata": {**made["metadata"], **metadata}})
    alone = KubeObject.of({**made, "metadata": {**made["metadata"], "name": "alone"}})
    problems = ProblemList()
    source = DictSource({each.key: each for each in (child, alone)})
    problems.watch("rs", RESOURCES["ReplicaSet"], source)
    problems.look(NOW + 10_000, LONG)
    assert keys(problems) == ["shop/alone"]


def test_those_of_one_owner_that_fail_alike_are_one_line() -> None:
    found = [
        ill("shop/web-1", "crash loop: main restarted 5 times, last exit code 1", "ReplicaSet/web"),
        ill("shop/web-2", "crash loop: main restarted 7 times, last exit code 1", "ReplicaSet/web"),
        ill("shop/web-3", "image pull: main cannot pull it", "ReplicaSet/web"),
        ill("shop/db-1", "crash loop: main restarted once", "ReplicaSet/db"),
        ill("data/web-4", "crash loop: main restarted once", "ReplicaSet/web"),
    ]
    assert told(problem_lines(found).lines) == [
        ("data/web-4", 1, "crash loop: main restarted once"),
        ("shop/db-1", 1, "crash loop: main restarted once"),
        ("shop/web-1", 2, "crash loop: main restarted …"),
        ("shop/web-3", 1, "image pull: main cannot pull it"),
    ]


def test_a_line_keeps_its_key_while_its_members_come_and_go() -> None:
    one = ill("shop/web-1", "not ready", "ReplicaSet/web")
    two = ill("shop/web-2", "not ready", "ReplicaSet/web")
    (alone,) = problem_lines([one]).lines
    (several,) = problem_lines([two, one]).lines
    assert (alone.key, alone.is_group, several.is_group) == (several.key, False, True)


def test_what_fails_in_the_same_way_for_one_cause_is_one_line() -> None:
    found = [
        ill("shop/web-1", "not ready: a", "ReplicaSet/web"),
        ill("data/db-1", "not ready: b", "StatefulSet/db"),
        ill("data/db-1", "image pull: x", "StatefulSet/db"),
        ill("shop/cart-1", "not ready: c", "ReplicaSet/cart"),
    ]
    alike = problem_lines(found).alike
    causes = {key: "the node" for key, each in alike.items() if each.key != "shop/cart-1"}
    lines = problem_lines(found, causes=causes).lines
    (one,) = [line for line in lines if line.is_group]
    assert len(lines) == 3
    assert (one.name, one.namespace) == ("×2", "2 of them")
    assert [each.key for each in one.members] == ["data/db-1", "shop/web-1"]
    opened = problem_lines(found, frozenset(one.parts[:1]), causes=causes).lines
    assert sum(line.depth for line in opened) == 2, "it was opened before the cause was known"


def test_a_line_keeps_its_key_when_its_cause_becomes_known() -> None:
    found = [ill(f"shop/web-{number}", "not ready", "ReplicaSet/web") for number in (2, 1)]
    (before,) = problem_lines(found).lines
    (after,) = problem_lines(found, causes={before.key: "a rollout"}).lines
    assert before.key == after.key


def test_an_opened_line_is_followed_by_its_members() -> None:
    found = [ill(f"shop/web-{number}", "not ready", "ReplicaSet/web") for number in (2, 1)]
    (line,) = problem_lines(found).lines
    lines = problem_lines(found, frozenset({line.key})).lines
    assert [(each.first.key, each.depth, each.is_open) for each in lines] == [
        ("shop/web-1", 0, True),
        ("shop/web-1", 1, False),
        ("shop/web-2", 1, False),
    ]
    assert len({each.key for each in lines}) == 3


def test_what_has_no_owner_is_one_line_where_it_is_many() -> None:
    few = [ill(f"shop/web-{number}", "not ready: because") for number in range(10)]
    assert len(problem_lines(few).lines) == 10
    (line,) = problem_lines([*few, ill("shop/web-10", "not ready: because")]).lines
    assert len(line.members) == 11


def test_ten_thousand_that_fail_alike_are_looked_at_once_each() -> None:
    asked: list[str] = []

    def accepts(unhealthy: UnhealthyObject) -> bool:
        asked.append(unhealthy.key)
        return True

    found = [ill(f"shop/web-{number}", f"not ready: {number}", f"ReplicaSet/{number % 3}") for number in range(10_000)]
    lines = problem_lines(found, accepts=accepts)
    assert len(asked) == 10_000
    assert (len(lines.lines), lines.count, lines.total) == (3, 10_000, 10_000)
    assert lines.lines[0].reason == "not ready …"


def test_the_worst_is_first_and_what_healed_is_last_the_latest_of_it_first() -> None:
    found = [
        ill("shop/a", "x", healed=100.0),
        ill("shop/b", "x", healed=200.0),
        ill("shop/c", "x", level=Level.WARNING),
        ill("shop/d", "x"),
    ]
    lines = problem_lines(found)
    assert [line.first.key for line in lines.lines] == ["shop/d", "shop/c", "shop/b", "shop/a"]
    assert (lines.count, lines.healed, lines.total) == (2, 2, 2)


def test_of_what_is_equally_bad_the_newest_is_first() -> None:
    """What is known to be older comes after it, and then that of which it is not known."""
    found = [ill(f"shop/{name}", "x") for name in "abc"] + [ill("shop/d", "x", level=Level.WARNING)]
    keys = {line.first.key: line.key for line in problem_lines(found).lines}
    onsets = {keys["shop/b"]: 100.0, keys["shop/c"]: 200.0, keys["shop/d"]: 300.0}
    lines = problem_lines(found, onsets=onsets).lines
    assert [line.first.key for line in lines] == ["shop/c", "shop/b", "shop/a", "shop/d"]


def test_the_word_of_a_failure_is_what_stands_before_the_details() -> None:
    assert failure_word("image pull: main cannot pull it") == "image pull"
    assert failure_word("main: CreateContainerConfigError: no such key") == "main: CreateContainerConfigError"
    assert failure_word("pending for too long") == "pending for too long"


def test_a_crash_loop_is_one_failure_in_each_of_its_turns() -> None:
    reasons = ("main ended: exit code 1", "restarted: main ended with exit code 1", "crash loop: main restarted twice")
    assert {failure_word(reason) for reason in reasons} == {"crash"}
    found = [ill(f"shop/web-{place}", reason, "ReplicaSet/web") for place, reason in enumerate(reasons)]
    (line,) = problem_lines(found).lines
    assert line.reason == "main ended …"


def accepted(text: str, problems: ProblemList) -> list[str]:
    asked = DeltaFilter(
        window_of(parse(text))[1],
        lambda name: next(
            (kind_for(each) or generic_kind(each), each)
            for each in (POD_RESOURCE, *RESOURCES.values())
            if str(each) == name
        ),
        FakeClock(NOW),
        changes_of=lambda name: None,
    )
    accepts = ProblemFilter(asked, problems.object_of)
    return sorted(each.key for each in found_in(problems) if accepts(each))


def test_the_filter_language_works_on_problems() -> None:
    problems, pods = world()
    pods["data/web-3"] = owned("data/web-3", "web-abc")
    problems.touch("pods", {"data/web-3"})
    problems.look(NOW, LONG)
    assert accepted("kind:pod", problems) == ["data/web-3", "shop/web-2"]
    assert accepted("ns:shop", problems) == ["shop/web-2"]
    assert accepted("!ns:shop kind:pod", problems) == ["data/web-3"]
    assert accepted("asleep node", problems) == ["node-7"]
    assert accepted("image", problems) == ["data/web-3", "shop/web-2"]
    assert accepted("web-abc", problems) == ["data/web-3"]
    assert accepted("/^web-2$/", problems) == ["shop/web-2"]
    assert accepted("zebra", problems) == []
    assert accepted("since:1h", problems) == ["data/web-3", "node-7", "shop/web-2"]


def test_since_is_taken_out_of_a_filter_but_bounds_changes() -> None:
    assert [str(window_of(parse(text))) for text in ("kind:pod since:1h", "kind:pod", "~image since:5m")] == [
        str((3600.0, parse("kind:pod"))),
        str((None, parse("kind:pod"))),
        str((300.0, parse("~image since:5m"))),
    ]
