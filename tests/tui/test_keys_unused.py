"""Keys that do nothing here say so once."""

from __future__ import annotations

import pytest

from kwatch.tui.keys import of_unused_key
from kwatch.tui.location import StartView
from tests.informer.fakes import FakeClock
from tests.tui.driving import running
from tests.tui.fakes import NODES, PODS, FakeSession, make, pod


def shop() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"))
    session.feed(NODES).put(make("Node", "node-1", ""))
    return session


@pytest.mark.parametrize(
    ("screen", "key", "says"),
    [
        ("", "ctrl+d", "kwatch only reads: it deletes nothing."),
        ("", "ctrl+k", "kwatch only reads: it kills nothing."),
        ("", "s", "kwatch only reads: it opens no shell and scales nothing."),
        ("", "a", "kwatch only reads: it attaches to nothing."),
        ("", "x", "Only a Secret has values to decode."),
        ("", "ctrl+r", "rows change by themselves"),
        ("", "z", "z does nothing here; . shows what does."),
        ("", "f7", "F7 does nothing here"),
        ("", "left_square_bracket", "Nothing was looked at before."),
        ("", "right_square_bracket", "Nothing lies ahead."),
        ("", "minus", "Nothing was looked at before."),
        ("", "greater_than_sign", "That is for time travel: t begins it."),
        ("4", "0", "All namespaces are shown already"),
        ("y", "ctrl+d", "kwatch only reads: it deletes nothing."),
        ("y", "x", "Only the values of a Secret are masked"),
        ("y", "s", "kwatch only reads"),
        ("d", "enter", "↵ does nothing here"),
        ("e", "slash", "This is not text"),
        ("exclamation_mark", "s", "kwatch only reads"),
        ("D", "ctrl+k", "kwatch only reads"),
        ("question_mark", "a", "kwatch only reads"),
    ],
)
async def test_it_is_said_once(screen: str, key: str, says: str) -> None:
    async with running(shop(), size=(120, 24), start=StartView(namespace="shop")) as user:
        await user.see("1 pod")
        if screen:
            await user.press(screen)
            await user.see("node-1|Overview|Nothing is known|delta|You are on the table")
        told = user.listen()
        await user.press(key)
        await user.see(says)
        await user.press(*[key] * 8)
        assert len(told) == 1


async def test_quick_fingers_do_not_flood_the_screen() -> None:
    clock = FakeClock()
    async with running(shop(), clock=clock) as user:
        await user.see("1 pod")
        told = user.listen()
        await user.press(*"sabuwzxfF", "ctrl+d", "ctrl+k")
        assert len(told) == 1
        clock.now += 1.0
        await user.press("ctrl+d")
        assert len(told) == 2


async def test_letters_that_are_typed_are_letters() -> None:
    async with running(shop()) as user:
        await user.see("1 pod")
        told = user.listen()
        await user.press("slash", *"sax", "f7", "ctrl+d")
        assert not told


def test_a_key_may_be_mapped_otherwise() -> None:
    from kwatch.tui.commands.table_commands import OBJECTS
    from kwatch.tui.keys import KeysInForce

    logs = next(each for each in OBJECTS if each.id == "object.logs")

    keys = KeysInForce({"object.logs": "z"})
    assert of_unused_key("z", [logs], keys) == "Only what has pods has logs."
    assert of_unused_key("l", [logs], keys) == "l does nothing here; ? shows what does."
