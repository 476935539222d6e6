"""Two texts side by side, line by line: what a diff view draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_LONGEST_EXACT = 4000
"""Lines up to which every line counts; beyond, frequent ones are no anchors, which keeps it fast."""


class Row(NamedTuple):
    """A line on the left, on the right or on both; `mark` is ` ` same, `~` changed, `+` only right, `-` only left."""

    left: str
    right: str
    mark: str


def side_by_side(old: str, new: str) -> tuple[Row, ...]:
    """The rows of both texts, aligned; lines that replace each other share a row."""
    return tuple(_rows(old.splitlines(), new.splitlines()))


def _rows(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    yield from (Row(line, line, " ") for line in old[:start])
    was, now = old[start : len(old) - end], new[start : len(new) - end]
    exact = max(len(was), len(now)) <= _LONGEST_EXACT
    for mark, i1, i2, j1, j2 in SequenceMatcher(None, was, now, autojunk=not exact).get_opcodes():
        if mark == "equal":
            yield from (Row(line, line, " ") for line in was[i1:i2])
        else:
            yield from _replaced(was[i1:i2], now[j1:j2])
    yield from (Row(line, line, " ") for line in old[len(old) - end :])


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """How many lines both begin with."""
    count = 0
    for left, right in zip(old, new, strict=False):
        if left != right:
            break
        count += 1
    return count


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    """Lines of the same field share a row, the others follow each other, in the order of both sides."""
    right = 0
    for line in old:
        field = _field(line)
        partner = next((at for at in range(right, len(new)) if _field(new[at]) == field), None) if field else None
        if partner is None:
            yield Row(line, "", "-")
            continue
        yield from (Row("", each, "+") for each in new[right:partner])
        yield Row(line, new[partner], "~")
        right = partner + 1
    yield from (Row("", each, "+") for each in new[right:])


def _field(line: str) -> str:
    """The indentation and name of `    image: web:1.4`; empty if the line names no field."""
    name, colon, _ = line.partition(":")
    return name if colon else ""
