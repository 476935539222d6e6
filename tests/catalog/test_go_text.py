from __future__ import annotations

from typing import Any

import pytest

from kwatch.catalog.go_text import go_print, go_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (True, "true"),
        (7, "7"),
        (2.0, "2"),
        (0.1, "0.1"),
        (2**63 - 1, "9223372036854775807"),
        # What 64 bits cannot hold is no whole number to Go.
        (1e20, "1e+20"),
        (10**20, "1e+20"),
        (-(2**63) - 1, "-9.223372036854776e+18"),
        (123456.5, "123456.5"),
        (1234567.5, "1.2345675e+06"),
        (-12345678.9, "-1.23456789e+07"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (-0.25, "-0.25"),
        (5e-324, "5e-324"),
        (1e21, "1e+21"),
        (1.5e-7, "1.5e-07"),
        (float("inf"), "+Inf"),
        (float("nan"), "NaN"),
        (None, "<no value>"),
        ([1, {"b": "&", "a": None}], '[1,{"a":null,"b":"\\u0026"}]'),
        ({}, "{}"),
        (
            [2.0, 0.000001, 1e-7, 1e20, 1e21, 12345678.9, True],
            "[2,0.000001,1e-7,100000000000000000000,1e+21,12345678.9,true]",
        ),
        (["<\u2028\n"], '["\\u003c\\u2028\\n"]'),
        ("naïve ✓", "naïve ✓"),
    ],
)
def test_values_print_as_in_go(value: Any, text: str) -> None:
    assert go_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "<nil>"),
        ({"b": [1, "x y"], "a": None}, "map[a:<nil> b:[1 x y]]"),
        ([{"k": True}, []], "[map[k:true] []]"),
        (2.5, "2.5"),
    ],
)
def test_values_in_gos_own_notation(value: Any, text: str) -> None:
    assert go_print(value) == text
