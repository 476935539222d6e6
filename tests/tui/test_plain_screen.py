"""For screen readers: nothing drawn, changes announced in a line, the terminal's cursor on the selected row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kwatch.config.settings import Settings
from kwatch.tui.plain_screen import Announcement, without_drawing
from tests.tui.driving import Driver, running
from tests.tui.fakes import PODS, FakeSession, pod

PLAIN = Settings(plain_screen=True)


def shop() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("cart-1"), pod("cart-2"), pod("web-1"))
    return session


def drawn(text: str) -> set[str]:
    return {each for each in text if 0x2190 <= ord(each) <= 0x2BFF}


def told(user: Driver) -> str:
    return user.app.screen.query_one(Announcement).text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("▌ cart-1", "> cart-1"),
        ("◆ kwatch › pods", "  kwatch > pods"),
        ("·▂▃█", ".238"),
        ("‖ paused", "= paused"),
        ("▇", " "),
        ("日本 ñ é", "日本 ñ é"),
    ],
)
def test_signs_become_characters_that_are_read_aloud(text: str, plain: str) -> None:
    assert without_drawing(text) == plain


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x10FFFF, exclude_categories=["Cs"])))
def test_a_line_stays_as_wide_as_it_was(text: str) -> None:
    assert cell_len(without_drawing(text)) == cell_len(text)


async def test_every_screen_is_free_of_drawing_characters() -> None:
    async with running(shop(), settings=PLAIN) as user:
        await user.see("3 pods")
        assert not drawn(user.text)
        for key in ("d", "y", "v", "T", "escape", "D", "escape", "I", "escape", "question_mark", "escape", "i"):
            await user.press(key)
            assert not drawn(user.text), key


async def test_the_cursor_of_the_terminal_is_on_the_selected_row() -> None:
    async with running(shop(), settings=PLAIN) as user:
        await user.see("3 pods")
        assert "Enter open" in user.lines[-1]
        await user.press("down")
        assert "cart-2" in user.lines[user.app.cursor_position.y]
        await user.press("down")
        assert "web-1" in user.lines[user.app.cursor_position.y]
        await user.press("slash", *"cart")
        assert user.lines[user.app.cursor_position.y].startswith(" /")


async def test_what_changes_is_told_in_a_line_the_own_row_first() -> None:
    session = shop()
    async with running(session, settings=PLAIN) as user:
        await user.see("3 pods")
        session.feed(PODS).put(pod("web-1", phase="CrashLoopBackOff", version=2))
        await user.until(lambda: told(user) == "1 row changed", "another row changed")
        session.feed(PODS).put(pod("cart-1", restarts=3, version=3))
        await user.until(lambda: told(user).startswith("cart-1: RESTARTS 3, was 0"), "the own one did")
        user.app.notify("A sentence of\ntwo lines")
        assert "A sentence of two lines" in user.lines[-2], "and no toast is drawn over the rows"


async def test_without_being_asked_nothing_of_it_is_there() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        assert not user.app.screen.query(Announcement) and "▌" in user.text
