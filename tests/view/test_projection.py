from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.catalog.column import Column
from kwatch.catalog.kind import Kind
from kwatch.informer.kube_object import KubeObject
from kwatch.query import parse
from kwatch.view import filtering
from kwatch.view.projection import Projection
from kwatch.view.recent import RecentChanges
from kwatch.view.source import DictSource
from tests.view.world import KIND, FakeClock, thing


def projection(objects: dict[str, dict[str, Any]], **options: Any) -> tuple[DictSource, Projection]:
    source = DictSource(objects)
    view = Projection(source, KIND, clock=FakeClock(), **options)
    view.rebuild()
    return source, view


def things(*keys: str, **spec: Any) -> dict[str, dict[str, Any]]:
    return {key: thing(key, **spec) for key in keys}


def test_orders_by_namespace_then_name() -> None:
    _, view = projection(things("shop-a/x", "shop/b", "shop/a", "node-1"))
    assert list(view.order) == ["node-1", "shop/a", "shop/b", "shop-a/x"]


def test_none_is_last_in_both_directions_and_ties_keep_their_order() -> None:
    objects = {
        "a/1": thing("a/1", restarts=5),
        "a/2": thing("a/2", restarts=None),
        "a/3": thing("a/3", restarts=5),
        "a/4": thing("a/4", restarts=9),
    }
    _, view = projection(objects)
    view.set_sort(2)
    assert list(view.order) == ["a/1", "a/3", "a/4", "a/2"]
    view.set_sort(2, descending=True)
    assert list(view.order) == ["a/4", "a/1", "a/3", "a/2"]


def test_values_that_cannot_be_compared_are_ordered_by_type() -> None:
    objects = {"a/1": thing("a/1", status="Running"), "a/2": thing("a/2")}
    source, view = projection(objects)
    view.set_sort(1)
    source["a/3"] = thing("a/3", status=7)  # type: ignore[arg-type]
    for index in range(40):
        source[f"b/{index}"] = thing(f"b/{index}")
    view.rebuild()
    assert view.order[0] == "a/3"
    source["a/0"] = thing("a/0", status=3)  # type: ignore[arg-type]
    view.apply({"a/0"})
    assert list(view.order[:2]) == ["a/0", "a/3"]


def test_apply_tells_what_happened() -> None:
    source, view = projection(things(*[f"a/{index}" for index in range(100)]))
    view.set_query(parse("Running"))
    source["a/5"] = thing("a/5", restarts=3)
    source["a/6"] = thing("a/6", status="Failed")
    source["b/1"] = thing("b/1")
    del source["a/7"]
    changes = view.apply({"a/5", "a/6", "b/1", "a/7", "nowhere/at-all"})
    assert changes.moved
    assert changes.changed == {"a/5"}
    assert changes.added == {"b/1"}
    assert changes.removed == {"a/6", "a/7"}
    assert (view.shown, view.total) == (99, 100)
    assert view.position("b/1") == 98
    assert view.position("a/6") is None


def test_an_unchanged_key_is_not_moved() -> None:
    _, view = projection(things("a/1", "a/2"))
    assert not view.apply({"a/1"}).moved


actions = st.lists(
    st.tuples(
        st.sampled_from([f"{namespace}/{index}" for namespace in ("a", "a-b", "c") for index in range(8)]),
        st.one_of(
            st.none(),
            st.tuples(st.sampled_from(["Running", "Failed", None]), st.one_of(st.none(), st.integers(0, 3))),
        ),
    ),
    max_size=30,
)


@settings(max_examples=150)
@given(
    st.lists(actions, max_size=6),
    st.sampled_from([None, "running", "!a", "fail"]),
    st.sampled_from([("namespace", False), (0, True), (1, False), (1, True), (2, False), (2, True)]),
)
def test_apply_equals_rebuilding(batches: list[Any], text: str | None, sort: tuple[Any, bool]) -> None:
    source, view = projection(things(*[f"c/{index}" for index in range(40)]))
    view.set_query(parse(text) if text else None)
    view.set_sort(*sort)
    for batch in batches:
        dirty = set()
        for key, change in batch:
            dirty.add(key)
            if change is None:
                source.pop(key, None)
            else:
                source[key] = thing(key, status=change[0], restarts=change[1])
        view.apply(dirty)
        _, fresh = projection(dict(source))  # type: ignore[arg-type]
        fresh.set_query(parse(text) if text else None)
        fresh.set_sort(*sort)
        assert list(view.order) == list(fresh.order)
        assert [view.position(key) for key in view.order] == list(range(view.shown))


@settings(max_examples=60)
@given(st.lists(actions, min_size=1, max_size=5), st.sampled_from(["running", "!a", "age<90s", "restarts>1 running"]))
def test_what_a_scan_in_the_background_finds_is_never_older_than_what_was_applied(
    batches: list[Any], text: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filtering, "PATIENCE", 0.0)
        source, view = projection(
            things(*[f"c/{index}" for index in range(400)], started=999_950.0), in_background=True
        )
        view.set_query(parse(text))
        for batch in batches:
            for key, change in batch:
                if change is None:
                    source.pop(key, None)
                else:
                    source[key] = thing(key, status=change[0], restarts=change[1], started=999_000.0)
            view.apply({key for key, _ in batch})
        for _ in range(2000):
            view.apply(set())
            if view.progress is None:
                break
            threading.Event().wait(0.001)
        assert view.progress is None
    _, fresh = projection(dict(source))  # type: ignore[arg-type]
    fresh.set_query(parse(text))
    assert list(view.order) == list(fresh.order)
    assert view.due(0.0) == fresh.due(0.0)


def test_cells_of_the_server_that_come_later_are_no_change_but_shown() -> None:
    """The same versions are listed once more, now with what only the server can print."""
    kind = Kind("Thing", (Column("Name"), Column("Theirs")), lambda obj: (obj.name, (obj.cells or (None, None))[1]))
    trees = {key: {"metadata": {"name": key[-1], "uid": key, "resourceVersion": "1"}} for key in ("a/1", "a/2")}
    source = DictSource({key: KubeObject.of(tree) for key, tree in trees.items()})
    recent = RecentChanges()
    view = Projection(source, kind, clock=FakeClock(), recent=recent)
    view.rebuild()
    view.set_sort(1)
    assert [view.values(key) for key in view.order] == [("1", None), ("2", None)]
    for key, cell in (("a/1", "z"), ("a/2", "b")):
        listed_again = KubeObject.of(trees[key])
        listed_again.cells = ("", cell)
        source[key] = listed_again
    view.apply({"a/1", "a/2"})
    assert [view.values(key) for key in view.order] == [("2", "b"), ("1", "z")]
    assert recent.happened("a/1", FakeClock().time()) is None
