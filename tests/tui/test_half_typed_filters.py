"""While a filter is typed the last good rows stay, wherever one filters by the filter language."""

from __future__ import annotations

import pytest

from kwatch.tui.location import StartView
from tests.tui.driving import Driver, running
from tests.tui.fakes import PODS, FakeSession, pod


def shop() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("web-2"), pod("cart-1", phase="CrashLoopBackOff", restarts=7))
    return session


async def typed(user: Driver, text: str, rows: str) -> None:
    """Key by key, with rows all the way."""
    await user.press("slash")
    for letter in text:
        await user.press("space" if letter == " " else letter)
        assert rows in user.text, f"after {letter} of {text}:\n{user.text}"


@pytest.mark.parametrize("text", ["restarts>3", "status:CrashLoopBackOff", ".status.phase=Pending", "app in (cart)"])
async def test_in_a_table(text: str) -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        await typed(user, text, "-1 ")
        await user.see("1 of 3 pods")
        await user.press("enter")
        await user.see("1 of 3 pods")


async def test_it_is_said_and_enter_is_the_end_of_a_term() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        await typed(user, "restarts", "web-2")
        await user.see("nothing matches yet; the rows stay")
        assert "/restarts" not in user.lines[1], "it is not in force"
        await user.press("enter")
        await user.see("None of 3 pods matches the filter")
        await user.press("escape")
        await user.see("web-2")


async def test_escape_takes_back_what_was_never_in_force() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        await user.press("slash", *"web", "enter")
        await user.see("2 of 3 pods +/web")
        await user.press("slash")
        await user.type(" restarts")
        await user.see("nothing matches yet")
        await user.press("escape")
        await user.see("2 of 3 pods +/web")


async def test_saving_a_filter_that_is_typed_finishes_it(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KWATCH_CONFIG", str(tmp_path))
    async with running(shop()) as user:
        await user.see("3 pods")
        await user.press("slash")
        await user.type("restarts")
        await user.press("ctrl+s")
        await user.type("mine")
        await user.press("enter")
        await user.see("Saved in")
        assert user.app.views.load("mine").filter == "restarts"


async def test_a_broken_one_is_mended_before_it_is_saved() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        await user.press("slash")
        await user.type('"web')
        await user.press("ctrl+s")
        await user.see("never closed")
        assert "save" not in user.lines[-2]


async def test_in_the_past() -> None:
    session = shop()
    session.feed(PODS).put(pod("cart-1", phase="CrashLoopBackOff", restarts=8, version=2))
    async with running(session) as user:
        await user.see("3 pods")
        await user.press("t")
        await user.see("as it was")
        await typed(user, "restarts>3", "cart-1")
        await user.see("1 of 3 pods")


async def test_in_the_delta_log() -> None:
    session = shop()
    session.feed(PODS).put(pod("cart-1", phase="CrashLoopBackOff", restarts=8, version=2))
    async with running(session) as user:
        await user.see("3 pods")
        await user.press("D")
        await user.see("4 deltas")
        await typed(user, "restarts>7", "shop/cart-1")
        await user.see("1 of 4 deltas")
        await user.press("enter", "slash", *["backspace"] * 2)
        await user.see("nothing matches yet; the rows stay")
        await user.see("1 of 4 deltas")
        await user.press("enter")
        await user.see("No delta matches")


async def test_on_a_timeline() -> None:
    session = shop()
    session.feed(PODS).put(pod("cart-1", phase="CrashLoopBackOff", restarts=8, version=2))
    async with running(session, start=StartView(name="cart-1")) as user:
        await user.see("Timeline")
        await user.press("T")
        await user.see("TYPE +RELATION|RELATION")
        await user.see("restartCount")
        await user.press("slash")
        await user.type("restarts")
        await user.see("nothing matches yet; the rows stay")
        assert "restartCount" in user.text
        await user.type(">7")
        await user.see_no("nothing matches yet")
        assert "restartCount" in user.text
