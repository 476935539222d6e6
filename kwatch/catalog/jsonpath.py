"""JSONPath as printer columns of CRDs use it: `.spec.size`, `.status.conditions[?(@.type=="Ready")].status`.

The subset is client-go's: dots with escapes, quoted brackets, indexes and slices (negative ones too), wildcards,
recursive descent, unions of keys, and filters that compare (`==`, `!=`, `<`, `<=`, `>`, `>=`) or ask for existence.
What is not there selects nothing.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

Step = Callable[[Any], Iterator[Any]]


class JSONPathError(ValueError):
    """The expression is no JSONPath; the message says where it breaks."""


@dataclass(frozen=True, slots=True)
class JSONPath:
    """A compiled expression."""

    text: str
    steps: tuple[Step, ...]
    root: str | None = None
    """The field it begins with; None if it may begin anywhere."""

    def find(self, tree: Any) -> list[Any]:
        """Everything it selects, in document order; null counts as a value."""
        found = [tree]
        for step in self.steps:
            found = list(islice(chain.from_iterable(map(step, found)), _MOST_RESULTS))
        return found


_MOST_FILTERS = 50
"""Filters may nest, and recursion has an end."""

_MOST_RESULTS = 100_000
"""Two descents after each other multiply; a path that an unknown author wrote must not stop the program."""


def parse_json_path(text: str) -> JSONPath:
    """Compile; surrounding braces and a leading `$` or `@` are optional. Raise JSONPathError."""
    stripped = text.strip()
    if stripped.startswith("{") and stripped.endswith("}"):
        stripped = stripped[1:-1].strip()
    if stripped.count("?(") > _MOST_FILTERS:
        raise JSONPathError(f"{text[:40]!r}... has more than {_MOST_FILTERS} filters")
    steps = tuple(_steps(stripped, text))
    return JSONPath(text, steps, _root(stripped))


def _root(path: str) -> str | None:
    start = 1 if path[:1] in ("$", "@") else 0
    match = _FIELD.match(path, start + 1 if path.startswith(".", start) else start)
    return match[0] if match is not None and match[0].isidentifier() else None


_FIELD = re.compile(r"(?:[^\s.\[\]\\{}'\"]|\\.)+")
_INDEX = re.compile(r"-?\d+$")
_SLICE = re.compile(r"(-?\d+)?:(-?\d+)?(?::(-?\d+))?$")
_KEYS = re.compile(r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:\s*,\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))*$""")
_KEY = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_COMPARISON = re.compile(r"(.*?)(==|!=|<=|>=|<|>)(.+)$", re.DOTALL)


def _steps(path: str, whole: str) -> Iterator[Step]:
    position = 1 if path[:1] in ("$", "@") else 0
    if position == len(path):
        if not path:
            raise JSONPathError(f"{whole!r} is empty")
        return
    while position < len(path):
        if path.startswith("..", position):
            yield _descend
            position += 2
            if path.startswith("[", position):
                continue
        elif path[position] == "[":
            end = _closing_bracket(path, position, whole)
            yield _bracket(path[position + 1 : end].strip(), whole)
            position = end + 1
            continue
        elif path[position] == ".":
            position += 1
            if path.startswith("[", position) or position == len(path):
                continue
        match = _FIELD.match(path, position)
        if match is None:
            raise JSONPathError(f"{whole!r} breaks at {path[position:] or 'its end'!r}")
        yield _children if match[0] == "*" else _field(re.sub(r"\\(.)", r"\1", match[0]))
        position = match.end()


def _closing_bracket(path: str, start: int, whole: str) -> int:
    depth, quote, position = 0, "", start
    while position < len(path):
        character = path[position]
        if quote:
            if character == "\\":
                position += 1
            elif character == quote:
                quote = ""
        elif character in "'\"":
            quote = character
        elif character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
            if depth == 0:
                return position
        position += 1
    raise JSONPathError(f"{whole!r} has an unclosed bracket")


def _bracket(inner: str, whole: str) -> Step:
    if inner == "*":
        return _children
    if _INDEX.match(inner):
        return _index(int(inner))
    if match := _SLICE.match(inner):
        return _slice(slice(*(int(part) if part else None for part in match.groups())))
    if _KEYS.match(inner):
        keys = [re.sub(r"\\(.)", r"\1", key[1:-1]) for key in _KEY.findall(inner)]
        return _union([_field(key) for key in keys])
    if inner.startswith("?(") and inner.endswith(")"):
        return _filter(inner[2:-1].strip(), whole)
    if "," in inner:
        return _union([_bracket(part.strip(), whole) for part in inner.split(",")])
    if _FIELD.fullmatch(inner):
        return _field(inner)
    raise JSONPathError(f"{whole!r} breaks at {inner!r}")


def _field(key: str) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, dict) and key in value:
            yield value[key]

    return step


def _index(index: int) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, list) and -len(value) <= index < len(value):
            yield value[index]

    return step


def _slice(part: slice) -> Step:
    if part.step == 0:
        raise JSONPathError("a slice's step must not be 0")

    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, list):
            yield from value[part]

    return step


def _union(steps: list[Step]) -> Step:
    def step(value: Any) -> Iterator[Any]:
        for each in steps:
            yield from each(value)

    return step


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key in sorted(value):
            yield value[key]
    elif isinstance(value, list):
        yield from value


def _descend(value: Any) -> Iterator[Any]:
    pending = [value]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(list(_children(current))))


def _filter(condition: str, whole: str) -> Step:
    holds = _condition(condition, whole)

    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, list):
            yield from (item for item in value if holds(item))

    return step


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _condition(text: str, whole: str) -> Callable[[Any], bool]:
    match = _COMPARISON.match(text)
    if match is None:
        path = parse_json_path(_relative(text, whole))
        return lambda item: bool(path.find(item))
    left, compare, right = _operand(match[1].strip(), whole), _OPERATORS[match[2]], _operand(match[3].strip(), whole)

    def holds(item: Any) -> bool:
        ours, theirs = left(item), right(item)
        try:
            return len(ours) == 1 and len(theirs) == 1 and bool(compare(ours[0], theirs[0]))
        except TypeError:
            return False

    return holds


def _operand(text: str, whole: str) -> Callable[[Any], list[Any]]:
    if text.startswith("@"):
        return parse_json_path(text).find
    if _KEY.fullmatch(text):
        literal: Any = re.sub(r"\\(.)", r"\1", text[1:-1])
    elif text in ("true", "false"):
        literal = text == "true"
    else:
        try:
            literal = float(text) if "." in text else int(text)
        except ValueError:
            raise JSONPathError(f"{whole!r} compares with {text!r}, which is neither quoted nor a number") from None
    return lambda item: [literal]


def _relative(text: str, whole: str) -> str:
    if not text.startswith("@"):
        raise JSONPathError(f"{whole!r}: a filter begins with @, not {text!r}")
    return text
