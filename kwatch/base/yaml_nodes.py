"""YAML as a tree of what was written, each piece with its place.

No number, date or object is made of a text here, so that nothing in a file can break the reading: callers interpret it.

And YAML as kubectl reads it: the first document of a file, by the rules of Go's yaml.v2, made JSON by sigs.k8s.io/yaml.
It differs from PyYAML in what counts as a boolean (`y`, `off`), a number (`1e3`, never `1:30`) or a date (none), in
that unknown tags are ignored and later merge keys win, and in that nothing after the first document is looked at.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

MOST_NODES = 1_000_000
"""How much aliases may blow a file up to."""
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YAMLProblem(ValueError):
    """What is wrong, and where if that is known: lines and columns count from 1."""

    def __init__(self, problem: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """A text; `plain` if it has no quotes and may mean something else. `tag` is what it is claimed to be, or empty."""

    line: int
    column: int
    text: str
    plain: bool
    tag: str


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """A list."""

    line: int
    column: int
    items: list[Node]
    tag: str


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """Keys with their values, in order, doubled keys and merge keys (`<<`) as they stand there."""

    line: int
    column: int
    pairs: list[tuple[Node, Node]]
    tag: str


Node = Scalar | Sequence | Mapping


def is_merge(key: Node) -> bool:
    """Whether a key asks for the pairs of other mappings."""
    return isinstance(key, Scalar) and key.plain and key.text == "<<"


def compose(
    content: bytes | str,
    *,
    first_only: bool = False,
    versions: Container[tuple[int, int]] | None = None,
    most_nodes: int = MOST_NODES,
) -> Node | None:
    """The tree of a file; None if there is nothing in it. Raise YAMLProblem.

    A second document is a mistake unless only the `first_only` is wanted; so is a version that is not among `versions`.
    An alias is the very node that it names; `most_nodes` counts them as if each was written out.
    """
    try:
        return _Document(yaml.parse(content, Loader=_Loader), most_nodes).tree(first_only, versions)
    except yaml.YAMLError as error:
        raise _problem(error, content) from error
    except RecursionError:
        raise YAMLProblem("it is nested too deep") from None


class _Document:
    """Builds the tree from the parser's events."""

    def __init__(self, events: Iterator[Any], most_nodes: int) -> None:
        self._events = events
        self._most = most_nodes
        self._anchors: dict[str, tuple[Node, int]] = {}
        """Nodes by anchor, each with the number of nodes in it."""
        self._unfinished: set[str] = set()
        self._nodes = 0

    def tree(self, first_only: bool, versions: Container[tuple[int, int]] | None) -> Node | None:
        found = None
        started = False
        for event in self._events:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            if started:
                raise YAMLProblem("there is more than one document in it", *_place(event))
            started = True
            if event.version is not None and versions is not None and event.version not in versions:
                written = ".".join(map(str, event.version))
                raise YAMLProblem(f"it says that it is YAML {written}, which is not read here")
            found = self._node(next(self._events))
            if first_only:
                break
        return found

    def _node(self, event: Any) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        before = self._nodes
        self._count(1)
        if event.anchor is not None:
            self._unfinished.add(event.anchor)
        node: Node
        tag = event.tag or ""
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(*_place(event), event.value, bool(event.implicit[0]), tag)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Sequence(*_place(event), [*self._items(yaml.SequenceEndEvent)], tag)
        else:
            node = Mapping(*_place(event), [*self._pairs()], tag)
        if event.anchor is not None:
            self._unfinished.discard(event.anchor)
            self._anchors[event.anchor] = node, self._nodes - before
        return node

    def _alias(self, event: Any) -> Node:
        if event.anchor in self._unfinished:
            raise YAMLProblem(f"the anchor {event.anchor!r} contains itself", *_place(event))
        if event.anchor not in self._anchors:
            raise YAMLProblem(f"the anchor {event.anchor!r} is not known", *_place(event))
        node, nodes = self._anchors[event.anchor]
        self._count(nodes)
        return node

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > self._most:
            raise YAMLProblem("its aliases make it too large")

    def _items(self, end: type[Any]) -> Iterator[Node]:
        while not isinstance(event := next(self._events), end):
            yield self._node(event)

    def _pairs(self) -> Iterator[tuple[Node, Node]]:
        nodes = self._items(yaml.MappingEndEvent)
        for key in nodes:
            yield key, next(nodes)


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _problem(error: yaml.YAMLError, content: bytes | str) -> YAMLProblem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None)
    words = problem if isinstance(problem, str) else "it is not YAML"
    if mark is not None:
        return YAMLProblem(words, mark.line + 1, mark.column + 1)
    position = getattr(error, "position", None)
    if not isinstance(position, int):
        return YAMLProblem(words)
    before = content[:position]
    newlines = before.count(b"\n") if isinstance(before, bytes) else before.count("\n")
    return YAMLProblem(f"it is not text: {words}", newlines + 1)


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
    raise YAMLProblem("a key is not text", node.line, node.column)


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
