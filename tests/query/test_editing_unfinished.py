"""A filter on its way: whatever is half typed, rows never go because of that alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.catalog.kinds.pods import PODS
from kwatch.informer.kube_object import KubeObject
from kwatch.query import QuerySyntaxError, parse
from kwatch.query.editing import is_unfinished, known_keys
from kwatch.query.help import terms
from kwatch.view.projection import Projection
from tests.query.cluster import NOW, POD_RESOURCE, FakeClock, context, indexer, pod
from tests.query.journal import FakeJournal
from tests.query.test_random_queries import Rule, pods, rules


def typed(view: Projection, text: str) -> None:
    """One key more, as the filter bar has it: a broken text changes nothing."""
    try:
        query = parse(text, view.names)
        if is_unfinished(query, text, known_keys(view.context)):
            view.try_query(query)
        else:
            view.set_query(query)
    except QuerySyntaxError:
        return


def finally_shown(view: Projection, text: str) -> list[str]:
    """What Enter shows."""
    try:
        view.set_query(parse(text, view.names))
    except QuerySyntaxError:
        return []
    return list(view.order)


def view_of(objects: Sequence[KubeObject], **options: Any) -> Projection:
    view = Projection(indexer(objects), PODS, clock=FakeClock(), resource=POD_RESOURCE, **options)
    view.rebuild()
    return view


def journal() -> FakeJournal:
    found = FakeJournal()
    found.changes = [
        ("shop/web-1-abc-7", "status.phase", "Running", "Failed", NOW - 30),
        ("shop/cart-2", "spec.image", "1.0", "1.1", NOW - 60),
        ("shop/cart-2", "spec.replicas", "1", "2", NOW - 60),
    ]
    return found


WORLD = (
    pod("shop/web-1-abc-7", labels={"app": "web"}, phase="Failed", restarts=9, node="node-7", age=300),
    pod(
        "shop/cart-2",
        labels={"app": "cart", "tier": "web", "env": "prod"},
        owner=("Deployment", "web"),
        age=400_000,
        spec={"replicas": 5, "paused": True, "serviceAccountName": "builder"},
    ),
    pod("shop/two words", labels={"tier": "data", "old": ""}, restarts=30, image="redis:7"),
)
MORE = (
    ".spec",
    ".spec.replicas>3",
    ".status.phase=Failed",
    ".metadata.labels.app=cart",
    "restarts>3",
    "restarts<10",
    "age>10m",
    "age<10m",
    "name~web",
    "app=cart",
    "app!=cart",
    "app==cart",
    "env in (prod,test)",
    "-l app=cart,tier",
    "-l env notin (prod)",
    "status:Failed",
    "status=Failed",
    "node:node-7",
    "image:nginx*",
    "~",
    "~status.phase",
    "~status.phase:Running>Failed",
    "since:10m",
    "~replicas since:10m",
    "!unhealthy",
    "!restarts>3",
    "!~",
    "/^web-.*7$/",
    "/wo(r)?ds/",
    '"two words"',
    "-f wb1",
    "ns:shop app=cart restarts<3",
    "tier=data old restarts>20",
)


@pytest.mark.parametrize("before", ["", "shop ", "ns:shop "])
@pytest.mark.parametrize("text", [*MORE, *(each.example for each in terms()), *(each.term for each in terms())])
def test_typed_key_by_key_rows_stay_until_something_matches(text: str, before: str) -> None:
    view, text = view_of(WORLD, journal=journal(), with_namespace=True), before + text
    if not finally_shown(view, text):
        assert text not in MORE, "it is here to match something"
        return
    view.set_query(None)
    for length in range(1, len(text) + 1):
        typed(view, text[:length])
        assert list(view.order), f"nothing is shown at {text[:length]!r}"
    assert list(view.order) == finally_shown(view, text)


@settings(max_examples=200)
@given(st.lists(pods, max_size=8), rules)
def test_any_filter_typed_key_by_key(objects: list[KubeObject], terms: list[tuple[str, Rule]]) -> None:
    text = " ".join(each for each, _ in terms)
    keys = pod("z/anchor", labels={"app": "1", "env": "2", "tier": "3"})
    view = view_of(list({each.key: each for each in [*objects, keys]}.values()))
    if not finally_shown(view, text):
        return
    view.set_query(None)
    for length in range(1, len(text) + 1):
        typed(view, text[:length])
        assert list(view.order), f"nothing is shown at {text[:length]!r}"
    assert list(view.order) == finally_shown(view, text)


@pytest.mark.parametrize("text", ["zzz", "cart x", "restarts>3 zzz", '"restarts"x', "-f zq", "/zq/"])
def test_what_is_no_beginning_matches_nothing_at_once(text: str) -> None:
    view = view_of(WORLD)
    typed(view, text)
    if parse_or_none(text) is not None:
        assert list(view.order) == []


def parse_or_none(text: str) -> object:
    try:
        return parse(text)
    except QuerySyntaxError:
        return None


@pytest.mark.parametrize(
    ("text", "unfinished"),
    [
        ("restarts", True),
        ("RESTARTS", True),
        ("restarts ", True),
        ("cart ", False),
        ("app=cart ", False),
        ("env notin ", True),
        ("st", True),
        ("zz", False),
        ("ap", True),
        ("app!", True),
        ("-", True),
        (".", True),
        (".spec.replicas", True),
        (".spec.image~ng", False),
        ("env in (a)", False),
        ("/a/", False),
        ("cart", False),
        ("ns", True),
        ("sinc", True),
        ("", False),
        ("res web", False),
        ("env ", True),
        ("status ", True),
        ("status no", True),
        ("-l env noti", True),
        ("zz noti", False),
        ("web res", True),
    ],
)
def test_what_is_unfinished(text: str, unfinished: bool) -> None:
    assert is_unfinished(parse(text), text, known_keys(context(indexer(WORLD)))) is unfinished
