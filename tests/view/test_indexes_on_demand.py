"""Indices that come with their first user and go some time after the last one."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Sequence

import pytest

from kwatch.informer.indexer import Indexer
from kwatch.informer.protocol import Object
from kwatch.query import parse
from kwatch.view import filtering
from kwatch.view.indexes_on_demand import IndicesOnDemand, demand_indices, indices_on_demand
from kwatch.view.projection import Projection
from tests.query.cluster import POD_RESOURCE, FakeClock, context, indexer, pod
from tests.view.world import thing

PATIENCE = 60.0
MANY = [pod(f"shop/web-{number:04}", phase="Failed" if number % 100 == 99 else "Running") for number in range(300)]


def by_status(obj: Object) -> Sequence[str]:
    return (str(obj["spec"]["status"]),)


def cache_of_things() -> Indexer:
    cache = Indexer()
    cache.replace([thing("shop/a"), thing("shop/b", status="Failed")])
    return cache


def test_an_index_is_made_once_and_dropped_a_minute_after_its_last_user() -> None:
    cache = cache_of_things()
    indices = IndicesOnDemand(cache)
    first, second = indices.demand({"status": by_status}), indices.demand({"status": by_status})
    first.make()
    second.make()
    assert cache.index_counts("status") == {"Running": 1, "Failed": 1}
    assert indices.users == {"status": 2}
    first.release()
    first.release()
    assert indices.drop_unused(0.0) == indices.drop_unused(1000.0) == ()
    second.release()
    assert indices.users == {"status": 0}
    assert indices.drop_unused(1001.0) == indices.drop_unused(1060.0) == ()
    assert indices.drop_unused(1061.0) == ("status",)
    assert "status" not in cache.index_names
    assert indices.users == {}


def test_who_comes_back_in_time_finds_it_there_and_the_minute_begins_anew() -> None:
    cache = cache_of_things()
    indices = IndicesOnDemand(cache)
    demand = indices.demand({"status": by_status})
    demand.make()
    demand.release()
    indices.drop_unused(0.0)
    again = indices.demand({"status": by_status})
    assert indices.drop_unused(90.0) == ()
    again.release()
    assert indices.drop_unused(100.0) == indices.drop_unused(159.0) == ()
    assert indices.drop_unused(160.0) == ("status",)


def test_indices_that_are_always_kept_are_never_dropped() -> None:
    cache = indexer(MANY[:3], on_demand=False)
    indices = IndicesOnDemand(cache)
    demand = indices.demand({"namespace": by_status})
    demand.make()
    demand.release()
    assert indices.drop_unused(0.0) == indices.drop_unused(1000.0) == ()
    assert "namespace" in cache.index_names


def test_what_nobody_wants_any_more_is_not_made() -> None:
    cache = cache_of_things()
    demand = IndicesOnDemand(cache).demand({"status": by_status})
    demand.release()
    demand.make()
    assert cache.index_names == ()


def test_one_who_wants_what_another_makes_waits_for_it() -> None:
    cache = cache_of_things()
    indices = IndicesOnDemand(cache)
    asked, go_on, made = threading.Event(), threading.Event(), threading.Event()

    def slow(obj: Object) -> Sequence[str]:
        asked.set()
        assert go_on.wait(PATIENCE)
        return by_status(obj)

    def second() -> None:
        indices.demand({"status": by_status}).make()
        assert "status" in cache.index_names
        made.set()

    threading.Thread(target=indices.demand({"status": slow}).make, daemon=True).start()
    assert asked.wait(PATIENCE)
    threading.Thread(target=second, daemon=True).start()
    go_on.set()
    assert made.wait(PATIENCE)


def test_a_cache_takes_only_so_many() -> None:
    cache = cache_of_things()
    indices = IndicesOnDemand(cache)
    for number in range(40):
        indices.demand({f"status-{number}": by_status}).make()
    assert len(cache.index_names) == 24


def test_every_view_of_a_cache_shares_its_indices_and_they_do_not_keep_it_alive() -> None:
    cache = cache_of_things()
    assert indices_on_demand(cache) is indices_on_demand(cache)
    assert indices_on_demand(cache) is not indices_on_demand(cache_of_things())
    gone = weakref.ref(cache)
    del cache
    gc.collect()
    assert gone() is None


def test_a_source_that_takes_no_indices_gets_none() -> None:
    demand = demand_indices({}, {"status": by_status})
    demand.make()
    demand.release()


@pytest.fixture(autouse=True)
def every_scan_goes_to_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtering, "PATIENCE", -1.0)


def view_of_many() -> tuple[Indexer, Projection]:
    cache = indexer(MANY, on_demand=False)
    view = Projection(cache, context(cache).kind, clock=FakeClock(), resource=POD_RESOURCE, in_background=True)
    view.rebuild()
    return cache, view


def filtered(view: Projection, text: str) -> list[str]:
    """The shown keys, once the scan and what comes after it are over."""
    view.set_query(parse(text) if text else None)
    for thread in threading.enumerate():
        if thread.name == "kwatch-scan":
            thread.join(PATIENCE)
    view.apply(frozenset())
    return list(view.order)


def test_a_field_that_was_scanned_for_is_answered_by_an_index_the_next_time_and_forgotten_in_the_end() -> None:
    cache, view = view_of_many()
    scanned = filtered(view, ".status.phase=Failed")
    assert scanned == ["shop/web-0099", "shop/web-0199", "shop/web-0299"]
    assert [answer.count for answer in view.explain] == [None]
    assert "field:.status.phase" in cache.index_names
    assert filtered(view, ".status.phase=Failed") == scanned
    assert [(answer.by, answer.count) for answer in view.explain] == [(".status.phase index", 3)]
    assert indices_on_demand(cache).users == {"field:.status.phase": 1}
    filtered(view, "")
    assert indices_on_demand(cache).drop_unused(0.0) == ()
    assert indices_on_demand(cache).drop_unused(60.0) == ("field:.status.phase",)
    assert filtered(view, ".status.phase=Failed") == scanned


def test_a_view_that_is_closed_lets_go_of_its_indices() -> None:
    cache, view = view_of_many()
    filtered(view, "image:nginx*")
    assert indices_on_demand(cache).users == {"image": 1}
    view.close()
    assert indices_on_demand(cache).users == {"image": 0}
