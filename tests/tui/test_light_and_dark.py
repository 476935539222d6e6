"""The theme follows the terminal, unless another one was asked for."""

from __future__ import annotations

from kwatch.config.settings import Settings
from kwatch.tui.terminal.keyboard import LightOrDark
from tests.tui.driving import Driver, running
from tests.tui.fakes import PODS, FakeSession, pod


def shop() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("cart-1"))
    return session


async def say(user: Driver, *, is_light: bool) -> None:
    user.app.post_message(LightOrDark(is_light=is_light))
    await user.pilot.pause()


async def test_it_follows_the_terminal_there_and_back() -> None:
    async with running(shop()) as user:
        await user.see("1 pod")
        assert user.app.theme == "kwatch-dark", "until the terminal has said anything"
        await say(user, is_light=True)
        assert user.app.theme == "kwatch-light"
        await say(user, is_light=False)
        assert user.app.theme == "kwatch-dark"


async def test_it_follows_with_the_themes_of_the_settings() -> None:
    settings = Settings(dark_theme="nord", light_theme="solarized-light")
    async with running(shop(), settings=settings) as user:
        await user.see("1 pod")
        assert user.app.theme == "nord"
        await say(user, is_light=True)
        assert user.app.theme == "solarized-light"


async def test_a_theme_that_was_asked_for_stays_until_auto_is() -> None:
    async with running(shop(), settings=Settings(theme="dracula")) as user:
        await user.see("1 pod")
        await say(user, is_light=True)
        assert user.app.theme == "dracula"
        user.app.use_theme("auto")
        assert user.app.theme == "kwatch-light"
        user.app.use_theme("nord")
        await say(user, is_light=False)
        assert user.app.theme == "nord"


async def test_in_the_list_of_themes_it_is_one_and_escape_comes_back_to_it() -> None:
    async with running(shop()) as user:
        await user.see("1 pod")
        await user.press("colon")
        await user.type("theme")
        await user.press("enter")
        await user.see("auto +dark or light, as the terminal is")
        await user.press("down", "down", "escape")
        assert user.app.theme_asked == "auto" and user.app.theme == "kwatch-dark"


async def test_a_broken_light_theme_changes_nothing() -> None:
    async with running(shop(), settings=Settings(light_theme="nothing")) as user:
        await user.see("1 pod")
        await say(user, is_light=True)
        assert user.app.theme == "kwatch-dark"
