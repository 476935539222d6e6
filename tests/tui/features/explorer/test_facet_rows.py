from __future__ import annotations

import pytest

from kwatch.tui.features.explorer.facet_rows import FacetLine, LineKind, bar, facet_rows


@pytest.mark.parametrize(
    ("share", "expected"), [(0, ""), (1, "████"), (0.5, "██"), (0.001, "▏"), (0.6, "██▍"), (7, "████")]
)
def test_bars(share: float, expected: str) -> None:
    assert bar(share, 4) == expected


def test_rows_fit_and_say_how_many_are_shown() -> None:
    lines = (
        FacetLine(LineKind.FACET, "status", "status", total=2, open=True),
        FacetLine(LineKind.VALUE, "status", "Running", 30, 1200, 1.0, "status:Running", chosen=True),
        FacetLine(LineKind.VALUE, "status", "bad\x1b[2J", 0, 1, 0.0, "x"),
        FacetLine(LineKind.MORE, "status", "7 more"),
        FacetLine(LineKind.FACET, "image", "image"),
    )
    rows = facet_rows(lines, 40, filtered=True)
    cells = [[cell.text for cell in row.cells] for row in rows.rows]
    assert cells[0] == ["status", "", "2"]
    assert cells[1] == [" Running", "██████", "30/1,200"]
    assert "\x1b" not in cells[2][0]
    assert cells[3][0].strip() == "… 7 more"
    assert cells[4] == ["image", "", ""]
    assert [row.look.sign for row in rows.rows] == ["▾", "●", " ", " ", "▸"]
    assert sum(heading.min_width for heading in rows.headings) <= 40 - 3 - 2 * len(rows.headings)
    assert [row.cells[2].text for row in facet_rows(lines, 40, filtered=False).rows][1] == "1,200"
