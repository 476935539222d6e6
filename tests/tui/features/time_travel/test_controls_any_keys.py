"""In the past too, whatever is pressed in whatever order ends nothing."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from kwatch.session.state import RECORDING
from kwatch.tui.location import StartView
from tests.tui.driving import press, running
from tests.tui.fakes import PODS, pod
from tests.tui.test_any_keys import KEYS, busy

ARROWS = ("left", "right", "ctrl+left", "ctrl+right", "home", "end")
IN_TIME = (*ARROWS, "t", "space", "less_than_sign", "greater_than_sign", "escape", "slash", "enter")
STEPS = 60


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("seed", range(2))
async def test_any_keys_in_the_past(seed: int, recorded: bool) -> None:
    chance = random.Random(seed)
    session = busy()
    if recorded:
        session.state = replace(session.state, version=RECORDING)
    async with running(session, size=chance.choice([(80, 24), (40, 10), (180, 50)]), start=StartView()) as user:
        await user.see("web-1|No pods")
        pressed: list[str] = ["t"]
        await user.press("t")
        for step in range(STEPS):
            key = chance.choice(IN_TIME if chance.random() < 0.6 else KEYS)
            pressed.append(key)
            await press(user.pilot, "space" if key == " " else key)
            if step % 9 == 0:
                session.feed(PODS).put(pod(f"web-{chance.randrange(60)}", restarts=step, version=step + 2))
            if step % 20 == 0:
                await user.pilot.pause(0.06)
            assert user.app.is_running and user.app._exception is None, pressed
        assert user.lines
