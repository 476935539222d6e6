"""Sizes and spans of time as people write them: `512Mi`, `2h`."""

from __future__ import annotations

import re

_SIZES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30}
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def read_size(text: str) -> int:
    """Bytes; raise ValueError with a sentence."""
    match = re.fullmatch(r"(\d{1,15})([kmg]i?)?b?", text.casefold())
    if match is None:
        raise ValueError(f"{text!r} is no size; write 500M or 2Gi")
    return int(match[1]) * _SIZES[match[2] or ""]


def read_span(text: str) -> float:
    """Seconds; raise ValueError with a sentence."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)([smhd])", text)
    if match is None:
        raise ValueError(f"{text!r} is no time; write 30s, 10m, 2h or 1d")
    return float(match[1]) * _UNITS[match[2]]
