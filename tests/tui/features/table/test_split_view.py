"""Table and object side by side: it follows the cursor, comes with the width, and gives back what it watched."""

from __future__ import annotations

import pytest

from kwatch.config.settings import Settings
from kwatch.tui.features.table.detail_panel import DetailPanel, Edge
from kwatch.tui.features.table.split_view import BROAD
from tests.tui.driving import Driver, running
from tests.tui.fakes import PODS, FakeSession, pod


def shop() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("cart-1"), pod("cart-2"), pod("web-1", phase="CrashLoopBackOff"))
    return session


def panel(user: Driver) -> DetailPanel:
    return user.app.home.query_one(DetailPanel)


async def test_the_object_follows_the_cursor_and_goes_again() -> None:
    async with running(shop(), size=(180, 30)) as user:
        await user.see("3 pods")
        await user.press("|")
        await user.see("Pod shop/cart-1")
        await user.see(r"Overview +YAML +History +Events")
        await user.see("Nothing is known to be wrong with it")
        await user.press("down", "down")
        await user.see("Pod shop/web-1")
        await user.see("CrashLoopBackOff.*waiting|! ")
        await user.press("|")
        await user.see_no("Pod shop/")


async def test_another_tab_by_word_and_by_mouse() -> None:
    async with running(shop(), size=(180, 30)) as user:
        await user.see("3 pods")
        await user.press("colon")
        await user.type("split yaml")
        await user.press("enter")
        await user.see(r"kind: Pod")
        left = panel(user).region.x
        await user.pilot.click(offset=(left + 5, panel(user).region.y + 1))
        await user.see("Nothing is known to be wrong with it")
        told = user.listen()
        user.app.home.split.use("nothing")
        assert told == ["There is no 'nothing' to show beside the table: overview, yaml, history, events, or off."]


async def test_only_where_there_is_room_and_by_the_settings() -> None:
    async with running(shop(), size=(BROAD - 1, 30), settings=Settings(split="yaml")) as user:
        await user.see("3 pods")
        assert "kind: Pod" not in user.text
        await user.pilot.resize_terminal(BROAD, 30)
        await user.see("kind: Pod")
        await user.pilot.resize_terminal(BROAD - 1, 30)
        await user.see_no("kind: Pod")
        told = user.listen()
        user.app.home.split.use("")
        assert told == ["Table and object stand side by side from 160 columns on: there are 159."]


async def test_keys_scroll_the_object_once_it_has_the_focus_and_escape_comes_back() -> None:
    async with running(shop(), size=(180, 12)) as user:
        await user.see("3 pods")
        await user.press("|")
        await user.see("Pod shop/cart-1")
        await user.press("tab")
        assert user.app.home.split.has_focus
        await user.press("down", "down", "down")
        assert user.app.home.table.cursor_key == "shop/cart-1"
        await user.press("enter")
        await user.see("pods › shop/cart-1|shop › pods › cart-1|cart-1")
        await user.press("escape", "escape")
        await user.until(lambda: user.app.home.table.has_focus, "the table has the focus")


async def test_the_mouse_moves_the_edge_and_two_clicks_put_it_back() -> None:
    async with running(shop(), size=(180, 30)) as user:
        await user.see("3 pods")
        await user.press("|")
        await user.see("Pod shop/cart-1")
        edge = user.app.home.query_one(Edge)
        before = panel(user).size.width
        x, y = edge.region.x, edge.region.y + 4
        await user.pilot.mouse_down(offset=(x, y))
        await user.pilot.hover(offset=(x - 20, y))
        await user.pilot.mouse_up(offset=(x - 20, y))
        await user.until(lambda: panel(user).size.width == before + 20, "it is 20 broader")
        x = user.app.home.query_one(Edge).region.x
        await user.pilot.click(offset=(x, y), times=2)
        await user.until(lambda: panel(user).size.width == before, "it is as it was")


async def test_what_was_watched_for_it_is_given_back() -> None:
    session = shop()
    async with running(session, size=(180, 30)) as user:
        await user.see("3 pods")
        await user.press("|")
        await user.see("Pod shop/cart-1")
        tab = panel(user)._tab
        assert tab is not None
        left = []
        tab.leave = lambda: left.append(tab)  # type: ignore[method-assign]
        await user.press("down")
        await user.see("Pod shop/cart-2")
        assert left == [tab]


@pytest.mark.parametrize("split", ["overview", "yaml", "history", "events"])
async def test_each_tab_shows_the_moment_that_the_table_shows(split: str) -> None:
    session = shop()
    async with running(session, size=(180, 30), settings=Settings(split=split)) as user:
        await user.see("3 pods")
        await user.see("Pod shop/cart-1")
        await user.press("t")
        await user.see("Pod shop/cart-1")
        await user.press("left", "end")
        await user.see("Pod shop/cart-1")


async def test_off_and_on_again_is_the_tab_of_the_settings() -> None:
    async with running(shop(), size=(180, 30), settings=Settings(split="yaml")) as user:
        split = user.app.home.split
        split.toggle()
        assert not split.is_open
        split.toggle()
        assert split.tab == "yaml"
