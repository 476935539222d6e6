from __future__ import annotations

from collections.abc import Callable

import pytest

from kwatch.base.threads import OnCrash
from kwatch.query import parse
from kwatch.view import exploration
from kwatch.view.exploration import Exploration, Explored
from kwatch.view.projection import Projection
from tests.query.cluster import POD_RESOURCE, FakeClock, context, indexer, pod

PODS = [
    pod("shop/cart-1", labels={"app": "cart", "env": "a"}, node="node-7", image="cart:1"),
    pod("shop/cart-2", labels={"app": "cart"}, phase="Failed", image="cart:2"),
    pod("data/db-0", labels={"app": "db"}, node="node-7", image="postgres:17"),
]


def at_once(work: Callable[[], None], on_crash: OnCrash) -> None:
    work()


def view(*, on_demand: bool = False) -> Projection:
    cache = indexer(PODS, on_demand=on_demand)
    projection = Projection(cache, context(cache).kind, clock=FakeClock(), resource=POD_RESOURCE)
    projection.rebuild()
    return projection


def by_id(exploration: Exploration) -> dict[str, Explored]:
    return {each.id: each for each in exploration.facets}


def counts(explored: Explored) -> dict[str, tuple[int, int]]:
    assert explored.facet is not None
    return {each.value: (each.shown, each.total) for each in explored.facet.values}


def test_closed_facets_only_say_how_many_values_they_have() -> None:
    exploration = Exploration(view(), run=at_once)
    exploration.count(set())
    found = by_id(exploration)
    assert [found["ns"].distinct, found["ns"].facet] == [2, None]
    assert found["label app"].distinct == 2
    assert found["image"].distinct is None  # nobody has asked for this index so far
    assert list(found)[:3] == ["ns", "status", "node"]


def test_opening_a_facet_makes_its_index() -> None:
    projection = view()
    exploration = Exploration(projection, run=at_once)
    assert "image" not in projection.context.index.index_names
    exploration.count({"image"})
    assert "image" in projection.context.index.index_names
    assert counts(by_id(exploration)["image"]) == {"cart:1": (1, 1), "cart:2": (1, 1), "postgres:17": (1, 1)}
    projection.set_query(parse("image:cart*"))
    assert [answer.by for answer in projection.explain] == ["image index"]
    assert projection.shown == 2


def test_counts_are_those_of_the_rows_shown_and_of_all() -> None:
    projection = view(on_demand=True)
    projection.set_query(parse("node:node-7"))
    exploration = Exploration(projection, run=at_once)
    exploration.count({"label app", "status"})
    assert counts(by_id(exploration)["label app"]) == {"cart": (1, 2), "db": (1, 1)}
    assert counts(by_id(exploration)["status"]) == {"Running": (2, 2), "Failed": (0, 1)}


def test_everything_is_counted_for_a_search_where_there_is_much_what_is_indexed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exploration_of_few = Exploration(view(), run=at_once)
    exploration_of_few.count(set(), everything=True)
    assert counts(by_id(exploration_of_few)["image"]) == {"cart:1": (1, 1), "cart:2": (1, 1), "postgres:17": (1, 1)}
    monkeypatch.setattr(exploration, "_FEW", 0)
    exploration_of_many = Exploration(view(), run=at_once)
    exploration_of_many.count(set(), everything=True)
    found = by_id(exploration_of_many)
    assert counts(found["label env"]) == {"a": (1, 1)}
    assert found["image"].facet is None


def test_facets_without_values_are_left_out() -> None:
    exploration = Exploration(view(on_demand=True), run=at_once)
    exploration.count({"pvc"})
    assert "pvc" not in by_id(exploration)


def test_one_count_at_a_time() -> None:
    waiting: list[Callable[[], None]] = []
    exploration = Exploration(view(), run=lambda work, on_crash: waiting.append(work))
    exploration.count(set())
    exploration.count({"ns"})
    assert (len(waiting), exploration.is_counting) == (1, True)
    waiting.pop()()
    assert not exploration.is_counting
    exploration.count({"ns"})
    waiting.pop()()
    assert counts(by_id(exploration)["ns"]) == {"shop": (2, 2), "data": (1, 1)}
