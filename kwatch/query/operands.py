"""What is compared with: numbers, quantities, durations, as Kubernetes writes them."""

from __future__ import annotations

import math
import re

from kwatch.catalog.quantity import quantity_order

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\Z")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdwy])")

_LONGEST = 100
"""Characters of a number; looking at ten thousand digits takes seconds, and they mean nothing."""
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}


def parse_number(text: str) -> float | None:
    """`3`, `-0.5`, `1e3`; None if it is no number."""
    return _finite(float(text)) if len(text) <= _LONGEST and _NUMBER.match(text) else None


def parse_quantity(text: str) -> float | None:
    """`500m` (0.5), `2Gi` (bytes), or a plain number; None if it is none of them."""
    size = quantity_order(text) if len(text) <= _LONGEST else None
    return None if size is None else _finite(size)


def parse_duration(text: str) -> float | None:
    """`90s`, `10m`, `1h30m`, `2d`, `1w`, `1y`, in seconds; a plain number is seconds; None if it is no duration."""
    plain = parse_number(text)
    if plain is not None:
        return plain if plain >= 0 else None
    seconds, at = 0.0, 0
    if len(text) > _LONGEST:
        return None
    while found := _DURATION.match(text, at):
        seconds += float(found[1]) * _SECONDS[found[2]]
        at = found.end()
    return _finite(seconds) if at and at == len(text) else None


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
