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
    layout = ColumnLayout(HEADINGS, 100)
    layout.see([row("a", "n" * 60, "c", "s" * 50)])
    assert layout.widths[3] == 20


def test_beyond_its_limit_a_column_takes_only_room_that_is_left_over() -> None:
    layout = ColumnLayout(HEADINGS, 200)
    layout.see([row("a", "b", "c", "s" * 50)])
    assert layout.widths[3] == 50


FOR_ROOM = (
    Heading("name", "NAME", frozen=True, flexible=True),
    Heading("restarts", "RESTARTS", right=True, max_width=16, reserve=15),
    Heading("changed", "CHANGED", right=True, min_width=8, optional=True, spare=1),
    Heading("ip", "IP", spare=2, left_out=True, reserve=14),
    Heading("node", "NODE", spare=2, left_out=True),
    Heading("labels", "LABELS", max_width=200, spare=3, left_out=True, cut=True),
)


def room_for(width: int, *rows: list[Cell]) -> list[str]:
    layout = ColumnLayout(FOR_ROOM, width)
    layout.see(rows or [row("n" * 60, "0", "5s", "10.0.0.1", "worker-1", "app=cart," * 9)])
    return [heading.title for heading, size in zip(FOR_ROOM, layout.widths, strict=True) if size]


ALWAYS = ["NAME", "RESTARTS", "CHANGED"]


@pytest.mark.parametrize(
    ("width", "more"),
    [
        (80, []),
        (99, []),
        (100, ["NODE"]),
        (106, ["IP"]),
        (116, ["IP", "NODE"]),
        (133, ["IP", "NODE"]),
        (134, ["IP", "NODE", "LABELS"]),
        (300, ["IP", "NODE", "LABELS"]),
    ],
)
def test_room_that_is_left_over_goes_to_further_columns_by_their_turn(width: int, more: list[str]) -> None:
    assert room_for(width) == ALWAYS + more


def test_no_column_is_pushed_out_by_a_number_that_grows_to_what_is_kept_for_it() -> None:
    layout = ColumnLayout(FOR_ROOM, 116)
    layout.see([row("n" * 60, "0", "5s", "10.0.0.1", "worker-1", "")])
    before = layout.widths
    assert all(before[:5])
    assert not layout.see([row("n" * 60, "12 (59m59s ago)", "5s", "10.100.100.10", "worker-1", "")])
    assert layout.widths == before


def test_a_column_that_went_does_not_come_back_before_the_width_is_another() -> None:
    layout = ColumnLayout(FOR_ROOM, 116)
    layout.see([row("n" * 60, "0", "5s", "10.0.0.1", "worker-1", "")])
    assert layout.widths[4]
    layout.see([row("n" * 64, "0", "5s", "10.0.0.1", "w" * 30, "")])
    assert not layout.widths[4]
    came = [layout.widths[4]]
    layout.see([row("n", "0", "5s", "10.0.0.1", "w", "")])
    assert [layout.widths[4]] == came
    layout.reset(FOR_ROOM, 150)
    layout.see([row("n", "0", "5s", "10.0.0.1", "w", "")])
    assert layout.widths[4]


def test_nothing_comes_before_a_row_was_seen_and_labels_only_where_there_are_any() -> None:
    layout = ColumnLayout(FOR_ROOM, 300)
    assert not any(layout.widths[3:])
    assert room_for(300, row("n", "0", "5s", "10.0.0.1", "w", "<none>")) == [*ALWAYS, "IP", "NODE"]


@given(
    st.integers(80, 320),
    st.lists(st.tuples(*(st.text("abc", max_size=70) for _ in FOR_ROOM)), min_size=1, max_size=8),
)
def test_what_takes_room_that_is_left_over_never_goes_beyond_the_edge(width: int, seen: list[tuple[str, ...]]) -> None:
    layout = ColumnLayout(FOR_ROOM, width)
    known: set[int] = set()
    for number, texts in enumerate(seen):
        layout.see([row(*texts)])
        there = {index for index in (3, 4) if layout.widths[index]}
        assert number == 0 or there <= known  # none comes back, none comes late
        known = there
        if there or layout.widths[5]:
            assert layout.total_width <= width


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
        Heading("churn", "CHURN", optional=True, spare=1),
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
