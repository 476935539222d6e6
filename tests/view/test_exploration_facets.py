from __future__ import annotations

from kwatch.query import parse
from kwatch.query.index_names import BY_NAME
from kwatch.view.exploration import available_facets, index_facet, label_facet, label_keys
from tests.query.cluster import context, indexer, pod

PODS = [
    pod("shop/cart-1", labels={"app": "cart", "env": "a"}, node="node-7"),
    pod("shop/cart-2", labels={"app": "cart"}, phase="Failed"),
    pod("data/db-0", labels={"app": "db", "odd": "a b"}, node="node-7"),
]
SHOP = {"shop/cart-1", "shop/cart-2"}


def test_values_are_counted_in_all_and_among_the_shown() -> None:
    facet = index_facet(BY_NAME["node"], context(indexer(PODS)), SHOP)
    assert [(each.value, each.total, each.shown, each.term) for each in facet.values] == [
        ("node-7", 2, 1, "node:node-7")
    ]
    everything = index_facet(BY_NAME["ns"], context(indexer(PODS)), None)
    assert [(each.value, each.shown) for each in everything.values] == [("shop", 2), ("data", 1)]


def test_each_label_key_is_a_facet_whose_terms_select_what_is_counted() -> None:
    cache = indexer(PODS)
    facets = [label_facet(context(cache), key, None) for key, _ in label_keys(cache)]
    assert [facet.name for facet in facets] == ["app", "env", "odd"]
    for facet in facets:
        for value in facet.values:
            assert len(parse(value.term).compile(context(cache)).candidates() or ()) == value.total


def test_only_facets_that_such_objects_have_are_offered() -> None:
    names = {each.name for each in available_facets(context(indexer(PODS, on_demand=False)))}
    assert {"ns", "node", "owner", "status", "image"} <= names
    assert "about" not in names


def test_long_lists_are_cut_and_say_how_many_there_are() -> None:
    cache = indexer([pod(f"a/{number}", node=f"node-{number}") for number in range(30)])
    facet = index_facet(BY_NAME["node"], context(cache), None, limit=5)
    assert (len(facet.values), facet.distinct) == (5, 30)
