"""Values of a JSON tree as text, the way Go prints them: what the server does for string columns of CRDs."""

from __future__ import annotations

import json
import math
from typing import Any


def go_text(value: Any) -> str:
    """`true`, `3`, `2.5`, the text itself; lists and objects as compact JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return go_number(value)
    return _json(value)


def go_print(value: Any) -> str:
    """The same for lists and objects in Go's own notation: `[a b]`, `map[key:value]`."""
    if value is None:
        return "<nil>"
    if isinstance(value, dict):
        return f"map[{' '.join([f'{key}:{go_print(value[key])}' for key in sorted(value)])}]"
    return f"[{' '.join(map(go_print, value))}]" if isinstance(value, list) else go_text(value)


def go_upper(text: str) -> str:
    """Capitals, as many as there were letters: what has none of one letter stays."""
    return "".join([each.upper() if len(each.upper()) == 1 else each for each in text])


_FIXED = range(-4, 6)
"""Exponents of ten that need none in the text. From 1e6 on, Go writes one: 12345678.9 is 1.23456789e+07."""

_FIXED_IN_JSON = range(-6, 21)


def go_number(value: float) -> str:
    """The shortest decimal that reads back the same. Whole numbers of 64 bits are whole, whatever they came as."""
    if isinstance(value, float) and not math.isfinite(value):
        return {math.inf: "+Inf", -math.inf: "-Inf"}.get(value, "NaN")
    return _number(value, _FIXED, 2)


def json_number(value: float) -> str:
    """As Go writes it into JSON."""
    return _number(value, _FIXED_IN_JSON, 1)


def _number(value: float, fixed: range, width: int) -> str:
    """Fixed for these exponents of ten, else with an exponent of so many digits at least."""
    if (isinstance(value, int) or value.is_integer()) and -(2**63) <= value < 2**63:
        return str(int(value))
    digits, exponent, sign = _decimal(value)
    return sign + (_fixed(digits, exponent) if exponent in fixed else _scientific(digits, exponent, width))


def _decimal(value: float) -> tuple[str, int, str]:
    """The digits that matter, the power of ten of the first of them, and the sign."""
    try:
        text = repr(abs(float(value)))
    except OverflowError:
        text = str(abs(value))
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    first = len(whole) - 1 - (len(whole + fraction) - len(digits))
    return digits.rstrip("0") or "0", first + int(exponent or 0), "-" if value < 0 else ""


def _fixed(digits: str, exponent: int) -> str:
    if exponent < 0:
        return f"0.{'0' * (-exponent - 1)}{digits}"
    whole, fraction = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{whole}.{fraction}" if fraction else whole


def _scientific(digits: str, exponent: int, width: int) -> str:
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):0{width}d}"


def _json(value: Any) -> str:
    match value:
        case dict():
            return "{" + ",".join([f"{_json_string(key)}:{_json(value[key])}" for key in sorted(value)]) + "}"
        case list():
            return "[" + ",".join(map(_json, value)) + "]"
        case str():
            return _json_string(value)
        case float() | int() if not isinstance(value, bool):
            return json_number(value)
    return json.dumps(value)


def _json_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).translate(_ESCAPED)


_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "&<>\u2028\u2029"}
