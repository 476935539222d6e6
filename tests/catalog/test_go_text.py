from __future__ import annotations

from typing import Any

import pytest

from kwatch.catalog.go_text import go_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (True, "true"),
        (7, "7"),
        (2.0, "2"),
        (0.1, "0.1"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e-7, "1.5e-07"),
        (float("inf"), "+Inf"),
        (float("nan"), "NaN"),
        (None, "<no value>"),
        ([1, {"b": "&", "a": None}], '[1,{"a":null,"b":"\\u0026"}]'),
        ({}, "{}"),
        ("naïve ✓", "naïve ✓"),
    ],
)
def test_values_print_as_in_go(value: Any, text: str) -> None:
    assert go_text(value) == text
