"""A value of an object as kubectl prints it in templates and custom columns."""

from __future__ import annotations

from typing import Any

from kwatch.catalog.go_text import go_text


def value_text(value: Any) -> str:
    """Strings as they are, numbers as Go writes them, lists and objects as compact JSON."""
    return "null" if value is None else go_text(value)
