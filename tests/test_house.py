"""The shape of the source."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "kwatch"
LONGEST = 400


def test_no_file_is_long() -> None:
    lines = {path.name: path.read_text().count("\n") for path in PACKAGE.rglob("*.py")}
    assert not {name: count for name, count in lines.items() if count > LONGEST}
