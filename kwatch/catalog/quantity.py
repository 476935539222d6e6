"""Kubernetes quantities: `500m`, `2Gi`, `1e3`."""

from __future__ import annotations

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
    if not isinstance(value, str):
        return None
    try:
        return parse_quantity(value)
    except ValueError:
        return None
