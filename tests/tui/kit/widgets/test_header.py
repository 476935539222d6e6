"""Where one is, on any width."""

from __future__ import annotations

import re

import pytest
from textual.geometry import Size

from kwatch.tui.kit.widgets.header import Header, HeaderState
from tests.tui.kit.table.test_painter import palette

STATE = HeaderState(
    context="demo",
    namespace="shop",
    resource="deployments.apps",
    title="web",
    freshness="forbidden to watch, listed 1.6 s ago, again in 13 s",
    banner="simulated cluster",
)


@pytest.mark.parametrize("width", range(60, 140))
def test_what_gives_way_leaves_no_separator(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    header = Header(palette())
    header._state = STATE
    monkeypatch.setattr(Header, "size", Size(width, 2))
    text = header.render_line(0).text
    place = text[: text.index("◌")].strip()
    assert place.removeprefix("◆").removeprefix(" kwatch").strip().endswith(("deployments.apps › web", "…"))
    assert not re.search(r"^›|›\s+›|◆\s*›", place)
    assert len(text) == width
