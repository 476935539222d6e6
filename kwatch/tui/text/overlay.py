"""A style laid over some characters of a line: a match, a selection."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style


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
