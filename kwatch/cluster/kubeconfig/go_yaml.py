"""YAML as kubectl reads it: the first document of a file, by the rules of Go's yaml.v2, made JSON by sigs.k8s.io/yaml.

It differs from PyYAML in what counts as a boolean (`y`, `off`), a number (`1e3`, never `1:30`) or a date (none), in
that unknown tags are ignored and later merge keys win, and in that nothing after the first document is looked at.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from typing import Any

from kwatch.base.yaml_nodes import Node, Scalar, Sequence, YAMLProblem, compose, is_merge

_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]{0,19})")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((f"{sign}.{word}" for sign in ("", "+") for word in ("inf", "Inf", "INF")), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_TYPES = {"bool": bool, "int": int, "float": float, "null": type(None), "str": str}


def first_document(content: bytes) -> Any:
    """The tree of the first document, with texts for keys; None if there is none. Raise YAMLProblem."""
    try:
        node = compose(content, first_only=True, versions=((1, 1),))
        return None if node is None else _value(node)
    except RecursionError:
        raise YAMLProblem("it is nested too deep") from None


def _value(node: Node) -> Any:
    if isinstance(node, Scalar):
        return _scalar(node)
    if isinstance(node, Sequence):
        return [_value(each) for each in node.items]
    tree: dict[str, Any] = {}
    for key, value in node.pairs:
        if is_merge(key):
            _merge(tree, _value(value), key)
        else:
            tree[_key(_value(key), key)] = _value(value)
    return tree


def _merge(tree: dict[str, Any], value: Any, key: Node) -> None:
    sources = value if isinstance(value, list) else [value]
    if not all(isinstance(each, dict) for each in sources):
        raise YAMLProblem("what is merged is no mapping", key.line, key.column)
    for each in reversed(sources):
        tree |= each


def _key(key: Any, node: Node) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return str(key).lower()
    if isinstance(key, int | float):
        return str(key)
    raise YAMLProblem("a key is no text", node.line, node.column)


def _scalar(node: Scalar) -> Any:
    text = node.text
    wanted = node.tag.removeprefix(_TAG)
    if (not node.plain and not node.tag) or wanted == "str":
        return text
    if wanted == "binary":
        return _binary(text, node)
    if wanted and wanted not in _TYPES:
        return text
    value = _plain(text)
    if wanted == "float" and type(value) is int:
        value = float(value)
    if wanted and type(value) is not _TYPES[wanted]:
        raise YAMLProblem(f"{text[:20]!r} is not of the type !!{wanted}", node.line, node.column)
    if isinstance(value, float) and not math.isfinite(value):
        raise YAMLProblem(f"{text[:20]!r} is no number that JSON knows", node.line, node.column)
    return value


def _plain(text: str) -> Any:
    """What a plain scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    digits = text.replace("_", "") if text[0] in "+-0123456789" else text
    if digits[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(digits):
        number = _integer(digits)
        if -(2**63) <= number < 2**64 and not (digits[0] == "+" and number >= 2**63):
            return number
    if _FLOAT.fullmatch(digits):
        decimal = float(digits)
        return decimal if math.isfinite(decimal) else text
    return text


def _integer(digits: str) -> int:
    """Of digits as Go writes them: a leading zero alone makes them octal."""
    bare = digits.lstrip("+-")
    octal = len(bare) > 1 and bare[0] == "0" and bare[1].isdecimal()
    return int(digits, 8 if octal else 0)


def _binary(text: str, node: Scalar) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise YAMLProblem("!!binary is not followed by base64", node.line, node.column) from None
