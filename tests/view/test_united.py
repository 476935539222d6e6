"""Parts by their namespaces as one source: what is wanted of it is wanted of each, now and later."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from kwatch.informer.indexer import Indexer
from kwatch.informer.protocol import Object
from kwatch.view import united
from kwatch.view.indexes_on_demand import demand_indices, indices_on_demand
from kwatch.view.merged import MergedSource
from kwatch.view.united import UnitedSource
from tests.query.cluster import POD_RESOURCE
from tests.view.world import thing
from tests.waiting import wait_until


def by_status(obj: Object) -> Sequence[str]:
    return (str(obj["spec"]["status"]),)


def cache_of(*names: str, status: str = "Running") -> Indexer:
    cache = Indexer()
    cache.replace([thing(name, status=status) for name in names])
    return cache


def users(*caches: Indexer) -> list[dict[str, int]]:
    return [dict(indices_on_demand(cache).users) for cache in caches]


def test_what_is_wanted_before_there_are_parts_is_wanted_of_them_until_it_is_let_go() -> None:
    source, cache = UnitedSource(["namespace"]), cache_of("shop/a", "shop/b")
    demand = demand_indices(source, {"status": by_status})
    assert source.index_names == ("namespace", "status")
    assert source.index_key_set("status", ["Running"]) == set()
    source.use({None: cache})
    assert source.index_key_set("status", ["Running"]) == {"shop/a", "shop/b"}
    assert users(cache) == [{"status": 1}]
    demand.release()
    demand.release()
    assert users(cache) == [{"status": 0}]
    later = cache_of("shop/c")
    source.use({None: later})
    assert "status" not in later.index_names  # nobody wants it any more


def test_parts_that_are_replaced_are_let_go_of() -> None:
    source, everywhere = UnitedSource(), cache_of("a/x", "b/y")
    source.use({None: everywhere})
    demand = demand_indices(source, {"status": by_status})
    demand.make()
    first, second = cache_of("a/x"), cache_of("b/y", status="Failed")
    source.use({"a": first, "b": second})
    assert users(everywhere, first, second) == [{"status": 0}, {"status": 1}, {"status": 1}]
    assert source.index_counts("status") == {"Running": 1, "Failed": 1}
    source.release()
    source.release()
    assert users(first, second) == [{"status": 0}, {"status": 0}]


def test_what_a_merged_view_wants_of_it_follows_its_parts() -> None:
    source, other = UnitedSource(), cache_of("shop/z")
    merged = MergedSource([(POD_RESOURCE, source), (POD_RESOURCE, other)])
    demand = demand_indices(merged, {"mine": by_status})
    cache = cache_of("shop/a")
    source.use({None: cache})
    demand.make()
    assert merged.index_counts("mine") == {"Running": 2}
    demand.release()
    assert users(cache, other) == [{"mine": 0}, {"mine": 0}]


def test_many_objects_are_indexed_in_a_thread_and_answered_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(united, "FEW", 1)
    goes_on, made_in, here = threading.Event(), list[str](), threading.current_thread()

    def slow(obj: Object) -> Sequence[str]:
        if (thread := threading.current_thread()) is not here:
            made_in.append(thread.name)
            assert goes_on.wait(60)
        return by_status(obj)

    source, cache = UnitedSource(), cache_of("shop/a", "shop/b")
    demand = demand_indices(source, {"mine": slow})
    source.use({None: cache})
    assert source.index_key_set("mine", ["Running"]) == {"shop/a", "shop/b"}
    assert source.index_counts("mine") == {"Running": 2}
    assert "mine" not in cache.index_names
    with pytest.raises(KeyError):
        source.index_key_set("another", ["x"])
    goes_on.set()
    wait_until(lambda: "mine" in cache.index_names)
    assert set(made_in) == {"kwatch-index"}
    demand.release()
