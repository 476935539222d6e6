"""`:` on the screens that stand before the table."""

from __future__ import annotations

import pytest

from kwatch.tui.location import StartView
from tests.tui.driving import running
from tests.tui.fakes import DEPLOYMENTS, PODS, FakeSession, make, pod


def busy() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"))
    session.feed(DEPLOYMENTS).put(make("Deployment", "cart", spec={"selector": {"matchLabels": {"app": "cart"}}}))
    return session


@pytest.mark.parametrize("key", ["v", "y", "d", "T", "D", "I", "question_mark", "exclamation_mark"])
async def test_a_resource_is_gone_to_from_any_screen(key: str) -> None:
    async with running(busy(), size=(120, 30), start=StartView(namespace="shop")) as user:
        await user.see("1 pod")
        await user.press(key)
        await user.pilot.pause()
        assert user.app.screen is not user.app.home
        await user.press("colon")
        await user.type("deploy")
        await user.press("enter")
        await user.see("cart")
        assert user.app.screen is user.app.home
        assert user.app.home.place is not None and user.app.home.place.resource.name == "deployments"


async def test_escape_stays_and_a_resource_that_is_not_there_is_told_without_leaving() -> None:
    async with running(busy(), size=(120, 30), start=StartView(namespace="shop")) as user:
        await user.see("1 pod")
        await user.press("y")
        await user.see("name: web-1")
        await user.press("colon")
        await user.type("dep/y")
        await user.press("escape")
        assert user.app.screen is not user.app.home
        await user.press("colon")
        await user.type("nixda")
        await user.press("enter")
        await user.see("nixda")
        assert user.app.screen is not user.app.home
        await user.press("v")
        await user.see("Created.")


async def test_arrows_move_in_what_is_typed_not_through_versions() -> None:
    async with running(busy(), size=(120, 30), start=StartView(namespace="shop")) as user:
        await user.see("1 pod")
        await user.press("v")
        await user.see("Created.")
        await user.press("enter")
        await user.see("← older")
        await user.press("colon")
        await user.type("nods")
        await user.press("left")
        await user.type("e")
        await user.see(": nodes")
        assert "← older" not in "\n".join(user.lines)


@pytest.mark.parametrize("size", [(80, 24), (120, 30)])
async def test_what_is_wrong_with_the_line_is_not_under_a_toast(size: tuple[int, int]) -> None:
    async with running(busy(), size=size, start=StartView(namespace="shop")) as user:
        await user.see("1 pod")
        user.app.notify("something else " * 8, timeout=600)
        await user.see("something else")
        await user.type(":pods -n")
        await user.press("enter")
        await user.see("-n needs a namespace after it.$")
        assert "something else" in user.text
