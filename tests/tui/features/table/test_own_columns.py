"""Columns added on the screen: what is typed, what it means, what completes, and that views keep them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from kwatch.catalog.kinds.pods import PODS as POD_KIND
from kwatch.catalog.user_columns import ArrangementError, arrange
from kwatch.config.saved_views import SavedViews
from kwatch.tui.features.table.own_columns import MOST, changed, paths_from
from tests.tui.driving import Driver, running
from tests.tui.fakes import PODS, FakeSession, pod

TREE = {
    "metadata": {"labels": {"app": "cart", "app.kubernetes.io/name": "cart", "it's": "odd"}, "name": "cart-1"},
    "spec": {
        "nodeName": "node-1",
        "priority": 5,
        "hostNetwork": True,
        "containers": [{"name": "main", "image": "web:1", "resources": {"limits": {"cpu": "500m"}}}],
    },
    "status": {"startTime": "2026-01-01T00:00:00Z"},
}


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        (".spec.nodeName", "NODENAME:.spec.nodeName|string"),
        (".spec.nodeName host", "HOST:.spec.nodeName|string"),
        ("{.spec.priority}", "PRIORITY:.spec.priority|integer"),
        (".spec.hostNetwork", "HOSTNETWORK:.spec.hostNetwork|boolean"),
        (".status.startTime", "STARTTIME:.status.startTime|date"),
        (".spec.containers[*].name", "CONTAINERS NAME:.spec.containers[*].name|string"),
        (".spec.containers[0].resources.limits.cpu", "CPU:.spec.containers[0].resources.limits.cpu|quantity"),
        (".metadata.labels['app.kubernetes.io/part']", "PART:.metadata.labels['app.kubernetes.io/part']|string"),
        ("label:example.com/tier", "TIER:label:example.com/tier"),
        ("label:tier level", "LEVEL:label:tier"),
        ("IMG:.spec.containers[0].image|string|20", "IMG:.spec.containers[0].image|string|20"),
        ("node", "NODE"),
        ("nominated node", "NOMINATED NODE"),
        ("-age", "-AGE"),
    ],
)
def test_what_is_typed_becomes_an_entry_as_settings_have_it(text: str, entry: str) -> None:
    assert changed((), text, POD_KIND, TREE) == (entry,)
    arrange(POD_KIND, (), added=[entry])


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        (["NODE", "X:.a|string"], "-x", ("NODE",)),
        (["-AGE", "NODE"], "age", ("NODE",)),
        (["X:.a|string"], ".b x", ("X:.b|string",)),
        (["NODE", "-AGE"], "off", ()),
    ],
)
def test_an_entry_is_taken_back_or_takes_the_place_of_another(
    before: Sequence[str], text: str, after: Sequence[str]
) -> None:
    assert changed(before, text, POD_KIND) == after


@pytest.mark.parametrize(
    ("before", "text", "said"),
    [
        ((), "", "say which"),
        ((), "nodes", "no column 'NODES'; it has Name, Ready"),
        ((), ".spec[", "spec"),
        ((), ".spec x:y", "colon"),
        ((), "X:.spec|number|wide", "no width"),
        ((), "-name", "stays"),
        ((), "-nothing", "no column"),
        (("NODE",), "node", "there already"),
        ([f"C{n}:.a|string" for n in range(MOST)], ".b", "20 columns"),
    ],
)
def test_what_cannot_be_meant_is_a_sentence(before: Sequence[str], text: str, said: str) -> None:
    with pytest.raises(ArrangementError, match=said):
        changed(before, text, POD_KIND, TREE)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (".", {".metadata", ".spec", ".status"}),
        (".spec.", {".spec.nodeName", ".spec.priority", ".spec.hostNetwork", ".spec.containers"}),
        (".spec.containers[", {".spec.containers[*]"}),
        (".spec.containers[*].na", {f".spec.containers[*].{key}" for key in ("name", "image", "resources")}),
        (".metadata.labels.", {".metadata.labels.app", ".metadata.labels['app.kubernetes.io/name']"}),
        (".spec[?(.", set()),
        (".nothing.x", set()),
    ],
)
def test_paths_complete_from_an_object(typed: str, found: set[str]) -> None:
    assert {each.text for each in paths_from(TREE, typed)} == found


async def colon(user: Driver, text: str) -> None:
    await user.press("colon")
    await user.type(text)
    await user.press("enter")


async def test_a_column_is_added_sorted_by_and_taken_away_again() -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("cart-1"))
    async with running(session, size=(110, 30)) as user:
        await user.see("2 pods")
        await colon(user, "col .spec.containers[0].image img")
        assert "AGE" in user.lines[2] and user.lines[2].split().index("IMG") > user.lines[2].split().index("AGE")
        assert "web:1" in user.line_with("cart-1")
        await colon(user, "col -restarts")
        assert "RESTARTS" not in user.lines[2]
        await user.press("shift+left", "O")
        user.app.home.sort_by("img")
        assert "IMG↑" in user.lines[2]
        await colon(user, "col -img")
        assert "IMG" not in user.lines[2] and "NAME↑" in user.lines[2]
        told = user.listen()
        await colon(user, "col -name")
        assert told == ["NAME stays: it says which object a row is of."]
        await colon(user, "col off")
        assert "RESTARTS" in user.lines[2]


async def test_paths_complete_as_they_are_typed() -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"))
    async with running(session) as user:
        await user.see("1 pod")
        await user.press("colon")
        await user.type("col .spec.nodeN")
        await user.see(r"\.spec\.nodeName +node-1")
        await user.press("tab", "enter")
        assert "NODENAME" in user.lines[2]


async def test_a_view_keeps_them(tmp_path: Any) -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"))
    async with running(session) as user:
        user.app.views = SavedViews(tmp_path)
        await user.see("1 pod")
        await colon(user, "col .spec.nodeName host")
        await colon(user, "col -age")
        await colon(user, "save mine")
        assert user.app.views.load("mine").columns == ("HOST:.spec.nodeName|string", "-AGE")
        await colon(user, "col off")
        assert "HOST" not in user.lines[2]
        await colon(user, "view mine")
        assert "HOST" in user.lines[2] and "AGE" not in user.lines[2]


async def test_the_past_has_them_too() -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"))
    async with running(session) as user:
        await user.see("1 pod")
        await user.press("t")
        await colon(user, "col .spec.nodeName host")
        await user.see("HOST")
        assert user.app.home.time_travel.is_active
        await user.press("end")
        assert "HOST" in user.lines[2]


async def test_they_stay_when_the_resource_is_given_anew_until_they_are_taken_back() -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"))
    async with running(session, size=(140, 24)) as user:
        await user.see("1 pod")
        await colon(user, "col .spec.nodeName host")
        assert "HOST" in user.lines[2]
        await colon(user, "deploy")
        await user.see("deployments")
        assert "HOST" not in user.text
        await colon(user, "pods")
        await user.see("HOST")
        await colon(user, "pods -A")
        await user.see("all namespaces")
        await user.see("HOST")
        await colon(user, "col off")
        await user.see_no("HOST")
        await colon(user, "pods -n shop")
        await user.see("shop › pods")
        await user.see_no("HOST")
