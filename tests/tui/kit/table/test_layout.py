"""Column widths: from what is on screen, stable, squeezed where it is narrow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.tui.kit.table.layout import GAP, GUTTER, ColumnLayout
from kwatch.tui.kit.table.rows import Cell, Heading

HEADINGS = (
    Heading("namespace", "NAMESPACE", frozen=True),
    Heading("name", "NAME", frozen=True, flexible=True),
    Heading("ready", "READY", right=True),
    Heading("status", "STATUS", max_width=20),
)


def row(*texts: str) -> list[Cell]:
    return [Cell(text) for text in texts]


def test_columns_grow_to_what_is_seen_and_never_shrink() -> None:
    layout = ColumnLayout(HEADINGS, 120)
    assert layout.see([row("shop", "web-1234567890", "1/1", "Running")])
    wide = layout.widths
    version = layout.version
    assert not layout.see([row("a", "b", "1/1", "x")])
    assert layout.widths == wide and layout.version == version
    assert layout.widths[1] == 14


def test_a_column_stops_at_its_limit() -> None:
    layout = ColumnLayout(HEADINGS, 200)
    layout.see([row("a", "b", "c", "s" * 50)])
    assert layout.widths[3] == 20


def test_the_name_gives_way_first_and_everything_still_fits() -> None:
    layout = ColumnLayout(HEADINGS, 60)
    layout.see([row("kube-system", "n" * 60, "10/10", "Running")])
    assert layout.total_width <= 60
    assert layout.widths[0] == 11
    assert layout.widths[1] >= 20


def test_with_room_for_most_columns_the_others_are_scrolled_to_rather_than_cut() -> None:
    wide = (*HEADINGS, Heading("ip", "IP"), Heading("node", "NODE"), *(Heading(f"g{n}", "A LONG TITLE") for n in "ab"))
    layout = ColumnLayout(wide, 100)
    layout.see([row("kube-system", "n" * 60, "10/10", "Running", "10.244.107.112", "worker-1", "<none>", "<none>")])
    assert layout.total_width > 100
    assert layout.widths[4] == len("10.244.107.112")


def test_where_nothing_gives_way_the_table_scrolls() -> None:
    many = tuple(Heading(f"c{n}", "COLUMN" * 2, frozen=n == 0) for n in range(12))
    layout = ColumnLayout(many, 80)
    assert layout.total_width > 80
    assert layout.frozen_count == 1
    assert layout.column_at(GUTTER, 50) == 0
    assert layout.column_at(layout.frozen_width, 0) == 1
    assert layout.column_at(layout.frozen_width, 12 + GAP) == 2
    assert layout.column_at(0, 0) is None


def test_the_last_column_takes_the_rest() -> None:
    layout = ColumnLayout((Heading("a", "A"), Heading("b", "B", fill=True)), 80)
    layout.see([row("x", "y" * 500)])
    assert layout.total_width == 80


@pytest.mark.parametrize("width", [79, 80, 99, 119])
def test_what_fills_a_line_is_seen_beside_the_longest_names(width: int) -> None:
    headings = (
        Heading("time", "TIME", frozen=True, min_width=11),
        Heading("resource", "RESOURCE", max_width=24),
        Heading("object", "OBJECT", max_width=44, flexible=True),
        Heading("changes", "CHANGES", fill=True),
    )
    layout = ColumnLayout(headings, width)
    layout.see([row("14:02:10.25", "horizontalpodautoscalers.autoscaling", "shop/" + "n" * 60, "y" * 500)])
    assert layout.total_width == width
    assert layout.widths[3] >= 24 and layout.widths[2] >= 10


@given(st.lists(st.text(max_size=80), min_size=4, max_size=4), st.integers(20, 300))
def test_any_content_at_any_width_settles(texts: list[str], width: int) -> None:
    layout = ColumnLayout(HEADINGS, width)
    layout.see([row(*texts)])
    assert all(size >= 1 for size in layout.widths)
    before = layout.widths
    layout.see([row(*texts)])
    assert layout.widths == before


def test_optional_columns_take_no_room_from_others_on_a_narrow_screen() -> None:
    headings = [Heading("name", "NAME", frozen=True, flexible=True), Heading("cpu", "CPU", optional=True)]
    row = (Cell("a-name-of-thirty-four-characters-x1"), Cell("1" * 12))
    narrow = ColumnLayout(headings, 45)
    narrow.see([row])
    assert narrow.widths[0] == len(row[0].text)
    assert narrow.total_width > 45, "one scrolls to the rest"
    without = ColumnLayout([headings[0], Heading("cpu", "CPU")], 45)
    without.see([row])
    assert without.widths[0] < len(row[0].text)


def test_a_column_for_wide_screens_is_left_out_on_a_narrow_one() -> None:
    headings = [Heading("a", "AAAA"), Heading("b", "BBBB", from_width=100), Heading("c", "CCCC", fill=True)]
    narrow, wide = ColumnLayout(headings, 80), ColumnLayout(headings, 100)
    for layout in (narrow, wide):
        layout.see([row("1", "2" * 30, "3")])
    assert narrow.widths[1] == 0 and wide.widths[1] == 30
    assert narrow.total_width == 80 and wide.total_width == 100
    assert narrow.column_at(GUTTER + narrow.widths[0] + GAP, 0) == 2


def test_spare_columns_never_take_room_from_a_name() -> None:
    headings = [
        Heading("name", "NAME", frozen=True, flexible=True),
        Heading("churn", "CHURN", optional=True, spare=True),
    ]
    layout = ColumnLayout(headings, 110)
    layout.see([row("n" * 60, "c" * 60)])
    assert layout.widths[0] == 60


def test_an_optional_column_is_not_shown_in_part() -> None:
    headings = [Heading("name", "NAME", frozen=True), Heading("ready", "READY"), Heading("cpu", "CPU", optional=True)]
    layout = ColumnLayout(headings, 30)
    layout.see([row("n" * 10, "1" * 8, "2" * 10)])
    assert layout.cut_off(0, 30) == 2
    assert layout.cut_off(layout.total_width - 30, 30) is None
    assert layout.cut_off(0, 20) is None, "the second one is cut instead, and may be"
