"""Keys that come faster than they are worked on, as when a text is pasted or the screen is busy."""

from __future__ import annotations

from textual import events

from tests.tui.driving import Driver, running
from tests.tui.fakes import PODS, FakeSession, pod


def shop() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("web-2"), pod("cart-1"))
    return session


def burst(user: Driver, *keys: str) -> None:
    for key in keys:
        user.app.post_message(events.Key(key, key if len(key) == 1 else {"slash": "/", "colon": ":"}.get(key)))


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
