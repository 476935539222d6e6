"""KYAML as kubectl writes it (`-o kyaml`): braces and quotes as in JSON, bare keys, and texts of several lines as such.

What a terminal would obey is escaped by its rules.
"""

from __future__ import annotations

import math
import re
import unicodedata
from calendar import isleap, monthrange
from collections.abc import Mapping
from typing import Any

from kwatch.catalog.go_text import json_number

_STEP = "  "
_FOLD = "\\\n"
_ESCAPES = {
    "\0": "0", "\a": "a", "\b": "b", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e", '"': '"', "\\": "\\",
    "\x85": "N", "\xa0": "_", "\u2028": "L", "\u2029": "P",
}  # fmt: skip
_WORDS = frozenset({"null", "true", "y", "yes", "on", "false", "n", "no", "off", "t", "f", "inf", "infinity", "nan"})
_NO_FLOATS = ("inf", "infinity", "nan")
_PREFIXED = re.compile(r"0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+", re.ASCII)
_FLOAT = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]-?[0-9]+)?", re.ASCII)
_HEX_FLOAT = re.compile(r"0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP]-?[0-9]+", re.ASCII)
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", re.ASCII)


def to_kyaml(tree: Any) -> str:
    """A document with its head, keys sorted."""
    return f"---\n{_node(tree, '')}\n"


def _node(value: Any, margin: str) -> str:
    """It begins where its first line does; `margin` is that of the lines after it."""
    if isinstance(value, str):
        return _text(value, margin + _STEP)
    if isinstance(value, Mapping):
        return _mapping(value, margin)
    if isinstance(value, list | tuple):
        return _sequence(value, margin)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value) if isinstance(value, int) else json_number(value)


def _mapping(tree: Mapping[str, Any], margin: str) -> str:
    if not tree:
        return "{}"
    inner = margin + _STEP
    lines = [f"{inner}{_key(key)}: {_node(tree[key], inner)},\n" for key in sorted(tree)]
    return f"{{\n{''.join(lines)}{margin}}}"


def _sequence(items: list[Any] | tuple[Any, ...], margin: str) -> str:
    """Where all are lists or mappings, they open and close beside its brackets."""
    if not items:
        return "[]"
    if all(isinstance(each, Mapping | list | tuple) for each in items):
        return f"[{', '.join([_node(each, margin) for each in items])}]"
    inner = margin + _STEP
    lines = [f"{inner}{_node(each, inner)},\n" for each in items]
    return f"[\n{''.join(lines)}{margin}]"


def _key(text: str) -> str:
    return text if _may_be_bare(text) else '"' + "".join([_escaped(each) for each in text]).replace("\t", "\\t") + '"'


def _text(text: str, margin: str) -> str:
    """Tabs stay. A line of several keeps its first space behind a backslash; YAML would drop it."""
    if "\n" not in text:
        return '"' + "".join([_escaped(each) for each in text]) + '"'
    lines = []
    *ended, last = text.split("\n")
    for line in ended:
        lines.append(_line(line, margin) + "\\n" + _FOLD)
    if last:
        lines.append(_line(last, margin) + _FOLD)
    return f'"{_FOLD}{"".join(lines)}{margin}"'


def _line(line: str, margin: str) -> str:
    return margin + ("\\" if line[:1] in (" ", "\t") else " ") + "".join([_escaped(each) for each in line])


def _escaped(character: str) -> str:
    short = _ESCAPES.get(character)
    if short is not None:
        return "\\" + short
    if character == "\t" or character.isprintable():
        return character
    code = ord(character)
    if 0xD800 <= code < 0xE000:
        code = 0xFFFD
    return f"\\x{code:02x}" if code < 0x20 or code == 0x7F else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _may_be_bare(key: str) -> bool:
    """Whether it needs no quotes: letters, digits and a few marks inside, and nothing that YAML reads otherwise."""
    last = len(key) - 1
    for at, each in enumerate(key):
        if unicodedata.category(each)[0] not in "LN" and each != "_" and not (0 < at < last and each in "-./"):
            return False
    if not key or key.lower() in _WORDS or key in ("0", "1"):
        return False
    return not (_is_number(key.replace("_", "")) or _is_date(key))


def _is_number(key: str) -> bool:
    """Of those that Go can hold."""
    if _PREFIXED.fullmatch(key):
        return int(key, 0) < 2**63
    if _HEX_FLOAT.fullmatch(key):
        return True
    return key.lower() in _NO_FLOATS or (_FLOAT.fullmatch(key) is not None and math.isfinite(float(key)))


def _is_date(key: str) -> bool:
    found = _DATE.fullmatch(key)
    if found is None:
        return False
    year, month, day = map(int, found.groups())
    if not 1 <= month <= 12:
        return False
    days = 29 if month == 2 and isleap(year) else monthrange(2001, month)[1]
    return 1 <= day <= days
