"""Lines side by side on a broad screen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kwatch.tui.kit.text.columns import in_columns
from kwatch.tui.kit.text.line import Line, Span, plain

BLOCKS = [line for name in "abcd" for line in (plain(""), plain(f"{name}1"), plain(f"{name}2"))]


def test_blocks_stand_side_by_side_and_stay_whole() -> None:
    rows = [" ".join(line.text.split()) for line in in_columns(BLOCKS, 180)]
    assert rows == ["", "a1 c1", "a2 c2", "", "b1 d1", "b2 d2"]
    assert [line.text.split() for line in in_columns(BLOCKS, 350)] == [
        [],
        ["a1", "b1", "c1", "d1"],
        ["a2", "b2", "c2", "d2"],
    ]


def test_a_narrow_screen_or_one_block_is_as_it_was() -> None:
    assert in_columns(BLOCKS, 160) == BLOCKS
    assert in_columns(BLOCKS[:3], 300) == BLOCKS[:3]


def test_signs_and_tints_stay_with_their_own() -> None:
    lines = [plain("a"), plain(""), Line((Span("b"),), tint="kwatch-changed", sign="~")]
    first, second = in_columns(lines, 200)
    assert first.text.strip() == "a" and not first.sign
    assert second.text.split() == ["~", "b"]
    assert [span.tint for span in second.spans if span.text.strip()] == ["kwatch-changed", "kwatch-changed"]


@given(st.lists(st.sampled_from(["", "short", "世界 " * 30, "x" * 500]), max_size=40), st.integers(40, 400))
def test_nothing_is_lost_and_nothing_is_broader_than_the_screen(texts: list[str], width: int) -> None:
    found = in_columns([plain(text) for text in texts], width)
    seen = "".join("".join(line.text.split()) for line in found)
    assert sorted(seen) == sorted("".join("".join(text.split()) for text in texts))
    if found != [plain(text) for text in texts]:
        assert all(cell_len(line.text) <= width for line in found)
