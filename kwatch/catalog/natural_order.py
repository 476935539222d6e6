"""Texts in the order people expect: `v1.9` before `v1.10`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_PARTS = re.compile(r"(\d{1,100})|(\D+)")


@lru_cache(maxsize=4096)
def natural_order(value: Any) -> tuple[tuple[int, int, str], ...] | None:
    """Numbers within a text by their value, the rest by alphabet; None for anything that is no text."""
    if not isinstance(value, str):
        return None
    return tuple([(0, int(number), "") if number else (1, 0, text) for number, text in _PARTS.findall(value)])
