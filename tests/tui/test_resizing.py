"""The screen is as large as the terminal, however busy the machine is."""

from __future__ import annotations

import time
from functools import partial

import pytest
from textual.events import Resize
from textual.geometry import Size

from tests.tui.driving import Driver, running
from tests.tui.fakes import PODS, FakeSession, pod


def is_as_wide(user: Driver, width: int) -> bool:
    return user.app.home.table.outer_size.width == width


async def test_every_size_is_followed_when_timers_begin_late(monkeypatch: pytest.MonkeyPatch) -> None:
    late = 0.0

    def busy() -> float:
        nonlocal late
        late += 0.02  # other threads and programs had their turn
        return time.monotonic() + late

    session = FakeSession()
    session.feed(PODS).put(pod("web-1"))
    async with running(session) as user:
        await user.see("1 pods?")
        monkeypatch.setattr("textual._time.get_time", busy)
        for width, height in ((60, 20), (90, 25), (110, 30)):
            size = Size(width, height)
            user.app.post_message(Resize(size, size))
            await user.until(partial(is_as_wide, user, width), f"{width} columns")
