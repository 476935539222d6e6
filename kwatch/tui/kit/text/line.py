"""A line of text in several inks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection

from kwatch.base.printable import printable


class _Span(NamedTuple):
    text: str
    ink: str = "foreground"
    tint: str = ""
    strong: bool = False


class Span(_Span):
    """A piece of a line, made safe to print; `ink` is a theme variable, `tint` one that colours what lies behind it."""

    __slots__ = ()

    def __new__(cls, text: str, ink: str = "foreground", tint: str = "", strong: bool = False) -> Span:
        return super().__new__(cls, printable(text), ink, tint, strong)


@dataclass(frozen=True, slots=True)
class Line:
    """Spans one after the other. `tint` colours what lies behind it, e.g. in a diff."""

    spans: Sequence[Span]
    tint: str = ""
    sign: str = ""
    hang: int = 0
    """Where the rest begins if the line is broken: below a value, not below its label."""

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)

    def cut(self, width: int) -> Iterator[Line]:
        """The line in pieces of at most `width` characters, for wrapping: behind a space if one is near the edge."""
        text, start, room = self.text, 0, width
        hang = self.hang if self.hang < width // 2 else 0
        while len(text) - start > room:
            space = text.rfind(" ", start + room * 2 // 3, start + room)
            end = space + 1 if space >= 0 else start + room
            yield self._piece(start, end, hang)
            start, room = end, width - hang
        yield self._piece(start, len(text), hang)

    def _piece(self, start: int, end: int, hang: int) -> Line:
        """From one character up to another."""
        spans = [Span(" " * hang)] if start and hang else []
        at = 0
        for span in self.spans:
            if part := span.text[max(0, start - at) : max(0, end - at)]:
                spans.append(span._replace(text=part))
            at += len(span.text)
        return Line(tuple(spans), self.tint, self.sign)


def plain(text: str, ink: str = "foreground") -> Line:
    return Line((Span(text, ink),))


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
