"""Log lines: harmless, with their level."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.tui.features.log_document import log_line


@pytest.mark.parametrize(
    ("text", "shown", "ink"),
    [
        ("\x1b[1;31mERROR\x1b[0m no", "ERROR no", "kwatch-unhealthy"),
        ("level=warn slow", "level=warn slow", "warning"),
        ("\x1b]0;owned\x07title", "title", "foreground"),
        ("tab\there", "tab    here", "foreground"),
        ("terror is no error of ours", "terror is no error of ours", "kwatch-unhealthy"),
        ("terrorists", "terrorists", "foreground"),
    ],
)
def test_lines(text: str, shown: str, ink: str) -> None:
    line = log_line(text)
    assert line.text == shown
    assert line.spans[-1].ink == ink


def test_the_time_is_set_apart() -> None:
    line = log_line("2026-11-23T12:00:00.5Z hello")
    assert [span.text for span in line.spans] == ["2026-11-23T12:00:00.5Z", " hello"]


@given(st.text())
def test_nothing_can_reach_the_terminal(text: str) -> None:
    assert log_line(text).text.isprintable() or all(
        ord(character) >= 0xE000 for character in log_line(text).text if not character.isprintable()
    )
