"""A walk through all that can be on the screen, for what must hold everywhere."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Collection
from typing import Any

from kwatch import tui
from kwatch.tui.kwatch_screen import KwatchScreen
from tests.tui.driving import Driver
from tests.tui.fakes import PODS, SECRETS, FakeSession, make, pod
from tests.tui.test_any_keys import busy

WALK: dict[str, tuple[str, ...]] = {
    "logs of many": ("L",),
    "table": (),
    "marks and wide": ("space", "ctrl+w"),
    "filter with candidates": ("slash", *"app"),
    "broken filter": ("slash", *"app in ("),
    "command with candidates": ("colon", *"po"),
    "explorer": ("i",),
    "time travel": ("t", "left"),
    "overview": ("d",),
    "yaml": ("y",),
    "search": ("y", "slash", *"web"),
    "history": ("v",),
    "moment": ("v", "t"),
    "timeline": ("T",),
    "suspects": ("X",),
    "rollouts": ("H",),
    "events": ("e",),
    "related": ("r",),
    "containers": ("enter",),
    "logs": ("l",),
    "command line before the table": ("y", "colon", *"po"),
    "side by side": ("v", "enter"),
    "help": ("question_mark",),
    "informers": ("I",),
    "delta log": ("D",),
    "problems": ("exclamation_mark",),
    "changes": ("m", "M"),
    "list of namespaces": ("colon", *"ns", "enter"),
    "list of contexts": ("colon", *"ctx", "enter"),
    "list of themes": ("colon", *"theme", "enter"),
    "list of commands": ("ctrl+p",),
    "list over an object": ("y", "ctrl+p"),
    "xray": ("colon", *"xray", "space", *"deploy", "enter"),
    "pulses": ("colon", *"pulses", "enter"),
    "commands of kubectl": ("K",),
    "secret": ("colon", *"secrets", "enter", "y"),
}
"""The keys that lead there from the table."""


def full() -> FakeSession:
    """Something of everything, with a past."""
    session = busy()
    session.feed(PODS).put(pod("web-1", phase="Pending", version=2), pod("web-2", restarts=3, version=2))
    session.feed(PODS).remove("shop/web-39")
    session.feed(SECRETS).put(make("Secret", "token", data={"a": "Yg=="}))
    return session


async def every_screen(user: Driver, only: Collection[str] = ()) -> AsyncIterator[str]:
    """The name of each, which has a name in its help too; back to the table after it."""
    await user.see("web-1")
    for name, keys in WALK.items():
        if only and name not in only:
            continue
        await user.press(*keys)
        await user.pilot.pause(0.06)
        assert user.app.screen.help_title, name  # type: ignore[attr-defined]
        yield name
        await go_home(user)
        if name in ("secret", "marks and wide"):
            await user.press("ctrl+w", "colon", *"pods", "enter")
            await user.see("web-1")


async def go_home(user: Driver) -> None:
    """By Escape, as a person does."""
    home = user.app.home
    for _ in range(10):
        if user.app.screen is home and not home.is_typing and not home.time_travel.is_active:
            break
        await user.press("escape")
    assert user.app.screen is home, user.text
    if home.explorer.panel is not None and home.explorer.panel.is_open:
        home.explorer.panel.close()


def kinds_of_screens() -> set[type[KwatchScreen[Any]]]:
    """All there are, whether they were visited or not."""
    for module in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        if module.name.endswith("_screen"):
            importlib.import_module(module.name)
    return _most_special(KwatchScreen)


def _most_special(kind: type[KwatchScreen[Any]]) -> set[type[KwatchScreen[Any]]]:
    return {each for one in kind.__subclasses__() for each in _most_special(one)} or {kind}
