"""Numbers as they are written: Kubernetes quantities (`500m`, `2Gi`), plain ones, and sizes in settings."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any

_FORM = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$")
_FACTORS = {
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
    "E": 1e18,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
    "Pi": 2.0**50,
    "Ei": 2.0**60,
}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\Z")
_SIZE = re.compile(r"(\d{1,15})([kmg]i?)?b?")
_BYTES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30}
_LONGEST = 100
"""Characters of a number; looking at ten thousand digits takes seconds, and they mean nothing."""


def parse_quantity(text: str) -> float:
    """The number it stands for; raise ValueError."""
    match = _FORM.match(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no quantity")
    number, exponent, suffix = match.groups()
    return float(number + (exponent or "")) * (_FACTORS[suffix] if suffix else 1.0)


def quantity_text(resource: str, amount: float) -> str:
    """An amount in the unit people use for the resource: `900m` or `2` cores, `1472Mi`, pieces."""
    if resource == "cpu":
        return f"{round(amount * 1000)}m" if amount % 1 else str(int(amount))
    if resource in ("memory", "ephemeral-storage", "storage") or resource.startswith("hugepages-"):
        unit, size = next(((unit, size) for unit, size in _SIZES if amount >= size), ("", 1.0))
        return f"{amount / size:.4g}{unit}"
    return f"{amount:.6g}"


_SIZES = tuple((unit, _FACTORS[unit]) for unit in ("Ti", "Gi", "Mi", "Ki"))


@lru_cache(maxsize=4096)
def quantity_order(value: Any) -> float | None:
    """By size; None for anything that is no quantity."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    try:
        return _finite(parse_quantity(value))
    except ValueError:
        return None


def parse_number(text: str) -> float | None:
    """`3`, `-0.5`, `1e3`; None if it is no number."""
    return _finite(float(text)) if len(text) <= _LONGEST and _NUMBER.match(text) else None


def parse_size(text: str) -> int:
    """Bytes of `512Mi`, `500M`, `2gb`, as settings and options write them; raise ValueError with a sentence."""
    match = _SIZE.fullmatch(text.casefold())
    if match is None:
        raise ValueError(f"{text!r} is no size; write 500M or 2Gi")
    return int(match[1]) * _BYTES[match[2] or ""]


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
