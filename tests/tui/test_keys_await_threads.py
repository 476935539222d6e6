"""What a thread makes of a key is there before the next key is: that one is for what is seen then."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, cast

import pytest

from kwatch.tui import key_order
from kwatch.tui.features.changes.change_list import Comparing
from kwatch.tui.features.object.timeline_reader import TimelineReader
from kwatch.tui.features.problems.list_maker import ListMaker
from kwatch.tui.features.time_travel import as_of_table
from kwatch.tui.features.time_travel.as_of_table import AsOfTable
from kwatch.tui.key_order import Awaiting, KeyOrder
from kwatch.view import exploration
from tests.tui.cached_session import app_of, lines, texts, until
from tests.tui.driving import Driver, running
from tests.tui.fakes import FakeSession
from tests.tui.features.changes.test_changes_screen import after_changes, session_of_shop
from tests.tui.features.object.test_timeline_tab import opened
from tests.tui.features.object.test_timeline_tab import world as with_events
from tests.tui.features.problems.test_problems_screen import world as with_problems
from tests.tui.test_key_order import burst


class Held:
    """A method that a thread calls: it goes on when it is let."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
        self.has_begun, self.goes_on = threading.Event(), threading.Event()
        whole = getattr(owner, name)

        def slow(*arguments: Any, **named: Any) -> Any:
            self.has_begun.set()
            assert self.goes_on.wait(60)
            return whole(*arguments, **named)

        monkeypatch.setattr(owner, name, slow)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine's thread may take long; here the keys wait for it all the same."""
    monkeypatch.setattr(key_order, "WORKER_TURNS", 10**6)
    monkeypatch.setattr(key_order, "MOST_TURNS", 10**6)


async def typed_ahead(user: Driver, held: Held, *keys: str) -> list[tuple[str, bool]]:
    """Each key that was handed on, and whether nothing was under way any more then."""
    order: KeyOrder = user.app.key_order
    forward, handed = order._forward, list[tuple[str, bool]]()

    def hand_on(message: Any) -> object:
        screen = user.app.screen
        handed.append((getattr(message, "key", ""), isinstance(screen, Awaiting) and not [*screen.awaited()]))
        return forward(message)

    order._forward = hand_on
    burst(user, *keys)
    await user.until(held.has_begun.is_set, "the thread has begun")
    for _ in range(300):  # more turns than any key takes by itself
        await asyncio.sleep(0)
    held.goes_on.set()
    await order.settled()
    return handed


async def test_a_filter_of_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of(with_problems())
    async with app.run_test(size=(120, 30)) as pilot:
        user = Driver(app, pilot, cast(FakeSession, None))
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await user.press("!")
        await until(pilot, lambda: bool(texts(lines(app), "3 problems in 4 objects")), "problems")
        held = Held(monkeypatch, ListMaker, "_make")
        handed = await typed_ahead(user, held, "slash", *"web-2", "enter", "y")
        assert handed[-1] == ("y", True)
        await until(pilot, lambda: bool(texts(lines(app), "kind: Pod")), "YAML")
        assert "web-2" in user.lines[0], "the row that was there before is another object's"


@pytest.mark.parametrize("keys", [("slash", *"api", "enter"), ("g",), ("a",)])
async def test_what_changed_shown_otherwise(monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]) -> None:
    session = session_of_shop()
    async with running(session, size=(120, 30)) as user:
        await after_changes(user, session)
        held = Held(monkeypatch, Comparing, "_show")
        handed = await typed_ahead(user, held, *keys, "j")
        assert handed[-1] == ("j", True)


@pytest.mark.parametrize("keys", [("slash", *"reason:BackOff", "enter"), ("f",)])
async def test_another_part_of_the_timeline(monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]) -> None:
    async with running(with_events(), size=(180, 30)) as user:
        await opened(user)
        held = Held(monkeypatch, TimelineReader, "_read")
        handed = await typed_ahead(user, held, *keys, "j")
        assert handed[-1] == ("j", True)


async def test_what_is_typed_is_shown_before_it_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of(with_problems())
    async with app.run_test(size=(120, 30)) as pilot:
        user = Driver(app, pilot, cast(FakeSession, None))
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await user.press("!")
        await until(pilot, lambda: bool(texts(lines(app), "3 problems in 4 objects")), "problems")
        held = Held(monkeypatch, ListMaker, "_make")
        burst(user, "slash", "w")
        await user.until(held.has_begun.is_set, "the thread has begun")
        burst(user, "e")
        burst(user, "b")
        await user.see("/ web")
        held.goes_on.set()


async def test_values_that_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(session_of_shop(), size=(120, 30)) as user:
        await user.see("3 pods")
        await user.press("i")
        await user.see("label app")
        held = Held(monkeypatch, exploration, "explore")
        handed = await typed_ahead(user, held, *"node-1", "enter")
        assert handed[-1] == ("enter", True)


async def test_another_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as_of_table, "SMALL", 0)
    monkeypatch.setattr(as_of_table, "NEAR", -1)
    session = session_of_shop()
    async with running(session, size=(120, 30)) as user:
        await user.see("3 pods")
        held = Held(monkeypatch, AsOfTable, "_finish")
        handed = await typed_ahead(user, held, "t", "j")
        assert handed[-1] == ("j", True)
