"""A mistake anywhere in the app ends it, and is known to whoever runs it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.events import MouseMove

from kwatch.tui.app import KwatchApp
from kwatch.tui.features.table.table_screen import TableScreen
from kwatch.tui.kit.table.virtual_table import VirtualTable
from tests.tui.driving import running
from tests.tui.fakes import PODS, FakeSession, pod


def fail(*arguments: object) -> None:
    raise KeyError("mistake")


async def fail_later() -> None:
    raise KeyError("mistake")


def fail_in_a_worker(app: KwatchApp) -> None:
    app.run_worker(fail_later())


@pytest.mark.parametrize(
    ("part", "method", "broken"),
    [
        (TableScreen, "toggle_wide", fail),  # a command
        (TableScreen, "tick", fail),  # the beat
        (VirtualTable, "render_line", fail),  # drawing
        (VirtualTable, "on_mouse_move", fail),  # an event
        (KwatchApp, "_connect", fail_in_a_worker),
        (KwatchApp, "_connect", fail),  # the beginning
    ],
)
async def test_what_it_was_is_known(
    monkeypatch: pytest.MonkeyPatch, part: type, method: str, broken: Callable[..., object]
) -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"))
    with pytest.raises(KeyError):
        async with running(session) as user:
            await user.see("web-1")
            monkeypatch.setattr(part, method, broken, raising=False)
            user.app.call_later(user.app._connect)
            user.app.post_message(MouseMove(None, 5, 5, 0, 0, 0, False, False, False, 5, 5))
            await user.press("ctrl+w")
            await user.until(lambda: user.app.mistake is not None, "the end")
    assert isinstance(user.app.mistake, KeyError)
    assert user.app.return_code == 1
    assert "TableScreen" in user.app.screens_then
