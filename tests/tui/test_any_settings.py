"""Whatever well-formed settings and views say: the screen goes on, and what means nothing is told."""

from __future__ import annotations

import random
from typing import Any

import pytest

from kwatch.config.saved_views import SavedView
from kwatch.config.settings import Settings
from kwatch.tui.saved_views import open_view
from kwatch.tui.settings_reload import unknown_bindings
from tests.tui.driving import press, running
from tests.tui.fakes import NODES, PODS, FakeSession, pod

KEYS = (
    "",
    ",",
    ",,",
    "f3",
    "ctrl+",
    "+",
    "ctrl+shift+alt+x",
    "a,b,a",
    "\n",
    "é",
    "slash",
    "slash,slash",
    "x" * 300,
    "escape",
    "[b]",
    "3",
)
COMMANDS = ("filter", "quit", "help", "views.save", "object.yaml", "nothing", "", "9" * 5000, "[red]")
WORDS = (
    "pods",
    "deploy",
    "nothing",
    "",
    "pods,nodes",
    "pods,nothing",
    ",",
    "all",
    "pods.v1.",
    "2024-13-45",
    "9" * 5000,
    "[red]",
    "\x1b[31m",
    "a b c",
    "/",
    ":q!",
    "é" * 50,
)
COLUMNS = (
    "NAME",
    "AGE",
    "X:.spec[",
    "X:.metadata.name",
    ":",
    "X:",
    "Y:label:",
    "Z:.a.b|cpu|1e999",
    "NAME:NAME",
    "9" * 5000,
    "",
    "[red]:.x",
)
INDICES = (
    "a:.metadata.name",
    "a:.x[",
    "ns:.x",
    ":",
    "",
    "b:",
    "c:.spec.containers[*].image",
    "[red]:.x",
    "9" * 3000 + ":.x",
)
FILTERS = (
    "",
    "cart",
    '"abc',
    "/x(/",
    "restarts>",
    "age<1e999",
    "9" * 5000,
    "status:",
    "!",
    "in (",
    "~",
    "since:x",
    "\n",
    "a:web",
)


def any_settings(chance: random.Random) -> Settings:
    def some(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(chance.choices(texts, k=chance.randint(0, 4)))

    return Settings(
        theme=chance.choice(("kwatch-dark", "nothing", *WORDS)),
        keys={chance.choice(COMMANDS): chance.choice(KEYS) for _ in range(chance.randint(0, 4))},
        favourites=some(WORDS),
        columns={chance.choice(WORDS): some(COLUMNS) for _ in range(chance.randint(0, 3))},
        indices={chance.choice(WORDS): some(INDICES) for _ in range(chance.randint(0, 3))},
    )


def any_view(chance: random.Random) -> SavedView:
    return SavedView(
        resource=chance.choice(WORDS),
        namespace=chance.choice(("", "*", "shop", *WORDS)),
        selector=chance.choice(("", "app=cart", "app in (", "=", "9" * 300)),
        field_selector=chance.choice(("", "metadata.name=web-1", "=", "a")),
        filter=chance.choice(FILTERS),
        sort=chance.choice(("", "-AGE", "nothing", "-", "9" * 300)),
        wide=chance.random() < 0.5,
    )


@pytest.mark.parametrize("seed", range(2))
async def test_the_screen_goes_on(seed: int) -> None:
    chance = random.Random(seed)
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("cart-1"))
    session.feed(NODES)
    async with running(session, size=(100, 30)) as user:
        await user.see("2 pods")
        for _ in range(8):
            settings = any_settings(chance)
            assert all(isinstance(each, str) for each in unknown_bindings(settings.keys))
            user.app.use_settings(settings)
            view: Any = any_view(chance)
            open_view(user.app, view)
            await user.pilot.pause()
            for key in ("1", "2", "question_mark", "escape", "i", "escape", "escape"):
                await press(user.pilot, key)
            await user.pilot.pause()
            while len(user.app.screen_stack) > 1:
                user.app.pop_screen()
                await user.pilot.pause()
        user.app.use_settings(Settings())
        open_view(user.app, SavedView(resource="pods", namespace="shop"))
        await user.see("2 pods")
