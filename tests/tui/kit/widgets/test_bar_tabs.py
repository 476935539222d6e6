"""Titles of tabs on any width: the active one is always seen."""

from __future__ import annotations

import pytest
from textual.geometry import Size

from kwatch.tui.kit.widgets.bar import Tab, TabStrip
from tests.tui.kit.table.test_painter import palette

TITLES = ("Overview", "YAML", "History", "Timeline", "Events", "Related", "Containers", "Logs")


@pytest.mark.parametrize("active", TITLES)
@pytest.mark.parametrize("width", [30, 40, 79, 80, 120])
def test_the_active_one_is_seen(width: int, active: str, monkeypatch: pytest.MonkeyPatch) -> None:
    strip = TabStrip(palette())
    strip._tabs = [Tab(title, title, note="14" if title in ("Events", "Timeline") else "") for title in TITLES]
    strip._active = active
    monkeypatch.setattr(TabStrip, "size", Size(width, 1))
    text = strip.render_line(0).text
    assert active in text and len(text) == width
    if width >= 79:
        assert text.split() == [
            word for title in TITLES for word in (title, *(["14"] if title in ("Events", "Timeline") else []))
        ]
    else:
        assert "…" in text
