"""Rows of a list that is still arriving: always a part of what was sent, sorted and filtered; at the end the cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.informer import Indexer, meta_namespace_key, namespace_index
from kwatch.informer.reflector_store import ArrivingList
from kwatch.query import parse
from kwatch.view.projection import Projection
from tests.view.world import KIND, FakeClock, thing


class Arrivals:
    """A first list, and the view that shows it as LiveTable does."""

    def __init__(self, query: str = "", by: int | str = "namespace", descending: bool = False) -> None:
        self.cache: Indexer[Any] = Indexer(indexers={"namespace": namespace_index})
        self.arriving = ArrivingList(self.cache, meta_namespace_key, FakeClock())
        self.dirty: set[str] = set()
        self.arriving.listen(self.dirty.update)
        self.view = Projection(self, KIND, clock=FakeClock())
        self.view.rebuild()
        if query:
            self.view.set_query(parse(query))
        if by != "namespace":
            self.view.set_sort(by, descending)

    def list_keys(self) -> Sequence[str]:
        return self.arriving.indexer.list_keys()

    def get_by_key(self, key: str) -> Any:
        return self.arriving.indexer.get_by_key(key)

    def look(self) -> None:
        self.view.take_in(self.dirty, 60.0)
        assert not self.dirty


KEYS = [f"{namespace}/{name}" for namespace in ("a", "b", "a-b") for name in "uvwxyz"]
OBJECTS = st.dictionaries(
    st.sampled_from(KEYS), st.tuples(st.sampled_from(["Running", "Failed"]), st.integers(0, 3)), max_size=12
)


def things(objects: dict[str, tuple[str, int]]) -> dict[str, Any]:
    return {key: thing(key, status=status, restarts=restarts) for key, (status, restarts) in objects.items()}


@given(
    attempts=st.lists(st.lists(OBJECTS, min_size=1, max_size=4), min_size=1, max_size=4),
    query=st.sampled_from(["", "status:Failed", "a/", "restarts>1"]),
    sort=st.sampled_from([("namespace", False), (2, False), (2, True)]),
)
@settings(deadline=None, max_examples=150)
def test_rows_are_a_part_of_what_was_sent_and_at_the_end_they_are_the_cache(
    attempts: list[list[dict[str, tuple[str, int]]]], query: str, sort: tuple[Any, bool]
) -> None:
    arrivals = Arrivals(query, *sort)
    sent: dict[str, list[Any]] = {}
    whole: dict[str, Any] = {}
    for attempt in attempts:
        arrivals.arriving.begin()
        whole = {}
        for part in attempt:
            came = things(part)
            whole |= came
            for key, obj in came.items():
                sent.setdefault(key, []).append(obj)
            arrivals.arriving.append(came)
            arrivals.arriving.file()
            arrivals.look()
            for row in arrivals.view.rows():
                assert any(row.obj is obj for obj in sent[row.key])
            held = {key: arrivals.get_by_key(key) for key in arrivals.list_keys()}
            assert list(arrivals.view.order) == expected(held, query, sort)
            assert not arrivals.view.gone
    before = list(arrivals.view.order)
    arrivals.arriving.adopt(whole)
    arrivals.dirty |= whole.keys()  # the sinks are told of every object
    arrivals.look()
    assert list(arrivals.view.order) == expected(whole, query, sort)
    assert arrivals.cache.list_keys() == arrivals.list_keys()
    assert not arrivals.view.gone
    if len(attempts) == 1:
        assert list(arrivals.view.order) == before, "the step to the cache is not seen"


def expected(objects: dict[str, Any], query: str, sort: tuple[Any, bool]) -> list[str]:
    """The same from a view that was made of it all at once."""
    plain: Indexer[Any] = Indexer(indexers={"namespace": namespace_index})
    for key, obj in objects.items():
        plain.put(key, obj)
    view = Projection(plain, KIND, clock=FakeClock())
    view.rebuild()
    if query:
        view.set_query(parse(query))
    if sort[0] != "namespace":
        view.set_sort(*sort)
    return list(view.order)


def test_the_step_to_the_cache_makes_no_row_again() -> None:
    arrivals = Arrivals()
    objects = things(dict.fromkeys(KEYS, ("Running", 0)))
    arrivals.arriving.append(objects)
    arrivals.arriving.file()
    arrivals.look()
    rows = list(arrivals.view.rows())
    arrivals.arriving.adopt(objects)
    changes = arrivals.view.take_in(set(objects), 60.0)
    assert not changes.moved
    assert changes.changed == frozenset()
    assert all(before is after for before, after in zip(rows, arrivals.view.rows(), strict=True))


@pytest.mark.parametrize("query", ["", "restarts>1"])
def test_what_no_list_brings_again_goes_without_being_called_deleted(query: str) -> None:
    arrivals = Arrivals(query)
    arrivals.arriving.append(things({"a/u": ("Running", 2), "a/v": ("Running", 2)}))
    arrivals.arriving.file()
    arrivals.look()
    arrivals.view.retention = 8.0
    arrivals.arriving.adopt(things({"a/v": ("Running", 2)}))
    arrivals.look()
    assert list(arrivals.view.order) == ["a/v"]
    assert not arrivals.view.gone


def test_rows_that_must_be_read_are_taken_in_as_time_allows() -> None:
    arrivals = Arrivals("restarts>1")
    objects = {f"a/{number}": thing(f"a/{number}", restarts=number) for number in range(500)}
    arrivals.arriving.append_page(objects.values())
    arrivals.view.take_in(arrivals.dirty, 0.0)
    assert len(arrivals.dirty) == 400
    arrivals.look()
    assert arrivals.view.shown == 498
