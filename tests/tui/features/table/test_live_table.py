"""Rows while the first list comes: on screen, with every key alive, and never without saying so."""

from __future__ import annotations

import re
import time

from kwatch.informer.status import ErrorRecord, Phase
from tests.tui.driving import running
from tests.tui.fakes import PODS, FakeFeed, FakeSession, pod


def arriving(session: FakeSession, *names: str, expected: int = 10) -> FakeFeed:
    feed = session.feed(PODS)
    feed.put(*[pod(name) for name in names])
    feed.set_status(phase=Phase.STREAMING, synced_at=None, received=len(names), expected=expected)
    return feed


async def test_rows_are_there_before_the_list_is_whole_and_the_header_says_so() -> None:
    session = FakeSession()
    feed = arriving(session, "web-2")
    async with running(session) as user:
        await user.see("syncing 1 of about 10")
        await user.see("web-2")
        await user.see("1 pod so far")
        feed.put(pod("web-1"), pod("bad-1", phase="CrashLoopBackOff"))
        feed.set_status(received=3)
        await user.see("3 pods so far +! 1 unhealthy so far")
        assert re.search("bad-1.*web-1.*web-2", user.text, re.DOTALL)
        feed.set_status(phase=Phase.WATCHING, synced_at=time.time())
        await user.see_no("so far")
        await user.see("3 pods +! 1 unhealthy")


async def test_cursor_marks_and_filter_stay_while_rows_come_and_when_the_list_is_whole() -> None:
    session = FakeSession()
    feed = arriving(session, "m-1", "m-2", "m-3")
    async with running(session) as user:
        await user.see("3 pods so far")
        await user.press("down", "space")
        await user.see("● +m-2")
        await user.see("▌ +m-3")
        feed.put(*[pod(f"a-{number}") for number in range(5)])
        await user.see("8 pods so far")
        await user.see("● +m-2")
        await user.see("▌ +m-3")
        feed.set_status(phase=Phase.WATCHING, synced_at=time.time())
        await user.see_no("so far")
        await user.see("● +m-2")
        await user.see("▌ +m-3")
        await user.press("/", *"a-4", "enter")
        await user.see("1 of 8 pods")


async def test_a_filter_typed_meanwhile_takes_in_what_comes() -> None:
    session = FakeSession()
    feed = arriving(session, "web-1", "web-2")
    async with running(session) as user:
        await user.see("2 pods so far")
        await user.press("/", *"cart", "enter")
        await user.see("0 of 2 pods so far")
        await user.see("None of 2 pods so far matches the filter")
        feed.put(pod("cart-1"), pod("web-3"))
        await user.see("1 of 4 pods so far")
        await user.see("cart-1")


async def test_an_object_that_has_arrived_can_be_opened() -> None:
    session = FakeSession()
    arriving(session, "web-1")
    async with running(session) as user:
        await user.see("web-1")
        await user.press("d")
        await user.see("pods › web-1")


async def test_the_explorer_counts_what_is_there_so_far() -> None:
    session = FakeSession()
    arriving(session, "web-1", "web-2")
    async with running(session, size=(120, 30)) as user:
        await user.see("2 pods so far")
        await user.press("i")
        await user.see("No filter: 2 pods so far")


async def test_rows_of_a_list_that_broke_off_stay_and_are_called_unconfirmed() -> None:
    session = FakeSession()
    feed = arriving(session, "web-1", "web-2")
    async with running(session, size=(110, 24)) as user:
        await user.see("2 pods so far")
        error = ErrorRecord(time.time(), "list", "connection reset by peer")
        feed.set_status(phase=Phase.BACKING_OFF, last_error=error, received=2, unconfirmed=2)
        await user.see("▲ reconnecting: connection lost · 2 not confirmed")
        await user.see("web-2")
        feed.set_status(phase=Phase.STREAMING, received=1, unconfirmed=1)
        await user.see("syncing 1 of about 10 · 1 not confirmed")
        feed.set_status(phase=Phase.WATCHING, synced_at=time.time(), unconfirmed=0)
        await user.see_no("not confirmed")
