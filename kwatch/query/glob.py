"""`nginx*`, `node-?`: patterns over whole values. A star stands for any characters, a question mark for one."""

from __future__ import annotations

import re
from collections.abc import Callable

Predicate = Callable[[str], bool]


def is_glob(pattern: str) -> bool:
    """Whether a pattern can match more than one value."""
    return "*" in pattern or "?" in pattern


def glob(pattern: str) -> Predicate:
    """Whether a value matches as a whole, case ignored unless the pattern has capitals. Never slow: parts between stars
    are found from left to right, each at its first place.
    """
    lower = pattern == pattern.lower()
    parts = [_part(part) for part in re.split(r"\*+", pattern)]

    def matches(value: str) -> bool:
        return _matches(parts, value.lower() if lower else value)

    return matches


def _part(text: str) -> re.Pattern[str]:
    # A part has a fixed length, so searching it cannot backtrack.
    return re.compile("".join("." if character == "?" else re.escape(character) for character in text), re.DOTALL)


def _matches(parts: list[re.Pattern[str]], value: str) -> bool:
    if len(parts) == 1:
        return parts[0].fullmatch(value) is not None
    first = parts[0].match(value)
    if first is None:
        return False
    at = first.end()
    for part in parts[1:-1]:
        found = part.search(value, at)
        if found is None:
            return False
        at = found.end()
    return _ends_with(parts[-1], value, at)


def _ends_with(part: re.Pattern[str], value: str, at: int) -> bool:
    """Whether the last part matches the end, beginning at `at` or later."""
    found = part.search(value, at)
    while found is not None:
        if found.end() == len(value):
            return True
        found = part.search(value, found.start() + 1) if found.start() < len(value) else None
    return False
