"""YAML as kubectl reads it: the first document of a file, by the rules of Go's yaml.v2, made JSON by sigs.k8s.io/yaml.

It differs from PyYAML in what counts as a boolean (`y`, `off`), a number (`1e3`, never `1:30`) or a date (none), in
that unknown tags are ignored and later merge keys win, and in that nothing after the first document is looked at.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

MOST_NODES = 1_000_000
"""How much aliases may blow a file up to."""
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


class YAMLProblem(ValueError):
    """What is wrong, and where if that is known: lines and columns count from 1."""

    def __init__(self, problem: str, mark: Any = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line: int | None = mark.line + 1 if mark is not None else None
        self.column: int | None = mark.column + 1 if mark is not None else None


def first_document(content: bytes) -> Any:
    """The tree of the first document, with texts for keys; None if there is none. Raise YAMLProblem."""
    events = yaml.parse(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    try:
        return _Document(events).tree()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None)
        raise YAMLProblem(problem if isinstance(problem, str) else "it is not text", mark) from error
    except RecursionError:
        raise YAMLProblem("it is nested too deep") from None


class _Document:
    """Builds the tree from the parser's events."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, tuple[Any, int]] = {}
        """Values by anchor, each with the number of nodes in it."""
        self._unfinished: set[str] = set()
        self._nodes = 0

    def tree(self) -> Any:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if event.version not in (None, (1, 1)):
                    raise YAMLProblem("it says that it is not YAML 1.1, which is all that kubectl reads")
                return self._value(next(self._events))
        return None

    def _value(self, event: Any) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        before = self._nodes
        self._count(1)
        if event.anchor is not None:
            self._unfinished.add(event.anchor)
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._list()
        else:
            value = self._mapping()
        if event.anchor is not None:
            self._unfinished.discard(event.anchor)
            self._anchors[event.anchor] = value, self._nodes - before
        return value

    def _alias(self, event: Any) -> Any:
        if event.anchor in self._unfinished:
            raise YAMLProblem(f"the anchor {event.anchor!r} contains itself", event.start_mark)
        if event.anchor not in self._anchors:
            raise YAMLProblem(f"the anchor {event.anchor!r} is not known", event.start_mark)
        value, nodes = self._anchors[event.anchor]
        self._count(nodes)
        return value

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MOST_NODES:
            raise YAMLProblem("its aliases make it too large")

    def _list(self) -> list[Any]:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event))
        return items

    def _mapping(self) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            merges = isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]
            key = self._value(event)
            value = self._value(next(self._events))
            if merges:
                _merge(tree, value, event)
            else:
                tree[_key(key, event)] = value
        return tree


def _merge(tree: dict[str, Any], value: Any, event: Any) -> None:
    sources = value if isinstance(value, list) else [value]
    if not all(isinstance(each, dict) for each in sources):
        raise YAMLProblem("what is merged is no mapping", event.start_mark)
    for each in reversed(sources):
        tree |= each


def _key(key: Any, event: Any) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return str(key).lower()
    if isinstance(key, int | float):
        return str(key)
    raise YAMLProblem("a key is no text", event.start_mark)


def _scalar(event: Any) -> Any:
    plain, text = event.implicit[0], event.value
    wanted = (event.tag or "").removeprefix(_TAG)
    if (not plain and not event.tag) or wanted == "str":
        return text
    if wanted == "binary":
        return _binary(text, event)
    if wanted and wanted not in _TYPES:
        return text
    value = _plain(text)
    if wanted == "float" and type(value) is int:
        value = float(value)
    if wanted and type(value) is not _TYPES[wanted]:
        raise YAMLProblem(f"{text[:20]!r} is not of the type !!{wanted}", event.start_mark)
    if isinstance(value, float) and not math.isfinite(value):
        raise YAMLProblem(f"{text[:20]!r} is no number that JSON knows", event.start_mark)
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


def _binary(text: str, event: Any) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise YAMLProblem("!!binary is not followed by base64", event.start_mark) from None
