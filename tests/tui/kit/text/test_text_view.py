"""A long text as a widget."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from kwatch.tui.kit.text import text_view
from kwatch.tui.kit.text.line import Line, Span, plain
from kwatch.tui.kit.text.text_view import TextView
from tests.tui.kit.table.test_painter import palette


class TextApp(App[None]):
    def __init__(self, view: TextView) -> None:
        super().__init__()
        self.view = view

    def compose(self) -> ComposeResult:
        yield self.view


@asynccontextmanager
async def viewing(*lines: str, **how: Any) -> AsyncIterator[tuple[TextView, Pilot[Any]]]:
    view = TextView(palette(), **how)
    async with TextApp(view).run_test(size=(40, 10)) as pilot:
        view.set_lines([plain(line) for line in lines])
        view.focus()
        await pilot.pause()
        yield view, pilot


def shown(pilot: Pilot[Any]) -> list[str]:
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


async def test_it_follows_its_end_until_one_scrolls_up() -> None:
    async with viewing() as (view, pilot):
        view.follow(True)
        for number in range(100):
            view.append([plain(f"line {number}")])
        await pilot.pause()
        assert shown(pilot)[-1].startswith("  line 99")
        await pilot.press("up")
        view.append([plain("more")])
        await pilot.pause()
        assert not view.following
        assert shown(pilot)[-1].startswith("  line 98")
        await pilot.press("G")
        assert shown(pilot)[-1].startswith("  more")


async def test_searching_goes_from_match_to_match() -> None:
    async with viewing(*[f"line {number}" for number in range(100)]) as (view, pilot):
        view.search("line 5")
        await pilot.pause()
        assert any("line 5" in line for line in shown(pilot))
        await pilot.press("n")
        await pilot.pause()
        assert any("line 50" in line for line in shown(pilot))
        await pilot.press("N", "N")
        await pilot.pause()
        assert any("line 59" in line for line in shown(pilot))


async def test_a_selection_is_the_text_under_it() -> None:
    async with viewing("first line", "second line") as (_, pilot):
        await pilot.mouse_down(offset=(2, 0))
        await pilot.hover(offset=(7, 0))
        await pilot.mouse_up(offset=(8, 1))
        await pilot.pause()
        selected = pilot.app.screen.get_selected_text()
        assert selected is not None and selected.strip().startswith("first line")


async def test_what_an_edge_cuts_says_so() -> None:
    async with viewing("short", "x" * 36 + "yz", "x" * 40 + "yz") as (view, pilot):
        assert shown(pilot)[:3] == ["  short", "  " + "x" * 36 + "yz", "  " + "x" * 37 + "…"]
        await pilot.press("right")
        assert shown(pilot)[1].startswith("…xxx") and shown(pilot)[2].endswith("xyz")
        view.toggle_wrap()
        await pilot.pause()
        assert "…" not in "".join(shown(pilot))


async def test_an_empty_text_says_so() -> None:
    async with viewing(empty=("No lines yet.",)) as (_, pilot):
        assert any("No lines yet." in line for line in shown(pilot))


async def test_of_a_long_line_what_is_seen_looks_as_if_all_of_it_was_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    long = Line((Span("key", "kwatch-key"), Span(": "), Span("one two " * 100 + " " * 90 + "é end")))
    wide = plain("日本 語 " * 60)
    async with viewing(foldable=True) as (view, pilot):
        view.set_lines([long, plain("short"), wide])
        view.search("two")
        await pilot.pause()
        for x in (0, 1, 2, 3, 39, 40, 41, 760, 800, 855, 900):
            view.scroll_to(x=x, animate=False, force=True)
            await pilot.pause()
            drawn = []
            for limit in (0, 100_000):
                monkeypatch.setattr(text_view, "LONG", limit)
                drawn.append([view.render_line(y) for y in range(3)])
            assert drawn[0] == drawn[1], x


async def test_a_key_costs_no_more_where_a_line_is_a_megabyte() -> None:
    async with viewing("x y" * 400_000, "z", foldable=True) as (view, _):
        view.search("y")
        view.render_line(0)
        with patch.object(Strip, "crop_extend", autospec=True, side_effect=Strip.crop_extend) as crop:
            view.render_line(0)
        assert [len(call.args[0].text) < 200 for call in crop.mock_calls] == [True]
