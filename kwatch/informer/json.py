"""JSON of objects, with what msgspec cannot take: integers of any size, deep nesting, half a surrogate pair."""

from __future__ import annotations

import json
from typing import Any

import msgspec


def parsed(raw: bytes) -> dict[str, Any]:
    """The tree of an object's JSON; raise msgspec.DecodeError if it nests deeper than what is left of the stack."""
    try:
        tree: dict[str, Any] = msgspec.json.decode(raw)
    except RecursionError:
        raise msgspec.DecodeError("nested too deep to be parsed this deep in the stack") from None
    except msgspec.DecodeError:
        # Numbers that are out of range are legal JSON; everything else was seen to be well-formed when it arrived.
        tree = json.loads(raw, parse_int=_integer)
    return tree


def encoded(tree: Any) -> bytes:
    """A tree as JSON, with what only JSON's escapes or Python's integers can say."""
    try:
        return msgspec.json.encode(tree)
    except (UnicodeEncodeError, OverflowError):
        return json.dumps(tree, separators=(",", ":")).encode()


def _integer(digits: str) -> int | float:
    """Python refuses to read integers of thousands of digits, for the time it would take."""
    return int(digits) if len(digits) < 1000 else float(digits)
