from __future__ import annotations

from typing import Any

import pytest

from kwatch.output.printer import value_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is", "as it is"),
        (None, "null"),
        (True, "true"),
        (3, "3"),
        (2.0, "2"),
        (12345678.9, "1.23456789e+07"),
        ([1, {"b": None, "a": "<x>"}], '[1,{"a":"\\u003cx\\u003e","b":null}]'),
    ],
)
def test_values_print_as_in_kubectl(value: Any, text: str) -> None:
    assert value_text(value) == text
