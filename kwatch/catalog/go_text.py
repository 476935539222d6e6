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
    if isinstance(value, float):
        return go_float(value)
    if isinstance(value, dict | list):
        return _json(value)
    return str(value)


def go_float(value: float) -> str:
    """The shortest decimal that reads back the same; with an exponent below 1e-4 and from 1e21 on."""
    if not math.isfinite(value):
        return {math.inf: "+Inf", -math.inf: "-Inf"}.get(value, "NaN")
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return repr(value)


def _json(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
