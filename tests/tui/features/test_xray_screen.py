"""The tree of what objects are made of, on screen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.tui.cached_session import CachedSession, app_of, lines, texts, until
from tests.tui.driving import press
from tests.tui.features.object.test_suspects_tab import objects, world


class Watching(CachedSession):
    """Says what it watches."""

    def informers(self) -> tuple[Any, ...]:
        return tuple(
            SimpleNamespace(watched=each.watched, kind=each.kind, informer=SimpleNamespace(status=each.status))
            for each in self.feeds
            if not each.released
        )


async def test_what_is_unhealthy_counts_where_the_tree_is_closed_too() -> None:
    app = app_of(Watching(*objects()))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-2-x")), "rows")
        await press(pilot, *":xray deploy", "enter")
        await until(pilot, lambda: bool(texts(lines(app), "pod web-2-x")), "an open tree")
        await press(pilot, "x")
        await until(pilot, lambda: bool(texts(lines(app), "▸ deployment shop/web")), "a closed tree")
        assert not texts(lines(app), "pod web-2-x")
        await until(pilot, lambda: bool(texts(lines(app), "1 line  ! 4 unhealthy")), "what is below counts")


@pytest.mark.parametrize(
    ("words", "shown"),
    [("dp -n shop", "deployment shop/web"), ("deploy -A", "deployment shop/web"), ("dp -n data", "There are no dep")],
)
async def test_where_to_look_is_said_as_for_a_table(words: str, shown: str) -> None:
    app = app_of(world())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-2-x")), "rows")
        await press(pilot, *":xray ", *words, "enter")
        await until(pilot, lambda: bool(texts(lines(app), shown)), "the tree")
