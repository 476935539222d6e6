"""A line of text in several inks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection

from kwatch.base.printable import printable, urls_in


class _Span(NamedTuple):
    text: str
    ink: str = "foreground"
    tint: str = ""
    strong: bool = False
    link: str = ""


class Span(_Span):
    """A piece of a line, made safe to print; `ink` is a theme variable, `tint` one that colours what lies behind it,
    `link` the address of which it is the text, or a part of it.
    """

    __slots__ = ()

    def __new__(cls, text: str, ink: str = "foreground", tint: str = "", strong: bool = False, link: str = "") -> Span:
        return super().__new__(cls, printable(text), ink, tint, strong, link)


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

    def with_links(self) -> Line:
        """The same, with addresses of pages as spans of their own."""
        if not any("://" in span.text for span in self.spans):
            return self
        spans: list[Span] = []
        for span in self.spans:
            at = 0
            for start, end in urls_in(span.text):
                spans += [span._replace(text=span.text[at:start])] if at < start else []
                spans.append(span._replace(text=span.text[start:end], link=span.text[start:end]))
                at = end
            spans += [span._replace(text=span.text[at:])] if at < len(span.text) else []
        return Line(tuple(spans), self.tint, self.sign, self.hang)

    def cut(self, width: int) -> Iterator[Line]:
        """The line in pieces of at most `width` cells, for wrapping; its sign stands at the first."""
        hang = hang_in(self.hang, width)
        for start, end in breaks(self.text, width, hang):
            piece = self.part(start, end, hang)
            yield piece if not start else replace(piece, sign="")

    def part(self, start: int, end: int, hang: int = 0) -> Line:
        """From one character up to another, without a copy of the rest: a line may be a megabyte."""
        spans, at = [Span(" " * hang)] if start and hang else [], 0
        for span in self.spans:
            low, high = max(0, start - at), min(len(span.text), end - at)
            if low < high:
                spans.append(span._replace(text=span.text[low:high]))
            at += len(span.text)
        return Line(tuple(spans), self.tint, self.sign)


def hang_in(hang: int, width: int) -> int:
    """How far the rest of a line is indented: not at all where that leaves too little."""
    return hang if hang < width // 2 else 0


def is_narrow(text: str) -> bool:
    """Whether each character takes one cell."""
    return text.isascii() or cell_len(text) == len(text)


def breaks(text: str, width: int, hang: int = 0) -> Iterator[tuple[int, int]]:
    """From which to which character each piece of a broken line goes: behind a space if one is near the edge. All but
    the first are `hang` cells narrower.
    """
    narrow = is_narrow(text)
    start, room = 0, width
    while True:
        edge = start + room if narrow else _reach(text, start, room)
        if edge >= len(text):
            yield start, len(text)
            return
        space = text.rfind(" ", start + (edge - start) * 2 // 3, edge)
        end = space + 1 if space >= 0 else edge
        yield start, end
        start, room = end, width - hang


def _reach(text: str, start: int, room: int) -> int:
    """Up to where it fits into so many cells: a character at least."""
    used = 0
    for at in range(start, len(text)):
        used += cell_len(text[at])
        if used > room:
            return max(at, start + 1)
    return len(text)


def plain(text: str, ink: str = "foreground") -> Line:
    return Line((Span(text, ink),))


P = TypeVar("P", Span, Segment)


def split(pieces: Iterable[P], start: int, end: int) -> Iterator[tuple[P, bool]]:
    """The pieces, cut at the characters `start` and `end`; with each whether it lies between them."""
    at = 0
    for piece in pieces:
        text = piece.text
        low = max(0, min(start - at, len(text)))
        high = max(low, min(end - at, len(text)))
        for part, inside in ((text[:low], False), (text[low:high], True), (text[high:], False)):
            if part:
                yield piece._replace(text=part), inside
        at += len(text)


def overlay(segments: Iterable[Segment], start: int, end: int, style: Style) -> list[Segment]:
    """Lay a style over the characters from `start` to `end`."""
    return [
        Segment(piece.text, piece.style + style if piece.style is not None else style) if inside else piece
        for piece, inside in split(segments, start, end)
    ]


def _stands_alone(row: int) -> bool:
    return False


def extract(
    selection: Selection,
    lines: Iterable[tuple[int, str]],
    margin: int = 0,
    continues: Callable[[int], bool] = _stands_alone,
) -> str:
    """The text selected in numbered lines, without blanks at their ends. `margin` cells before each are not of it;
    what goes on the line above is one with it.
    """
    selected: list[str] = []
    for number, text in lines:
        span = selection.get_span(number)
        if span is None:
            continue
        start, end = span
        part = text[max(0, start - margin) : None if end == -1 else max(0, end - margin)]
        if selected and continues(number):
            selected[-1] += part.lstrip(" ")
        else:
            selected.append(part)
    return "\n".join(each.rstrip() for each in selected)
