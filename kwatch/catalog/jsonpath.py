"""JSONPath as printer columns of CRDs use it: `.spec.size`, `.status.conditions[?(@.type=="Ready")].status`.

The subset is client-go's: dots with escapes, quoted brackets, indexes and slices (negative ones too), wildcards,
recursive descent, unions of keys, and filters that compare (`==`, `!=`, `<`, `<=`, `>`, `>=`) or ask for existence.
What is not there selects nothing.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

Step = Callable[[Any], Iterator[Any]]
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class JSONPathError(ValueError):
    """The expression is no JSONPath; the message says where it breaks."""


@dataclass(frozen=True, slots=True)
class JSONPath:
    text: str
    steps: tuple[Step, ...]
    root: str | None = None
    """The field it begins with; None if it may begin anywhere."""
    fields: tuple[str, ...] = ()
    """The keys of a path that is nothing but keys, as most are."""

    def find(self, tree: Any) -> list[Any]:
        """Everything it selects, in document order; null counts as a value, and what does not fit is left out."""
        if self.fields:
            return _below(tree, self.fields)
        found = [tree]
        for step in self.steps:
            try:
                found = _apply(step, found)
            except _Mismatch:
                found = list(islice(_fitting(step, found), _MOST_RESULTS))
        return found

    def find_as_server(self, tree: Any) -> list[Any]:
        """What it selects, as find; but nothing at all if anything on the way does not fit, like an index too high."""
        if self.fields:
            return _below(tree, self.fields)
        found = [tree]
        try:
            for step in self.steps:
                found = _apply(step, found)
        except _Mismatch:
            return []
        return found


def _below(value: Any, keys: tuple[str, ...]) -> list[Any]:
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return []
        value = value[key]
    return [value]


def _apply(step: Step, values: list[Any]) -> list[Any]:
    return list(islice(chain.from_iterable(map(step, values)), _MOST_RESULTS))


def _fitting(step: Step, values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        try:
            yield from step(value)
        except _Mismatch:
            continue


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
    parsed = tuple(_steps(stripped, text))
    fields = [step.key for step in parsed if isinstance(step, _Field)]
    return JSONPath(text, parsed, _root(stripped), tuple(fields) if len(fields) == len(parsed) else ())


def _root(path: str) -> str | None:
    start = 1 if path[:1] in ("$", "@") else 0
    match = _FIELD.match(path, start + 1 if path.startswith(".", start) else start)
    return match[0] if match is not None and match[0].isidentifier() else None


_FIELD = re.compile(r"(?:[^\s.\[\]\\{}'\"]|\\.)+")
_INDEX = re.compile(r"-?\d+$")
_SLICE = re.compile(r"(-?\d+)?:(-?\d+)?(?::(-?\d+))?$")
_KEYS = re.compile(r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:\s*,\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))*$""")
_KEY = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_COMPARISON = re.compile(rf"(.*?)({'|'.join(sorted(_COMPARISONS, key=len, reverse=True))})(.+)$", re.DOTALL)


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
            if path.startswith("[", position) or position == len(path):
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
        yield _children if match[0] == "*" else _Field(re.sub(r"\\(.)", r"\1", match[0]))
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
        return _items
    if _INDEX.match(inner):
        return _item(int(inner))
    if match := _SLICE.match(inner):
        start, stop, stride = (int(part) if part else None for part in match.groups())
        if stride == 0:
            raise JSONPathError("a slice's step must not be 0")
        return _slice(start, stop, stride)
    if _KEYS.match(inner):
        keys = [re.sub(r"\\(.)", r"\1", key[1:-1]) for key in _KEY.findall(inner)]
        return _union([_Field(key) for key in keys])
    if inner.startswith("?(") and inner.endswith(")"):
        return _filter(_condition(inner[2:-1].strip(), whole))
    if "," in inner:
        return _union([_bracket(part.strip(), whole) for part in inner.split(",")])
    if _FIELD.fullmatch(inner):
        return _Field(inner)
    raise JSONPathError(f"{whole!r} breaks at {inner!r}")


def _condition(text: str, whole: str) -> Callable[[Any], bool]:
    match = _COMPARISON.match(text)
    if match is None:
        path = parse_json_path(_relative(text, whole))
        return lambda item: bool(path.find(item))
    left, sign, right = _operand(match[1].strip(), whole), match[2], _operand(match[3].strip(), whole)
    return lambda item: _compare(sign, left(item), right(item))


def _operand(text: str, whole: str) -> Callable[[Any], list[Any]]:
    if text.startswith(("@", "$")):
        # As in client-go, `$` is the item too.
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


# The steps of a path: each takes one value and gives those it leads to. A step raises _Mismatch where client-go gives
# up: an index beyond the end, a filter on what is no list, values of different kinds compared. The path decides whether
# that ends the walk or only leaves the value out.


class _Mismatch(Exception):
    """The value is not what the step is for."""


@dataclass(frozen=True, slots=True)
class _Field:
    """What a mapping has under a key."""

    key: str

    def __call__(self, value: Any) -> Iterator[Any]:
        if isinstance(value, dict) and self.key in value:
            yield value[self.key]


def _item(number: int) -> Step:
    """One item of a list; negative from the end."""

    def step(value: Any) -> Iterator[Any]:
        if value is None:
            return
        if not isinstance(value, list) or not -len(value) <= number < len(value):
            raise _Mismatch
        yield value[number]

    return step


def _slice(start: int | None, stop: int | None, stride: int | None) -> Step:
    slice_ = slice(start, stop, stride)

    def step(value: Any) -> Iterator[Any]:
        if value is None:
            return
        if not isinstance(value, list):
            raise _Mismatch
        yield from value[slice_]
        if _reaches_out(len(value), start, stop, stride):
            raise _Mismatch

    return step


def _reaches_out(length: int, start: int | None, stop: int | None, stride: int | None) -> bool:
    """Whether client-go refuses the slice of a list so long."""
    first = (start or 0) + (length if (start or 0) < 0 else 0)
    last = length if stop is None else stop + (length if stop < 0 else 0)
    if first == last:
        return False
    return not 0 <= first < length or not first < last <= length or (stride is not None and stride < 1)


def _union(steps: list[Step]) -> Step:
    """What any of several steps leads to, one after the other."""

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


def _items(value: Any) -> Iterator[Any]:
    """Everything in a list; of a mapping too, as people expect of `[*]`."""
    if value is None:
        return
    yield from _children(value)
    if not isinstance(value, list):
        raise _Mismatch


def _descend(value: Any) -> Iterator[Any]:
    """The value and all within it."""
    pending = [value]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(list(_children(current))))


def _filter(holds: Callable[[Any], bool]) -> Step:
    """The items of a list for which a condition holds."""

    def step(value: Any) -> Iterator[Any]:
        if not isinstance(value, list):
            raise _Mismatch
        refused = False
        for item in value:
            try:
                if holds(item):
                    yield item
            except _Mismatch:
                refused = True
        if refused:
            raise _Mismatch

    return step


def _compare(sign: str, ours: list[Any], theirs: list[Any]) -> bool:
    """Whether two single values compare so; raise _Mismatch for several, or for values of different kinds."""
    if not ours or not theirs:
        return False
    if len(ours) > 1 or len(theirs) > 1:
        raise _Mismatch
    kind = _kind(ours[0])
    if kind is None or kind is not _kind(theirs[0]) or (kind is bool and sign not in ("==", "!=")):
        raise _Mismatch
    return _COMPARISONS[sign](ours[0], theirs[0])


def _kind(value: Any) -> type | None:
    """Whole numbers are not compared with others, as in client-go; a whole float came as a whole number."""
    if isinstance(value, float):
        return int if value.is_integer() else float
    return type(value) if type(value) in (bool, int, str) else None
