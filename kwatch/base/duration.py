"""Durations in seconds: as kubectl prints them, and as filters, settings and Go write them."""

from __future__ import annotations

import math
import re

from kwatch.base.quantity import parse_number

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdwy])")
_SPAN = re.compile(r"(\d{1,9}(?:\.\d+)?)([smhd])")
_GO_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_GO_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST = 100
"""Characters of a duration; looking at ten thousand digits takes seconds, and they mean nothing."""

_MINUTE = 60
_HOUR = 3600
_DAY = 24 * _HOUR
_YEAR = 365 * _DAY


def humanize(seconds: float) -> str:
    """`45s`, `2m50s`, `18m`, `3h12m`, `47h`, `3d4h`, `200d`, `3y40d`, `9y`; `<invalid>` for the future."""
    whole = int(seconds)
    if whole < 0:
        return "0s" if whole == -1 else "<invalid>"
    if whole < 2 * _MINUTE:
        return f"{whole}s"
    if whole < 10 * _MINUTE:
        return _two(whole, _MINUTE, "m", 1, "s")
    if whole < 3 * _HOUR:
        return f"{whole // _MINUTE}m"
    if whole < 8 * _HOUR:
        return _two(whole, _HOUR, "h", _MINUTE, "m")
    if whole < 2 * _DAY:
        return f"{whole // _HOUR}h"
    if whole < 8 * _DAY:
        return _two(whole, _DAY, "d", _HOUR, "h")
    if whole < 2 * _YEAR:
        return f"{whole // _DAY}d"
    if whole < 8 * _YEAR:
        return _two(whole, _YEAR, "y", _DAY, "d")
    return f"{whole // _YEAR}y"


def unchanged_for(seconds: float) -> float:
    """For how many seconds more `humanize` says what it says of so many: a second at most while that is few minutes."""
    step = next((unit for limit, unit in _STEPS if seconds < limit), _DAY)
    return step - seconds % step


_STEPS = ((10 * _MINUTE, 1), (8 * _HOUR, _MINUTE), (8 * _DAY, _HOUR))
"""Up to so many seconds, what is said changes at whole multiples of so many, if at all; then with the days."""


def _two(seconds: int, large: int, large_name: str, small: int, small_name: str) -> str:
    rest = seconds % large // small
    return f"{seconds // large}{large_name}{rest}{small_name}" if rest else f"{seconds // large}{large_name}"


def parse_duration(text: str) -> float | None:
    """`90s`, `10m`, `1h30m`, `2d`, `1w`, `1y`, as filters write them; a plain number is seconds; None if it is none."""
    plain = parse_number(text)
    if plain is not None:
        return plain if plain >= 0 else None
    if len(text) > _LONGEST:
        return None
    seconds, at = 0.0, 0
    while found := _PART.match(text, at):
        seconds += float(found[1]) * SECONDS[found[2]]
        at = found.end()
    return seconds if at and at == len(text) and math.isfinite(seconds) else None


def parse_span(text: str) -> float:
    """`30s`, `10m`, `2h`, `1d`, as settings and options write them; raise ValueError with a sentence."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time; write 30s, 10m, 2h or 1d")
    return float(match[1]) * SECONDS[match[2]]


def parse_go_duration(text: str) -> float | None:
    """`30s`, `1m30s`, `-1.5h`, as Go's time.ParseDuration reads them; None if it is no duration."""
    bare = text[1:] if text[:1] in ("+", "-") else text
    parts = _GO_PART.findall(bare)
    if not parts or "".join([number + unit for number, unit in parts]) != bare:
        return None
    seconds = sum(float(number) * _GO_SECONDS[unit] for number, unit in parts)
    return -seconds if text[0] == "-" else seconds
