"""Loading, empty and refused are three sentences, wherever there is nothing to show."""

from __future__ import annotations

from typing import Any

import pytest

from kwatch.informer.errors import ApiError
from kwatch.informer.status import ErrorRecord, Phase
from kwatch.session.state import ConnectionPhase, SessionState
from kwatch.tui.location import StartView
from tests.tui.driving import running
from tests.tui.fakes import DEPLOYMENTS, EVENTS, NODES, PODS, FakeFeed, FakeSession, make, pod

REFUSED = ErrorRecord(1.0, "list", "eve cannot list it", 403)
LOADING: dict[str, Any] = {"phase": Phase.LISTING, "synced_at": None}
FORBIDDEN: dict[str, Any] = {
    "phase": Phase.FORBIDDEN,
    "synced_at": None,
    "last_error": REFUSED,
    "refused": ("list", "watch"),
}


def with_pod() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"))
    return session


@pytest.mark.parametrize(
    ("status", "words", "title"),
    [
        (LOADING, "Listing events …$", "Events {3}Related"),
        (FORBIDDEN, "You may not list events here$[^$]*eve cannot list it", "Events {3}Related"),
        ({}, "No events about it", "Events 0"),
    ],
)
async def test_events(status: dict[str, Any], words: str, title: str) -> None:
    session = with_pod()
    session.feed(EVENTS).set_status(**status)
    async with running(session) as user:
        await user.see("1 pod")
        await user.press("e")
        await user.see(words)
        await user.see(title)


@pytest.mark.parametrize(
    "tab", ["history", "yaml", "overview", "containers", "timeline", "suspects", "rollouts", "related", "logs"]
)
@pytest.mark.parametrize(
    ("status", "words"),
    [
        (LOADING, "Listing pods …"),
        (FORBIDDEN, "You may not list pods here"),
        (
            {},
            "Pod web-1 is not there|No version of it has arrived|Nothing is known to have happened to it|cannot be had",
        ),
    ],
)
async def test_an_object_that_is_not_there(tab: str, status: dict[str, Any], words: str) -> None:
    session = FakeSession()
    feed = session.feed(PODS)
    feed.set_status(**status)
    session.log_error = ApiError(404, "NotFound", "no such pod")
    async with running(session, start=StartView("pods", name="web-1")) as user:
        await user.see("History")
        user.app.screen.show_tab(tab)  # type: ignore[attr-defined] # it is the object screen
        await user.see(words)
        if not status:
            await user.see("^ +not there")
            assert "deleted" not in user.text
        feed.set_status(phase=Phase.WATCHING, synced_at=1.0, refused=())
        feed.put(pod("web-1"))
        await user.see("READY 1/1")


async def test_a_log_that_is_asked_for_refused_or_empty() -> None:
    session = with_pod()
    session.log_error = ApiError(403, "Forbidden", "eve cannot get the log")
    async with running(session) as user:
        await user.see("1 pod")
        await user.press("l")
        await user.see("── main eve cannot get the log ──")
        session.log_error = None
        await user.press("p")
        await user.see("The log cannot be had$[^$]*it has not been restarted")
        await user.press("p")
        await user.see("No line has come yet.")


def refuse(feed: FakeFeed) -> None:
    feed.set_status(**FORBIDDEN)


async def test_a_relation_that_may_not_be_asked_is_not_on_its_way() -> None:
    session = with_pod()
    refuse(session.feed(NODES, None))
    async with running(session, size=(160, 30)) as user:
        await user.see("1 pod")
        await user.press("r")
        await user.see("! runs on +Node +node-1 +may not be listed")
        await user.see("Related {3}Containers")
        session.feed(NODES, None).set_status(**LOADING)
        await user.see("◌ runs on +Node +node-1 +listing …")


async def test_a_timeline_says_what_is_missing_in_it() -> None:
    session = with_pod()
    session.feed(EVENTS).set_status(**LOADING)
    refuse(session.feed(NODES, None))
    async with running(session) as user:
        await user.see("1 pod")
        await user.press("T")
        await user.see("! without nodes: eve cannot list it")
        await user.press("f", "f", "f")
        await user.see("Nothing to show: events so far$[^$]*events is still being listed")
        session.feed(EVENTS).set_status(**FORBIDDEN)
        await user.see("Nothing to show: events$[^$]*What happened to nodes and events is missing")


async def test_what_is_around_an_object_but_may_not_be_seen_is_named_in_its_overview() -> None:
    session = FakeSession()
    session.feed(NODES, None).put(make("Node", "node-1", namespace=""))
    refuse(session.feed(PODS, None))
    async with running(session, start=StartView("nodes")) as user:
        await user.see("1 node")
        await user.press("d")
        await user.see("Not Known$[^$]*pods +! may not be listed")


async def test_what_nobody_looked_through_yet_is_not_said_to_be_empty() -> None:
    session = FakeSession()
    session.feed(DEPLOYMENTS).set_status(**LOADING, received=7)
    async with running(session, start=StartView("deploy")) as user:
        await user.see("Listing deployments … 7 so far")


async def test_a_delta_log_is_as_live_as_what_is_watched() -> None:
    session = FakeSession()
    session.feed(PODS).set_status(**LOADING)
    async with running(session) as user:
        await user.see("Listing pods …")
        await user.press("D")
        await user.see("Nothing has arrived yet$[^$]*Pods: syncing")
        await user.see("delta log +◌ pods: syncing")
        session.feed(PODS).set_status(phase=Phase.WATCHING, synced_at=1.0, last_event_at=1.0)
        session.feed(PODS).put(pod("web-1"))
        await user.see("delta log +● following")
        session.feed(PODS).set_status(phase=Phase.BACKING_OFF, disconnected_since=1.0)
        await user.see("delta log +▲ pods: reconnecting · stale for")


async def test_an_explorer_that_finds_nothing_says_so() -> None:
    async with running(FakeSession()) as user:
        await user.see("No pods in namespace shop")
        await user.press("i")
        await user.see("No filter: 0 pods")
        await user.type("xyz")
        await user.see("Nothing has that name")


async def test_what_escape_does_to_a_filter_that_finds_nothing() -> None:
    session = with_pod()
    session.feed(NODES).put(make("Node", "node-1", ""))
    async with running(session) as user:
        await user.see("1 pod")
        await user.type("/nothing")
        await user.see("Esc takes back what was typed.")
        await user.press("enter")
        await user.see("Esc clears it.")
        await user.press("escape")
        await user.type(":nodes /node")
        await user.press("enter")
        await user.see("1 of 1 node")
        await user.type("/x")
        await user.press("enter")
        await user.see("Esc brings the one before back.")
        await user.press("escape")
        await user.see("1 of 1 node +/node ")
        await user.type(":pods /nothing")
        await user.press("enter")
        await user.see("/ changes it.")


async def test_in_a_past_in_which_nothing_happened_nothing_is_gone_on_to() -> None:
    async with running(FakeSession()) as user:
        await user.see("No pods in namespace shop")
        await user.press("t")
        await user.see("No pods were known then")
        await user.see("Nothing of them arrived since either.")


async def test_a_login_command_that_runs_is_named() -> None:
    session = FakeSession()
    session.names = None
    session.state = SessionState(ConnectionPhase.CONNECTING, "", "demo", "shop", "https://demo")
    session.waits_for = "the login command '[aws]'"
    async with running(session) as user:
        await user.see(r"Waiting for the login command '\[aws]' …[^$]*It may wait for you, in a browser\.")
        session.waits_for = ""
        await user.see("Connecting to https://demo …")
