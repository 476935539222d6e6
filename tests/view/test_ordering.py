from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.view.ordering import ABSENT, Ordering, tie


def expected(ranks: dict[str, Any], descending: bool) -> list[str]:
    ranked = sorted((key for key in ranks if ranks[key] is not None), key=tie)
    ranked.sort(key=ranks.__getitem__, reverse=descending)
    return ranked + sorted((key for key in ranks if ranks[key] is None), key=tie)


keys = st.builds("{}/{}".format, st.sampled_from(["a", "a-b", "a.b", "b"]), st.sampled_from("xyz0-1"))
ranks = st.one_of(st.none(), st.integers(0, 3), st.sampled_from([0.5, 1.5]))
batches = st.lists(st.tuples(st.dictionaries(keys, ranks, max_size=6), st.lists(keys, max_size=3)), max_size=8)


@settings(max_examples=300)
@given(st.dictionaries(keys, ranks, max_size=30), batches, st.booleans())
def test_it_is_always_as_if_sorted_anew(first: dict[str, Any], steps: list[Any], descending: bool) -> None:
    order = Ordering(descending)
    order.fill(dict(first))
    model = dict(first)
    for put, removed in steps:
        put = {key: rank for key, rank in put.items() if key not in removed}
        order.update(put, removed)
        model.update(put)
        for key in removed:
            model.pop(key, None)
        assert list(order) == expected(model, descending)
        assert [order.position(key) for key in order] == list(range(len(model)))
        assert all(order.rank(key) == model.get(key, ABSENT) for key in [*model, *removed])
        assert order.members == model.keys()


@pytest.mark.parametrize("descending", [False, True])
def test_chunks_are_split_and_dropped_without_losing_anything(descending: bool) -> None:
    order = Ordering(descending)
    model: dict[str, Any] = {}
    for number in range(3000):
        key = f"ns/{number * 7919 % 3000:04d}"
        model[key] = number % 10 or None
        order.put(key, model[key])
    assert list(order) == expected(model, descending)
    assert order[0] == next(iter(order)) and order[-1] == list(order)[-1]
    assert order[100:140] == list(order)[100:140]
    assert order[2990:1:-7] == list(order)[2990:1:-7]
    for key in list(model)[:2900]:
        order.remove(key)
        del model[key]
    assert list(order) == expected(model, descending)
    with pytest.raises(IndexError):
        order[100]


def test_a_level_ordering_behaves_like_any_other() -> None:
    order = Ordering()
    order.fill_level(["a/1", "a/2"], {"a/1", "a/2"})
    order.update({"a/0": 0}, ["a/2", "nowhere"])
    assert list(order) == ["a/0", "a/1"]
    assert (order.rank("a/0"), order.rank("a/2")) == (0, ABSENT)
    assert "a/1" in order and "a/2" not in order
    order.put("a/1", 0)
    assert order.position("a/1") == 1


def test_ranks_that_cannot_be_compared_are_told() -> None:
    order = Ordering()
    order.fill({"a/1": 1})
    with pytest.raises(TypeError):
        order.put("a/2", "two")


def test_a_change_is_quick_among_many() -> None:
    order = Ordering()
    order.fill({f"ns/{number:06d}": number for number in range(50_000)})
    began = time.thread_time()
    for number in range(0, 50_000, 50):
        order.put(f"ns/{number:06d}", 50_000 - number)
    assert time.thread_time() - began < 0.2


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("distinct", [1, 3, 2500])
def test_many_keys_are_ordered_alike_whether_they_share_ranks_or_not(distinct: int, descending: bool) -> None:
    model: dict[str, Any] = {f"ns-{n % 7}/{n:04d}": n * 7919 % distinct or None for n in range(3000)}
    order = Ordering(descending)
    order.fill(dict(model))
    assert list(order) == expected(model, descending)
    tied = dict(sorted(model.items(), key=lambda pair: tie(pair[0])))
    order.fill(tied, tied=True)
    assert list(order) == expected(model, descending)


def test_ranks_that_cannot_be_compared_are_an_error_however_many_share_them() -> None:
    with pytest.raises(TypeError):
        Ordering().fill({f"{n}": "text" if n % 2 else 1 for n in range(3000)})


def test_keys_are_counted_by_the_resource_they_are_of_whatever_happens_to_them() -> None:
    order = Ordering()
    order.fill({"000:shop/a": 1, "000:shop/b": 1, "001:/node": 1})
    assert order.counts_by_part() == {0: 2, 1: 1}
    order.put("001:/other", 2)
    order.remove("000:shop/a")
    assert order.counts_by_part() == {0: 1, 1: 2}
    order.update({f"000:shop/{number}": 0 for number in range(9)})
    assert order.counts_by_part() == {0: 10, 1: 2}
