"""A value of an object as kubectl prints it in templates and custom columns."""

from __future__ import annotations

from typing import Any

import msgspec


def value_text(value: Any) -> str:
    """Strings as they are, whole numbers without a fraction, everything else as compact JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return msgspec.json.encode(value, order="sorted").decode()
