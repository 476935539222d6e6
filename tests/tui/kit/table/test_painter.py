"""Rows as strips: exact widths, cut texts, signs beside colours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kwatch.catalog.column import Level
from kwatch.tui.kit.table.layout import ColumnLayout
from kwatch.tui.kit.table.painter import RowPainter, fit
from kwatch.tui.kit.table.rows import PLAIN, Cell, Heading, Look
from kwatch.tui.palette import Palette
from kwatch.tui.themes import ThemeStore

HEADINGS = (Heading("name", "NAME", frozen=True, flexible=True), Heading("n", "N", right=True), Heading("x", "X" * 60))
CELLS = (Cell("web-1"), Cell("7", Level.WARNING), Cell("tail"))


def palette(theme: str = "kwatch-dark", *, no_color: bool = False) -> Palette:
    loaded = ThemeStore().load(theme)
    variables = {**loaded.to_color_system().generate(), **loaded.variables}
    return Palette(variables, no_color=no_color)


def painted(
    look: Look = PLAIN, width: int = 40, scroll_x: int = 0, painter: RowPainter | None = None, **how: bool
) -> str:
    layout = ColumnLayout(HEADINGS, width)
    layout.see([CELLS])
    flags = {"cursor": False, "marked": False, **how}
    strip = (painter or RowPainter(palette())).row(
        HEADINGS, layout, CELLS, look, scroll_x=scroll_x, width=width, cursor=flags["cursor"], marked=flags["marked"]
    )
    assert strip.cell_length == width
    return strip.text


def test_signs_say_what_colours_say() -> None:
    assert painted().startswith("   web-1")
    assert painted(cursor=True).startswith("▌  web-1")
    assert painted(marked=True).startswith("●  web-1")
    assert painted(Look("~", glow={0: 1.0})).startswith(" ~ web-1")
    assert painted(Look("-", gone=True)).startswith(" - web-1")


def test_frozen_columns_stay_when_the_rest_is_scrolled() -> None:
    assert "7" in painted()
    scrolled = painted(scroll_x=8)
    assert scrolled.startswith("   web-1")
    assert "7" not in scrolled


def test_a_deleted_row_is_struck_through_only_where_there_is_text() -> None:
    layout = ColumnLayout(HEADINGS, 40)
    layout.see([CELLS])
    strip = RowPainter(palette()).row(
        HEADINGS, layout, CELLS, Look("-", gone=True), cursor=False, marked=False, scroll_x=0, width=40
    )
    struck = "".join(segment.text for segment in strip if segment.style and segment.style.strike)
    assert struck.replace(" ", "") == "web-17tail"
    assert not struck.startswith(" ")


@pytest.mark.parametrize("theme", ThemeStore().names())
def test_every_theme_paints(theme: str) -> None:
    painter = RowPainter(palette(theme))
    assert painted(Look("~", Level.BAD, glow={0: 0.5}), painter=painter, cursor=True, marked=True)


def test_without_colour_the_cursor_is_reversed_and_changes_are_underlined() -> None:
    plain = palette(no_color=True)
    layout = ColumnLayout(HEADINGS, 40)
    layout.see([CELLS])
    strip = RowPainter(plain).row(
        HEADINGS, layout, CELLS, Look("~", glow={0: 1.0}), cursor=True, marked=False, scroll_x=0, width=40
    )
    styles = [segment.style for segment in strip if segment.style]
    assert all(style.color is None and style.bgcolor is None and style.reverse for style in styles)
    assert any(style.underline for style in styles)


@given(st.text(), st.integers(0, 40), st.booleans(), st.booleans())
def test_fit_is_exact(text: str, width: int, right: bool, middle: bool) -> None:
    printable = "".join(character for character in text if character.isprintable())
    assert cell_len(fit(printable, width, right=right, middle=middle)) == width


def test_the_end_of_a_name_stays_readable() -> None:
    assert fit("checkout-7d9f8c6b5d-x2k9p", 16, middle=True).endswith("d-x2k9p")
    assert "…" in fit("checkout-7d9f8c6b5d-x2k9p", 16, middle=True)


@pytest.mark.parametrize(
    ("scroll_x", "seen"),
    [(0, "Back-off r…"), (5, "…ff restar…"), (10, "…starting …"), (22, "…led  1234…"), (23, "…ed  123456")],
)
def test_what_an_edge_cuts_says_so(scroll_x: int, seen: str) -> None:
    headings = (Heading("name", "NAME", frozen=True), Heading("why", "WHY"), Heading("n", "N", right=True))
    cells = (Cell("web"), Cell("Back-off restarting failed"), Cell("123456"))
    layout = ColumnLayout(headings, 20)
    layout.see([cells])
    strip = RowPainter(palette()).row(
        headings, layout, cells, PLAIN, cursor=False, marked=False, scroll_x=scroll_x, width=20
    )
    assert strip.text.rstrip() == f"   web   {seen}"


@pytest.mark.parametrize("width", [60, 30])
def test_an_address_in_a_cell_is_a_link_to_the_whole_also_where_it_is_cut(width: int) -> None:
    url = "https://runbooks.example.com/errors/42"
    headings = (Heading("name", "NAME"), Heading("message", "MESSAGE"))
    cells = (Cell("web-1"), Cell(f"see {url}."))
    layout = ColumnLayout(headings, width)
    layout.see([cells])
    if width == 30:
        layout.widths = (5, 18)
    strip = RowPainter(palette()).row(
        headings, layout, cells, PLAIN, cursor=False, marked=False, scroll_x=0, width=width
    )
    linked = [segment for segment in strip if segment.style and segment.style.link]
    assert {segment.style.link for segment in linked if segment.style} == {url}
    text = "".join(segment.text for segment in linked)
    assert text == url if width == 60 else url.startswith(text) and text
    assert strip.cell_length == width


PLAIN_PALETTE = palette()
ALPHABETS = st.text(st.sampled_from("ab日本語한국e\u0301\u0308👍🏽🎉שלום مرحبا\u202e\u2067\u200f\u200d"), max_size=40)


@given(st.lists(st.tuples(ALPHABETS, ALPHABETS), min_size=1, max_size=4), st.integers(20, 90))
def test_columns_stay_straight_whatever_alphabet_a_cell_is_in(rows: list[tuple[str, str]], width: int) -> None:
    headings = (Heading("name", "NAME", flexible=True, frozen=True), Heading("x", "X"), Heading("end", "END"))
    cells = [(Cell(name), Cell(x), Cell("|")) for name, x in rows]
    layout = ColumnLayout(headings, width)
    layout.see(cells)
    painter = RowPainter(PLAIN_PALETTE)
    for row in cells:
        strip = painter.row(headings, layout, row, PLAIN, cursor=False, marked=False, scroll_x=0, width=width)
        assert strip.cell_length == width == cell_len(strip.text)
        if layout.total_width <= width:
            before = strip.text.partition("|")[0]
            assert cell_len(before) == layout.total_width - layout.widths[2]
        assert not any(each in strip.text for each in "\u202e\u2067\u200f\u200d"), "a terminal reorders nothing"


def test_a_title_at_the_edge_is_not_cut_where_it_has_room() -> None:
    headings = (Heading("name", "NAME", frozen=True), Heading("age", "AGE", right=True), Heading("x", "X" * 60))
    layout = ColumnLayout(headings, 40)
    layout.see([(Cell("web-1"), Cell("6m31s"), Cell("tail"))])
    edge = layout.total_width - layout.widths[-1] - layout.gap
    title = RowPainter(palette()).heading(headings, layout, None, None, 0, edge).text
    assert title.endswith("AGE›"), "the sign for more takes the last cell, not the last letter"


def test_a_title_that_fills_its_column_gives_way_into_the_gap() -> None:
    headings = (
        Heading("name", "NAME", frozen=True),
        Heading("n", "N", right=True),
        Heading("cpu", "CPU", right=True),
        Heading("x", "X" * 60),
    )
    layout = ColumnLayout(headings, 60)
    layout.see([(Cell("web-1"), Cell("1234"), Cell("100"), Cell("tail"))])
    layout.widths = (*layout.widths[:2], 3, layout.widths[3])
    edge = layout.total_width - layout.widths[-1] - layout.gap
    painted = RowPainter(palette()).heading(headings, layout, None, None, 0, edge)
    assert painted.text.endswith("N CPU›") and painted.cell_length == edge
