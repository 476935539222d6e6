"""Which lines of an indented text are shown when some of its blocks are folded."""

from __future__ import annotations

from collections.abc import Sequence


def indent_of(text: str) -> int:
    """Spaces before the first character; a list's dash counts as the indent of what follows it at the same depth."""
    return len(text) - len(text.lstrip(" "))


def block_end(texts: Sequence[str], start: int) -> int:
    """The line after the block that `start` opens; `start + 1` when it opens none."""
    head = texts[start]
    indent = indent_of(head)
    opens_list = head.rstrip().endswith(":")
    end = start + 1
    while end < len(texts):
        text = texts[end]
        if text.strip():
            depth = indent_of(text)
            same_level_item = opens_list and depth == indent and text.lstrip().startswith("- ")
            if depth <= indent and not (same_level_item and not head.lstrip().startswith("- ")):
                break
        end += 1
    return end


def visible_lines(texts: Sequence[str], folded: frozenset[int]) -> list[int]:
    """The numbers of the lines shown; the head of a folded block stays."""
    if not folded:
        return list(range(len(texts)))
    shown: list[int] = []
    number = 0
    while number < len(texts):
        shown.append(number)
        number = block_end(texts, number) if number in folded else number + 1
    return shown
