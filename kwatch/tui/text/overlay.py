"""A style laid over some characters of a line: a match, a selection; and the text that is selected."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection


def overlay(segments: list[Segment], start: int, end: int, style: Style) -> list[Segment]:
    """Lay a style over the characters from `start` to `end`."""
    result: list[Segment] = []
    position = 0
    for text, own, _ in segments:
        size = len(text)
        low, high = max(start - position, 0), min(end - position, size)
        if low >= high:
            result.append(Segment(text, own))
        else:
            if low:
                result.append(Segment(text[:low], own))
            result.append(Segment(text[low:high], own + style if own is not None else style))
            if high < size:
                result.append(Segment(text[high:], own))
        position += size
    return result


def extract(selection: Selection, lines: Iterable[tuple[int, str]], margin: int = 0) -> str:
    """The text selected in numbered lines, without blanks at their ends. `margin` cells before each are not of it."""
    selected = []
    for number, text in lines:
        span = selection.get_span(number)
        if span is not None:
            start, end = span
            selected.append(text[max(0, start - margin) : None if end == -1 else max(0, end - margin)].rstrip())
    return "\n".join(selected)
