"""Runs the app without a terminal and reads what is on its screen."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from textual.events import Key
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot

from kwatch.config.settings import Settings
from kwatch.informer.clock import Clock
from kwatch.tui.app import KwatchApp
from kwatch.tui.location import StartView
from tests.tui.fakes import FakeSession


class Driver:
    """A person at the keyboard."""

    def __init__(self, app: KwatchApp, pilot: Pilot[int], session: FakeSession) -> None:
        self.app = app
        self.pilot = pilot
        self.session = session

    @property
    def lines(self) -> list[str]:
        """The screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def line_with(self, wanted: str) -> str:
        found = [line for line in self.lines if wanted in line]
        assert found, f"{wanted!r} is not on the screen:\n{self.text}"
        return found[0]

    async def press(self, *keys: str) -> None:
        await press(self.pilot, *keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*["space" if character == " " else character for character in text])

    def listen(self) -> list[str]:
        """What it says in toasts from now on; on the screen each stays for seconds only."""
        told: list[str] = []
        notify = self.app.notify

        def remember(message: str, **more: Any) -> None:
            told.append(message)
            notify(message, **more)

        self.app.notify = remember  # type: ignore[method-assign]
        return told

    async def see(self, pattern: str, timeout: float = 60.0) -> None:
        """Wait until a regular expression is on the screen."""
        await self.until(lambda: re.search(pattern, self.text, re.MULTILINE) is not None, pattern, timeout)

    async def see_no(self, pattern: str, timeout: float = 60.0) -> None:
        """Wait until a regular expression is not on the screen any more."""
        await self.until(lambda: re.search(pattern, self.text) is None, f"no {pattern}", timeout)

    async def until(self, holds: Callable[[], object], what: str, timeout: float = 60.0) -> None:
        """Wait until something is so."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not holds():
            assert loop.time() < deadline, f"{what!r} never came true:\n{self.text}"
            await self.pilot.pause(0.02)


async def press(pilot: Pilot[int], *keys: str) -> None:
    """Press keys, each when all that the one before it did is done. The pilot itself waits twice a key until the
    process is idle, which takes 40 ms on any machine: a word would take a second.
    """
    app = cast(KwatchApp, pilot.app)
    for key in keys:
        event = key_event(key)
        event.set_sender(app)
        app.post_message(event)
        await app.key_order.settled()


def key_event(key: str) -> Key:
    """A key by its name, or by what it types."""
    name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
    try:
        character = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(name, name)))
    except KeyError:
        character = key if len(key) == 1 else ""
    return Key(name, character or None)


def _let_toasts_stay(app: KwatchApp) -> None:
    """On a busy machine the two seconds of a toast can be over before the test looks."""
    notify = app.notify

    def stay(message: str, *, timeout: float | None = None, **more: Any) -> None:
        notify(message, timeout=max(timeout or 0.0, 10.0), **more)

    app.notify = stay  # type: ignore[method-assign]


@asynccontextmanager
async def running(
    session: FakeSession,
    *,
    size: tuple[int, int] = (120, 30),
    settings: Settings | None = None,
    start: StartView | None = None,
    clock: Clock | None = None,
    tooltips: bool = False,
    others: Sequence[Any] = (),
) -> AsyncIterator[Driver]:
    """The app on a session, with its first screen shown; `others` are those of other contexts."""
    by_context = {each.context: each for each in (session, *others)}
    opened: Any = lambda context: by_context.get(context, session)  # noqa: E731
    app = KwatchApp(opened, start or StartView(), settings or Settings(), clock=clock)
    _let_toasts_stay(app)
    async with app.run_test(size=size, notifications=True, tooltips=tooltips) as pilot:
        yield Driver(app, pilot, session)
    session.close()
