"""The table as it was."""

from __future__ import annotations

import time

import pytest

from kwatch.tui.past.track import density
from kwatch.view.moment_text import read_moment
from tests.tui.driving import running
from tests.tui.fakes import PODS, FakeSession, pod


def with_past() -> FakeSession:
    session = FakeSession()
    feed = session.feed(PODS)
    feed.put(pod("cart-1"), pod("web-1", phase="ContainerCreating"))
    feed.put(pod("web-1", version=2))
    feed.put(pod("web-2"))
    feed.remove("shop/cart-1")
    return session


async def test_stepping_from_delta_to_delta_and_back_to_now() -> None:
    session = with_past()
    async with running(session) as user:
        await user.see("2 pods")
        await user.press("t")
        await user.see("paused .*- deleted shop/cart-1")
        await user.see("as it was")
        await user.press("left")
        await user.see("- +cart-1 +1/1 +Running")
        await user.see("added shop/web-2")
        await user.press("left")
        await user.see_no("web-2 +1/1")
        await user.press("left")
        await user.see("~ +web-1 +0/1 +ContainerCreating")
        await user.press("right")
        await user.see("web-1 +1/1 +Running")
        await user.press("end")
        await user.see("● live")
        await user.see("2 pods")
        assert "cart-1" not in user.text
        assert "web-2 1/1 Running 0" in " ".join(user.line_with("web-2").split())


async def test_filters_and_order_work_in_the_past_and_stay() -> None:
    async with running(with_past()) as user:
        await user.see("2 pods")
        await user.press("t", "left", "slash")
        await user.type("cart")
        await user.press("enter")
        await user.see("1 of 3 pods +/cart")
        await user.press("N")
        await user.see("NAME↓")
        await user.press("escape")
        await user.see("● live")
        await user.see("0 of 2 pods +/cart")
        await user.see("NAME↓")


async def test_the_present_goes_on_behind_the_past() -> None:
    session = with_past()
    async with running(session) as user:
        await user.see("2 pods")
        await user.press("t", "left")
        await user.see("added shop/web-2")
        session.feed(PODS).put(pod("new-1"))
        await user.pilot.pause(0.2)
        assert "new-1" not in user.text
        await user.press("t")
        await user.see("3 pods")
        await user.see("new-1")


async def test_there_is_a_first_and_a_newest_delta() -> None:
    async with running(with_past()) as user:
        await user.see("2 pods")
        await user.press("t", "right")
        await user.see("That is the newest delta")
        await user.press(*["left"] * 8)
        await user.see("Nothing before is remembered")


async def test_a_moment_can_be_named() -> None:
    async with running(with_past()) as user:
        await user.see("2 pods")
        await user.press("colon")
        await user.type("at noon")
        await user.press("enter")
        await user.see("no moment: write 14:02")
        await user.press("colon")
        await user.type("at -10s")
        await user.press("enter")
        await user.see("as it was")
        await user.press("colon")
        await user.type("at now")
        await user.press("enter")
        await user.see("● live")


async def test_going_elsewhere_is_now() -> None:
    async with running(with_past()) as user:
        await user.see("2 pods")
        await user.press("t", "left", "2")
        await user.see("No deployments")
        assert "paused" not in user.text
        await user.press("left_square_bracket")
        await user.see("2 pods")


NOON = time.mktime((2026, 11, 23, 12, 0, 0, 0, 0, -1))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("-10m", -600), ("90s", -90), ("1.5h", -5400), ("11:59", -60), ("11:59:30", -30), ("12:01", -86340)],
)
def test_moments(text: str, seconds: float) -> None:
    assert read_moment(text, NOON - 900, NOON) == NOON + seconds


@pytest.mark.parametrize("text", ["", "noon", "25:00", "-m", "1:2:3:4"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="no moment"):
        read_moment(text, NOON - 900, NOON)


def test_density_shows_single_deltas_beside_bursts() -> None:
    bars = density([100, 0, 0, 0, 0, 1, 0, 0, 0, 0])
    assert len(bars) == 10
    assert bars[0] == "█" and bars[5] == "▁" and bars[9] == " "
    assert density([0, 0, 0, 0]) == "    "
