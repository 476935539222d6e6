"""What is pressed, clicked or told while a screen opens or closes: it lands where it belongs, or nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from textual import events
from textual.app import ComposeResult
from textual.geometry import Size

from kwatch.tui.app import KwatchApp
from kwatch.tui.features.choice_screen import ChoiceScreen
from kwatch.tui.features.help_screen import HelpScreen, HelpTopic
from kwatch.tui.features.object.object_screen import ObjectScreen
from kwatch.tui.features.table.table_screen import TableScreen
from tests.tui.driving import Driver, running
from tests.tui.fakes import NAMESPACES, make
from tests.tui.test_any_keys import busy

OPENING = ("d", "T", "e", "l", "question_mark", "I", "ctrl+p")


def press(app: KwatchApp, *keys: str) -> None:
    """As a terminal does: all of them before anything is done."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


def click(app: KwatchApp, x: int, y: int) -> None:
    for kind in (events.MouseDown, events.MouseUp):
        app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, screen_x=x, screen_y=y))


async def test_tab_right_after_the_key_that_opens() -> None:
    async with running(busy(), size=(100, 24)) as user:
        await user.see("web-1")
        press(user.app, "d")
        await asyncio.sleep(0)
        press(user.app, "tab")
        await user.app.key_order.settled()
        screen = user.app.screen
        assert isinstance(screen, ObjectScreen)
        assert screen.on_top is not None and screen.on_top.tab == screen.active


async def test_clicks_all_over_the_footer_while_something_opens() -> None:
    async with running(busy(), size=(80, 24)) as user:
        await user.see("web-1")
        for key in OPENING:
            quitting = user.lines[23].index("q quit")
            press(user.app, key)
            for x in range(0, quitting - 1, 5):
                click(user.app, x, 23)
            await user.app.key_order.settled()
            assert user.app.is_running, key
            await _home(user)


@pytest.mark.parametrize("key", ["d", "l", "question_mark"])
async def test_quit_clicked_while_something_opens(key: str) -> None:
    async with running(busy(), size=(80, 24)) as user:
        await user.see("web-1")
        press(user.app, key)
        for x in range(60, 80):
            click(user.app, x, 23)
        await user.app.key_order.settled()
        await asyncio.sleep(0.05)
        assert not user.app.is_running


@pytest.mark.parametrize("key", ["d", "question_mark"])
async def test_what_closes_while_it_is_composed_begins_nothing(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the toolkit mounts none of its parts, and tells it nevertheless that it is mounted."""
    screens: dict[str, type[ObjectScreen | HelpScreen]] = {"d": ObjectScreen, "question_mark": HelpScreen}
    compose: Callable[[Any], ComposeResult] = screens[key].compose

    def closing(self: ObjectScreen | HelpScreen) -> ComposeResult:
        yield from compose(self)
        self._closing = True

    monkeypatch.setattr(screens[key], "compose", closing)
    async with running(busy()) as user:
        await user.see("web-1")
        await user.press(key)
        assert user.app.is_running
        user.app.screen._closing = False  # or the end would wait for it


@pytest.mark.parametrize("key", ["d", "question_mark"])
async def test_the_end_of_the_program_while_a_screen_is_composed(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From then on the toolkit takes no part of a screen for attached."""
    screen: type[ObjectScreen | HelpScreen] = ObjectScreen if key == "d" else HelpScreen
    compose: Callable[[Any], ComposeResult] = screen.compose

    def quitting(self: ObjectScreen | HelpScreen) -> ComposeResult:
        yield from compose(self)
        self.app.exit(0)

    async with running(busy(), size=(80, 24)) as user:
        await user.see("web-1")
        monkeypatch.setattr(screen, "compose", quitting)
        press(user.app, key)
        await user.app.key_order.settled()
        assert user.app.return_code == 0


async def test_closed_while_it_opens() -> None:
    async with running(busy()) as user:
        await user.see("web-1")
        for key in OPENING:
            for other in ("y", "tab", "v"):
                press(user.app, key, other, "escape", "escape")
                await asyncio.sleep(0.001)
            await user.app.key_order.settled()
            assert user.app.is_running, key
            await _home(user)


async def test_help_clicked_in_the_footer_below_a_list_that_opens() -> None:
    async with running(busy(), size=(80, 24)) as user:
        await user.see("web-1")
        x = user.lines[23].index("help")
        await user.press("colon", *"ctx")
        press(user.app, "enter")
        for _ in range(60):
            await asyncio.sleep(0)
            click(user.app, x, 23)
        await user.app.key_order.settled()
        assert isinstance(user.app.screen, ChoiceScreen | HelpScreen | TableScreen)
        await _home(user)


@pytest.mark.parametrize("word", ["ns", "ctx", "theme"])
async def test_a_list_is_closed_once(word: str) -> None:
    async with running(busy()) as user:
        await user.see("web-1")
        for keys in (("enter", "enter", "enter"), ("escape", "escape", "escape"), ("enter", "escape", "enter")):
            await user.press("colon", *word, "enter")
            await user.see("type to narrow")
            press(user.app, *keys)
            await user.app.key_order.settled()
            assert user.app.is_running and not isinstance(user.app.screen, ChoiceScreen)
            await _home(user)


async def test_a_double_click_on_a_list_and_a_key() -> None:
    async with running(busy()) as user:
        await user.see("web-1")
        await user.press("colon", *"ns", "enter")
        await user.see("│.*all namespaces")
        y = next(number for number, line in enumerate(user.lines) if "all namespaces" in line and "│" in line)
        for _ in range(4):
            click(user.app, 40, y)
        press(user.app, "escape", "enter")
        await user.app.key_order.settled()
        assert user.app.is_running and not isinstance(user.app.screen, ChoiceScreen)


async def test_one_click_on_a_list_chooses_and_what_is_below_hears_nothing_of_a_second() -> None:
    async with running(busy()) as user:
        await user.see("web-1")
        await user.press("colon", *"ns", "enter")
        await user.see("type to narrow")
        click(user.app, 1, 5)
        await user.until(lambda: isinstance(user.app.screen, TableScreen), "a click beside the list closes it")
        await user.press("colon", *"ns", "enter")
        await user.see("│.*all namespaces")
        y = next(number for number, line in enumerate(user.lines) if "all namespaces" in line and "│" in line)
        click(user.app, 40, y)
        click(user.app, 40, y)
        await user.see("NAMESPACE")
        await user.press("ctrl+l")
        assert isinstance(user.app.screen, TableScreen)


async def test_a_click_among_marks_is_one_more_mark() -> None:
    session = busy()
    session.feed(NAMESPACES).put(make("Namespace", "old", ""), make("Namespace", "new", ""))
    async with running(session) as user:
        await user.see("web-1")
        await user.press("colon", *"ns", "enter")
        await user.see("old")
        await user.press("home", "down", "space")
        await user.see("1 marked of")
        y = next(number for number, line in enumerate(user.lines) if "old" in line and "│" in line)
        click(user.app, 40, y)
        await user.see("2 marked of")


async def test_the_key_of_the_help_leaves_it_too() -> None:
    async with running(busy()) as user:
        await user.see("web-1")
        await user.press("question_mark")
        await user.see("the table: keys")
        await user.press("question_mark")
        assert isinstance(user.app.screen, TableScreen)


async def test_a_screen_that_was_left_before_it_was_composed_hears_nothing() -> None:
    async with running(busy()) as user:
        await user.see("web-1")
        for turns in range(12):
            user.app.push_screen(HelpScreen(HelpTopic.of(user.app.home)))
            for _ in range(turns):
                await asyncio.sleep(0)
            user.app.pop_screen()
        await user.pilot.pause()
        assert isinstance(user.app.screen, TableScreen)


async def test_other_colours_settings_and_sizes_while_something_opens_or_closes() -> None:
    opening = ["object.overview", "object.logs", "object.timeline", "help", "informers", "delta-log", "palette"]
    opening += ["changes", "problems", "explore", "time.travel"]
    async with running(busy()) as user:
        await user.see("web-1")
        app = user.app
        for turns in (0, 1, 2, 4, 7, 12):
            for number, command in enumerate(opening):
                app.run_command_by_id(command)
                for _ in range(turns):
                    await asyncio.sleep(0)
                app.use_theme(("nord", "terminal")[number % 2])
                app.use_settings(app.settings)
                app._tick()
                size = Size(60 + number, 12 + turns)
                app.post_message(events.Resize(size, size, size))
                for _ in range(turns):
                    await asyncio.sleep(0)
                if app.screen is not app.home:
                    app.screen.dismiss()
                app._tick()
            app.home.time_travel.return_to_now()
            await user.pilot.pause(0.05)
            assert app.is_running
        await _home(user)


async def _home(user: Driver) -> None:
    for _ in range(8):
        if isinstance(user.app.screen, TableScreen):
            break
        await user.press("escape")
        await user.app.key_order.settled()
    assert isinstance(user.app.screen, TableScreen), user.app.screen
