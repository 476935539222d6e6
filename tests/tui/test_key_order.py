"""Keys that come faster than they are worked on, as when a text is pasted or the machine is busy: the order holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partialmethod
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events
from textual.keys import key_to_character
from textual.message_pump import MessagePump
from textual.selection import SELECT_ALL
from textual.widgets import Input

from kwatch.session.state import ConnectionPhase
from kwatch.tui import key_order
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.features.table.table_model import TableModel
from kwatch.tui.features.table.table_screen import TableScreen
from kwatch.tui.key_order import KeyOrder
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.widgets.prompt import Prompt
from tests.tui.driving import Driver, running
from tests.tui.fakes import PODS, FakeSession, make, pod

KEYS = "slash colon enter escape tab ctrl+u backspace y d v e M D I i question_mark 0 minus j G t m at w e b a r ctrl+z"


def shop() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("web-2", restarts=3), pod("cart-1", phase="Error"))
    return session


def burst(user: Driver, *keys: str) -> None:
    """All at once: none is worked on before the last is there."""
    for key in keys:
        user.app.post_message(events.Key(key, key if len(key) == 1 else key_to_character(key)))


def is_ending(user: Driver) -> bool:
    return user.app._exit


def state(user: Driver) -> list[Any]:
    """Where one is, what is typed, and what is under the cursor."""
    app = user.app
    place = app.home.place
    found: list[Any] = [place.filter if place is not None else "", place.resource if place is not None else None]
    for screen in app.screen_stack:
        texts = [each.value for each in screen.query(Input) if each.display and each.parent and each.parent.display]
        found.append((type(screen), type(screen.focused), getattr(screen, "active", ""), texts))
    found += [table.cursor_key for table in app.screen.query(VirtualTable)]
    return found


async def test_what_follows_enter_is_for_the_table() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        burst(user, "slash", *"web", "enter", "j", "y")
        await user.see("web-2")
        await user.see("kind: Pod")
        assert "web-2" in user.lines[0], "the cursor had moved before the object was opened"
        assert user.app.home.place is not None and user.app.home.place.filter == "web"


async def test_a_command_and_what_is_typed_after_it() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        burst(user, "colon", *"deploy", "enter", "slash", *"x", "enter")
        await user.see("/x")
        assert user.app.home.place is not None
        assert (user.app.home.place.resource.name, user.app.home.place.filter) == ("deployments", "x")


async def test_escape_takes_it_back_whatever_follows() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        burst(user, "slash", *"web", "escape", "j", "d")
        await user.see("kind: Pod|Overview")
        assert "web-1" in user.lines[0]
        assert user.app.home.place is not None and user.app.home.place.filter == ""


async def test_one_filter_and_then_another() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        first = ("slash", *"status", "colon", *"Error", "enter")
        burst(user, *first, "escape", "slash", "ctrl+u", *"restarts", "greater_than_sign", "0", "enter")
        await user.app.key_order.settled()
        assert user.app.home.place is not None and user.app.home.place.filter == "restarts>0"
        assert isinstance(user.app.screen, TableScreen), "no letter became a command of the table"
        await user.see("1 of 3 pods")


async def test_a_filter_that_was_typed_before_it_is_connected_is_kept() -> None:
    session = shop()
    connected, session.state = session.state, replace(session.state, phase=ConnectionPhase.CONNECTING)
    async with running(session) as user:
        await user.see("kwatch")
        burst(user, "slash", *"web", "enter")
        await user.app.key_order.settled()
        session.state = connected
        await user.see("2 of 3 pods")
        await user.press("escape")
        await user.see("3 pods")


async def test_a_screen_that_takes_long_to_come_gets_the_keys_that_were_typed_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = ObjectTab.on_mount

    async def slowly(self: ObjectTab) -> None:
        await asyncio.sleep(0.2)
        made(self)

    monkeypatch.setattr(ObjectTab, "on_mount", slowly)
    async with running(shop()) as user:
        await user.see("3 pods")
        burst(user, "d", "tab", "slash", *"phase", "enter", "escape", "escape", "j", "y")
        await user.app.key_order.settled()
        await user.see("kind: Pod")
        assert "web-1" in user.lines[0], "cart-1 is the first"


async def test_the_mouse_keeps_its_place_among_the_keys() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        await user.see("web-2")
        row = next(number for number, line in enumerate(user.lines) if "web-2" in line)
        burst(user, "slash", "w", "escape")
        for kind in (events.MouseDown, events.MouseUp):
            user.app.post_message(kind(None, 5, row, 0, 0, 1, False, False, False, 5, row))
        burst(user, "y")
        await user.see("kind: Pod")
        assert "web-2" in user.lines[0]


async def test_a_paste_keeps_its_place_among_the_keys() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        burst(user, "slash")
        user.app.post_message(events.Paste("we"))
        burst(user, "b", "enter", "j", "y")
        await user.see("kind: Pod")
        assert "web-2" in user.lines[0]
        assert user.app.home.place is not None and user.app.home.place.filter == "web"


async def test_a_text_that_comes_as_keys_is_filtered_by_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As terminals paste that do not mark it, and some multiplexers."""
    tried: list[str] = []

    def counted(table: TableModel, text: str, work: Callable[[TableModel, str], bool]) -> bool:
        tried.append(text)
        return work(table, text)

    monkeypatch.setattr(TableModel, "try_filter", partialmethod(counted, work=TableModel.try_filter))
    async with running(shop()) as user:
        await user.see("3 pods")
        burst(user, "slash", *"web" * 1000, *("left", "x", "y"), *"z" * 9000, "backspace")
        await user.app.key_order.settled()
        line = user.app.screen.query_one(Prompt).input
        assert line.value == "web" * 999 + "wexy" + "z" * (8192 - 3003) + "b" and line.cursor_position == 8190
        assert len(tried) < 20


async def test_a_huge_paste_is_cut_and_that_is_said() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        burst(user, "slash")
        user.app.post_message(events.Paste("x" * 1_000_000))
        await user.app.key_order.settled()
        await user.see("The text was cut to 4,096")
        assert len(user.app.screen.query_one(Prompt).input.value) == 4096
        for _ in range(3):
            user.app.post_message(events.Paste("y" * 4096))
        await user.app.key_order.settled()
        assert len(user.app.screen.query_one(Prompt).input.value) == 8192, "that is all a line takes"


async def test_what_never_ends_keeps_keys_once_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_order, "MOST_TURNS", 50)
    async with running(shop()) as user:
        await user.see("3 pods")
        hanging = asyncio.Event()
        user.app.home.call_later(hanging.wait)
        turns = 0

        def busy(pump: MessagePump, is_busy: Callable[[MessagePump], bool] = key_order._is_busy) -> bool:
            nonlocal turns
            turns += pump is user.app
            return is_busy(pump)

        monkeypatch.setattr(key_order, "_is_busy", busy)
        burst(user, *"jjjjjjj")
        async with asyncio.timeout(5):
            await user.app.key_order.settled()
        assert 50 < turns < 100, "not 50 for each of them"
        hanging.set()
        await user.pilot.pause()


async def test_what_works_beside_the_screen_keeps_no_key_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_order, "WORKER_TURNS", 20)
    monkeypatch.setattr(key_order, "MOST_TURNS", 1_000_000)
    async with running(shop()) as user:
        await user.see("3 pods")
        user.app.screen.run_worker(asyncio.Event().wait())
        burst(user, "j", "j", "q")
        async with asyncio.timeout(5):
            await user.app.key_order.settled()
        assert user.app.return_value == 0


async def test_ctrl_c_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_order, "MOST_TURNS", 1_000_000)
    async with running(shop()) as user:
        await user.see("3 pods")
        hanging = asyncio.Event()
        user.app.screen.query_one(VirtualTable).call_later(hanging.wait)
        burst(user, "slash", "w", "ctrl+c")
        assert is_ending(user) and user.app.return_value == 0
        hanging.set()


async def test_ctrl_c_copies_first_what_is_selected_and_then_quits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_order, "MOST_TURNS", 1_000_000)
    async with running(shop()) as user:
        await user.see("3 pods")
        hanging = asyncio.Event()
        table = user.app.screen.query_one(VirtualTable)
        table.call_later(hanging.wait)
        user.app.screen.selections = {table: SELECT_ALL}
        burst(user, "j", "ctrl+c")
        assert not is_ending(user)
        burst(user, "ctrl+c")
        assert is_ending(user), "whatever became of the first one"
        hanging.set()


async def test_ctrl_c_that_does_something_else_waits_like_any_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        user.app.use_settings(
            msgspec.structs.replace(user.app.settings, keys={"app.quit": "q", "app.repaint": "ctrl+c"})
        )
        burst(user, "slash", "w", "ctrl+c")
        await user.app.key_order.settled()
        assert not is_ending(user)


def test_only_the_last_of_many_moves_of_the_mouse_waits() -> None:
    async def move() -> int:
        async with running(shop()) as user:
            order: KeyOrder = user.app.key_order
            burst(user, "y")
            for column in range(100):
                user.app.post_message(events.MouseMove(None, column, 3, 1, 0, 0, False, False, False, column, 3))
            return order.waiting

    assert asyncio.run(move()) == 1


@settings(max_examples=8, derandomize=True)
@given(st.lists(st.sampled_from(KEYS.split()), min_size=4, max_size=14))
def test_typed_at_once_is_as_typed_one_by_one(keys: Sequence[str]) -> None:
    async def typed(*, at_once: bool) -> list[Any]:
        session = shop()
        session.feed(PODS, None).put(pod("web-1"), pod("dns-1", "kube-system"))
        session.feed().put(make("Pod", "odd"))
        async with running(session) as user:
            await user.see("4 pods")
            for key in keys:
                burst(user, key)
                if not at_once:
                    await user.app.key_order.settled()
                    await user.pilot.pause(0.06)  # a beat
            await user.app.key_order.settled()
            await user.pilot.pause(0.06)
            return state(user)

    assert asyncio.run(typed(at_once=True)) == asyncio.run(typed(at_once=False))
