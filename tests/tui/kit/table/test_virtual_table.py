"""The table as a widget: 100,000 rows, only the lines on screen."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip

from kwatch.tui.kit.table.painter import RowPainter
from kwatch.tui.kit.table.rows import PLAIN, Cell, Heading, ListedRow, ListedRows, Look
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kwatch_screen import LineCompositor
from tests.tui.kit.table.test_painter import palette

MANY = 100_000


class ManyRows:
    headings: Sequence[Heading] = (Heading("name", "NAME", frozen=True, flexible=True), Heading("n", "N", right=True))
    sorted_by: tuple[str, bool] | None = ("name", False)

    def __init__(self, count: int) -> None:
        self.count = count
        self.read: list[str] = []
        self.values: dict[str, int] = {}

    def __len__(self) -> int:
        return self.count

    def key_at(self, row: int) -> str:
        return f"pod-{row:06}"

    def row_of(self, key: str) -> int | None:
        row = int(key[4:])
        return row if row < self.count else None

    def cells(self, key: str) -> Sequence[Cell]:
        self.read.append(key)
        return (Cell(key), Cell(str(self.values.get(key, 0))))

    def look(self, key: str) -> Look:
        return PLAIN

    def hint(self, key: str, column: int) -> str | None:
        return None


class TableApp(App[None]):
    def __init__(self, rows: ManyRows) -> None:
        super().__init__()
        self.table = VirtualTable(rows, palette())

    def compose(self) -> ComposeResult:
        yield self.table


@asynccontextmanager
async def table(count: int = MANY) -> AsyncIterator[tuple[VirtualTable, ManyRows, Pilot[Any]]]:
    rows = ManyRows(count)
    app = TableApp(rows)
    async with app.run_test(size=(60, 21)) as pilot:
        app.table.show(rows)
        app.table.focus()
        await pilot.pause()
        yield app.table, rows, pilot


def shown(pilot: Pilot[Any]) -> list[str]:
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


async def test_a_list_is_shown_again_only_if_it_is_another_one() -> None:
    headings = (Heading("name", "NAME"),)

    def listed(*names: str) -> ListedRows:
        return ListedRows(headings, [ListedRow(name, (Cell(name),)) for name in names])

    async with table() as (widget, _, pilot):
        first = listed("a", "b")
        widget.show_listed(first)
        widget.show_listed(listed("a", "b"))
        assert widget.rows is first
        widget.move_cursor_to("b")
        widget.show_listed(listed("a", "c", "b"))
        await pilot.pause()
        assert [line.split()[-1] for line in shown(pilot)[1:4]] == ["a", "c", "b"]
        assert widget.cursor_key == "b"
        widget.show_listed(listed())
        assert len(widget.rows) == 0


async def drawn(pilot: Pilot[Any], widget: VirtualTable) -> None:
    """Wait until all that was to be painted is."""
    screen = pilot.app.screen
    is_drawn = False
    while not is_drawn:
        await pilot.pause(0.02)
        flags = [each for part in (screen, widget) for each in (part._repaint_required, part._scroll_required)]
        is_drawn = not any((*flags, screen._layout_required, screen._dirty_widgets))


async def test_only_what_is_on_screen_is_read() -> None:
    async with table() as (_, rows, pilot):
        assert shown(pilot)[1].startswith("▌  pod-000000")
        assert len(set(rows.read)) <= 21


async def test_a_change_repaints_its_own_line_only() -> None:
    async with table() as (widget, rows, pilot):
        regions: list[Region] = []
        refresh = widget.refresh

        def noted(*where: Region, **how: Any) -> VirtualTable:
            regions.extend(where)
            return refresh(*where, **how)

        widget.refresh = noted  # type: ignore[method-assign]
        rows.values["pod-000003"] = 7
        rows.values["pod-050000"] = 7
        widget.rows_changed(["pod-000003", "pod-050000"], moved=False)
        await pilot.pause()
        assert [region.y for region in regions] == [4]
        assert shown(pilot)[4].split() == ["pod-000003", "7"]


async def test_moving_paging_and_the_edges() -> None:
    async with table() as (widget, _, pilot):
        await pilot.press("j", "down", "k")
        assert widget.cursor_key == "pod-000001"
        await pilot.press("G")
        assert widget.cursor_key == "pod-099999"
        assert shown(pilot)[-1].startswith("▌  pod-099999")
        await pilot.press("pageup")
        assert widget.cursor_key == "pod-099980"
        await pilot.press("g")
        assert widget.cursor_key == "pod-000000"


async def test_the_wheel_and_a_click() -> None:
    async with table() as (widget, _, pilot):
        await pilot.click(offset=(5, 6))
        assert widget.cursor_key == "pod-000005"
        widget.scroll_to(y=500, animate=False, force=True)
        await pilot.pause()
        await pilot.click(offset=(5, 1))
        assert widget.cursor_key == "pod-000500"


async def test_rows_that_go_leave_the_cursor_on_a_neighbour() -> None:
    async with table(50) as (widget, rows, pilot):
        await pilot.press("G")
        rows.count = 30
        widget.rows_changed((), moved=True)
        await pilot.pause()
        assert widget.cursor_key == "pod-000029"
        rows.count = 0
        widget.set_empty(("Nothing", "press x"))
        widget.rows_changed((), moved=True)
        await pilot.pause()
        assert not widget.visible_keys
        assert any("Nothing" in line for line in shown(pilot))


async def test_marks_are_keys() -> None:
    async with table(50) as (widget, _, pilot):
        await pilot.press("space", "space", "up", "space")
        assert sorted(widget.marks) == ["pod-000000"]
        widget.clear_marks()
        assert not widget.marks


async def test_a_key_paints_what_it_changed_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[str] = []
    paint = RowPainter.row

    def counted(self: RowPainter, *arguments: Any, **named: Any) -> Strip:
        painted.append(arguments[2][0].text)
        return paint(self, *arguments, **named)

    monkeypatch.setattr(RowPainter, "row", counted)
    async with table() as (widget, _, pilot):
        for key in ("down", "down", "up", "pagedown", "pagedown"):
            await pilot.press(key)
        await drawn(pilot, widget)
        for _ in range(len(widget.visible_keys)):  # the last of them scroll
            painted.clear()
            await pilot.press("down")
            await drawn(pilot, widget)
            assert painted, "the row that the cursor is on now"
            assert len(painted) <= 3, f"the row that came, and two with or without the cursor, not {painted}"


async def test_a_moved_cursor_asks_for_two_lines() -> None:
    rows = ManyRows(MANY)
    app = DrawnApp(rows)
    async with app.run_test(size=(60, 20)) as pilot:
        app.table.focus()
        await pilot.press("down")
        await drawn(pilot, app.table)  # what the focus changes, too
        asked: set[int] = set()
        render_line = app.table.render_line
        app.table.render_line = lambda y: asked.add(y) or render_line(y)  # type: ignore[method-assign,func-returns-value]
        await pilot.press("down")
        await drawn(pilot, app.table)
        assert asked == {2, 3}


class DrawnApp(TableApp):
    """As the screens of kwatch are drawn."""

    def get_default_screen(self) -> Screen[Any]:
        screen = super().get_default_screen()
        screen._compositor = LineCompositor()
        return screen


def test_the_toolkits_compositor_is_the_one_that_is_known() -> None:
    for name in ("_render_chops", "_get_renders"):
        theirs, ours = (
            list(inspect.signature(getattr(each, name)).parameters) for each in (Compositor, LineCompositor)
        )
        assert theirs == ours
    assert "self._get_renders(crop)" in inspect.getsource(Compositor._render_chops)
