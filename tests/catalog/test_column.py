from __future__ import annotations

from typing import Any

import pytest

from kwatch.catalog.column import UNREADABLE, Level, fraction_level, fraction_order


@pytest.mark.parametrize(
    ("value", "order", "level"),
    [
        ("0/3", (0.0, 3), Level.BAD),
        ("1/2", (0.5, 2), Level.WARNING),
        ("2/2", (1.0, 2), Level.GOOD),
        ("3/2", (1.5, 2), Level.GOOD),
        ("0/0", (1.0, 0), Level.NONE),
        ("0/1 of 3", (0.0, 1), Level.BAD),
        ("many", None, Level.NONE),
        (UNREADABLE, None, Level.NONE),
    ],
)
def test_fractions(value: Any, order: Any, level: Level) -> None:
    assert fraction_order(value) == order
    assert fraction_level(value) == level
