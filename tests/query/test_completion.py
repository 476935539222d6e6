from __future__ import annotations

import time

import pytest

from kwatch.query.completion import Completion, complete
from tests.query.cluster import context, indexer, pod
from tests.query.journal import FakeJournal

PODS = [
    pod("shop/cart-1", labels={"app": "cart", "env": "a"}, node="node-7", spec={"priority": 5}),
    pod("shop/cart-2", labels={"app": "cart"}, phase="Pending"),
    pod("data/db-0", labels={"app": "db", "odd": "a b"}, node="node-7", phase="Failed"),
]


def completed(text: str, *, on_demand: bool = True) -> Completion:
    journal = FakeJournal()
    journal.changes = [("shop/cart-1", "status.phase", "a", "b", 0.0)]
    return complete(text, len(text), context(indexer(PODS, on_demand=on_demand), journal=journal))


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("app=", 4, [("cart", 2), ("db", 1)]),
        ("x app=c", 6, [("cart", 2)]),
        ("!app!=d", 6, [("db", 1)]),
        ("app=cart,e", 9, [("env", 1)]),
        ("env in (", 8, [("a", 1)]),
        ("app notin (db,c", 14, [("cart", 2)]),
        ("odd=", 4, [('"a b"', 1)]),
        ("ns:", 3, [("shop", 2), ("data", 1)]),
        ("ns:shop,d", 8, [("data", 1)]),
        ("status:", 7, [("Failed", 1), ("Pending", 1), ("Running", 1)]),
        ("status:run", 7, [("Running", 1)]),
        ("-l od", 3, [("odd", 1)]),
        ("-l app=", 7, [("cart", 2), ("db", 1)]),
        (".spec.pri", 6, [("priority", 1)]),
        (".status.phase=", 14, [("Failed", 1), ("Pending", 1), ("Running", 1)]),
        (".spec.containers[0].na", 20, [("name", 3)]),
        ("~sta", 1, [("status.phase", 1)]),
        ("node:n", 5, [("node-7", 2)]),
    ],
)
def test_values_come_with_their_counts(text: str, start: int, expected: list[tuple[str, int]]) -> None:
    found = completed(text)
    assert (found.start, found.end) == (start, len(text))
    assert [(each.text, each.count) for each in found.suggestions] == expected


def test_without_an_index_a_sample_is_asked() -> None:
    assert [each.text for each in completed("status:", on_demand=False).suggestions] == ["Failed", "Pending", "Running"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a", "app="),
        ("st", "status:"),
        ("rest", "restarts>"),
        ("ag", "age<"),
        ("del", "deleted"),
        ("si", "since:"),
        ("i", "image:"),
    ],
)
def test_a_term_begins_with_anything_known(text: str, wanted: str) -> None:
    assert wanted in [each.text for each in completed(text).suggestions]


def test_what_begins_so_comes_before_what_holds_it() -> None:
    texts = [each.text for each in completed("e").suggestions]
    assert texts[0] == "env="
    assert "age<" in texts


def test_the_common_beginning_is_what_a_tab_can_write() -> None:
    assert completed("node:").common == "node-7"
    assert completed("status:zzz").common == ""


@pytest.mark.parametrize(
    "text", ["", "/ab", '"ab', "~x:", ".[", "x=[", "(", "a in (", "\0", "'", ".a[?(", "x" * 2000], ids=range(12)
)
def test_nonsense_completes_to_something_or_nothing(text: str) -> None:
    found = completed(text)
    assert 0 <= found.start <= found.end <= len(text)


def test_kinds_are_completed_as_they_are_called_by_who_types() -> None:
    owned = [pod("shop/a", owner=("StatefulSet", "db")), pod("shop/b", owner=("ReplicaSet", "web"))]
    there = context(indexer(owned))
    assert [each.text for each in complete("owner:sts/", 10, there).suggestions] == ["sts/db"]
    assert [each.text for each in complete("owner:StatefulSets/d", 20, there).suggestions] == ["StatefulSets/db"]
    assert {each.text for each in complete("owner:", 6, there).suggestions} == {"StatefulSet/db", "ReplicaSet/web"}


@pytest.mark.parametrize(
    "text", ["a" * 10_000, "." * 10_000, ".a" * 5_000, "\\" * 10_000, "a=" + "b" * 10_000, "a " * 5_000]
)
def test_long_filters_are_completed_at_once(text: str) -> None:
    began = time.thread_time()
    complete(text, len(text), context(indexer([])))
    assert time.thread_time() - began < 0.2


def test_the_last_term_of_a_long_filter_is_completed() -> None:
    text = "web " * 2_000 + "app=c"
    found = complete(text, len(text), context(indexer([pod(labels={"app": "cart"})])))
    assert [each.text for each in found.suggestions] == ["cart"]
    assert text[found.start : found.end] == "c"
