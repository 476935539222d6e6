"""Whatever characters a label has, its facet's term selects exactly what it counts."""

from __future__ import annotations

from collections import Counter

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.query import parse
from kwatch.query.completion import complete
from kwatch.query.editing import choose, chosen_values, is_chosen
from kwatch.view.exploration import label_facet, label_keys
from tests.query.cluster import context, indexer, pod

texts = st.text(st.characters(codec="utf-8"), max_size=12)


def cache_of(pairs: list[tuple[str, str]]) -> tuple[list[KubeObject], Indexer]:
    pods = [pod(f"shop/p{number}", labels={key: value}) for number, (key, value) in enumerate(pairs)]
    return pods, indexer(pods)


@settings(max_examples=150)
@given(st.lists(st.tuples(texts.filter(lambda key: "=" not in key and key), texts), min_size=1, max_size=5))
@example([("a b", 'c"d\\'), ("-l", ")("), ("/x/", ","), ("ns", "*"), ("app", ""), ("!a", "a in (b)"), ("'", "'")])
@example([(".spec", "x"), ("~", "x"), ("since", "1m"), ("status", "Running"), ("unhealthy", "deleted"), ("\n", "\t")])
def test_a_label_of_any_characters_is_selected_by_its_term(pairs: list[tuple[str, str]]) -> None:
    pods, cache = cache_of(pairs)
    counted = Counter(pairs)
    for key, _ in label_keys(cache):
        facet = label_facet(context(cache), key, None)
        for value in facet.values:
            compiled = parse(value.term).compile(context(cache))
            assert value.total == counted[(facet.name, value.value)]
            assert len(compiled.candidates() or ()) == value.total
            assert sum(compiled.matches(each.key, each) for each in pods) == value.total
            text = choose("cart", value.term)
            assert is_chosen(chosen_values(text), value.term)
            assert choose(text, value.term) == "cart"


@settings(max_examples=100)
@given(texts, st.integers(0, 12))
def test_whatever_is_typed_completion_offers_something_or_nothing(text: str, cursor: int) -> None:
    _, cache = cache_of([('a b"', "c)d"), ("app", "*")])
    found = complete(text, min(cursor, len(text)), context(cache))
    assert 0 <= found.start <= found.end <= len(text)
