"""The steps of a JSONPath: each takes one value and gives those it leads to.

A step raises Mismatch where client-go gives up: an index beyond the end, a filter on what is no list, values of
different kinds compared. Whoever walks a path decides whether that ends the walk or only leaves the value out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Step = Callable[[Any], Iterator[Any]]


class Mismatch(Exception):
    """The value is not what the step is for."""


@dataclass(frozen=True, slots=True)
class Field:
    """What a mapping has under a key."""

    key: str

    def __call__(self, value: Any) -> Iterator[Any]:
        """The value there, if any."""
        if isinstance(value, dict) and self.key in value:
            yield value[self.key]


def index(number: int) -> Step:
    """One item of a list; negative from the end."""

    def step(value: Any) -> Iterator[Any]:
        if value is None:
            return
        if not isinstance(value, list) or not -len(value) <= number < len(value):
            raise Mismatch
        yield value[number]

    return step


def part(start: int | None, stop: int | None, stride: int | None) -> Step:
    """A slice of a list."""
    slice_ = slice(start, stop, stride)

    def step(value: Any) -> Iterator[Any]:
        if value is None:
            return
        if not isinstance(value, list):
            raise Mismatch
        yield from value[slice_]
        if _reaches_out(len(value), start, stop, stride):
            raise Mismatch

    return step


def _reaches_out(length: int, start: int | None, stop: int | None, stride: int | None) -> bool:
    """Whether client-go refuses the slice of a list so long."""
    first = (start or 0) + (length if (start or 0) < 0 else 0)
    last = length if stop is None else stop + (length if stop < 0 else 0)
    if first == last:
        return False
    return not 0 <= first < length or not first < last <= length or (stride is not None and stride < 1)


def union(steps: list[Step]) -> Step:
    """What any of several steps leads to, one after the other."""

    def step(value: Any) -> Iterator[Any]:
        for each in steps:
            yield from each(value)

    return step


def children(value: Any) -> Iterator[Any]:
    """Everything in a mapping, by key, or in a list."""
    if isinstance(value, dict):
        for key in sorted(value):
            yield value[key]
    elif isinstance(value, list):
        yield from value


def items(value: Any) -> Iterator[Any]:
    """Everything in a list; of a mapping too, as people expect of `[*]`."""
    if value is None:
        return
    yield from children(value)
    if not isinstance(value, list):
        raise Mismatch


def descend(value: Any) -> Iterator[Any]:
    """The value and all within it."""
    pending = [value]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(list(children(current))))


def chosen(holds: Callable[[Any], bool]) -> Step:
    """The items of a list for which a condition holds."""

    def step(value: Any) -> Iterator[Any]:
        if not isinstance(value, list):
            raise Mismatch
        refused = False
        for item in value:
            try:
                if holds(item):
                    yield item
            except Mismatch:
                refused = True
        if refused:
            raise Mismatch

    return step


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(sign: str, ours: list[Any], theirs: list[Any]) -> bool:
    """Whether two single values compare so; raise Mismatch for several, or for values of different kinds."""
    if not ours or not theirs:
        return False
    if len(ours) > 1 or len(theirs) > 1:
        raise Mismatch
    kind = _kind(ours[0])
    if kind is None or kind is not _kind(theirs[0]) or (kind is bool and sign not in ("==", "!=")):
        raise Mismatch
    return COMPARISONS[sign](ours[0], theirs[0])


def _kind(value: Any) -> type | None:
    """Whole numbers are not compared with others, as in client-go; a whole float came as a whole number."""
    if isinstance(value, float):
        return int if value.is_integer() else float
    return type(value) if type(value) in (bool, int, str) else None
