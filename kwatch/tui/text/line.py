"""A line of text in several inks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kwatch.view.printable import printable


class _Span(NamedTuple):
    text: str
    ink: str = "foreground"
    tint: str = ""
    strong: bool = False


class Span(_Span):
    """A piece of a line, made safe to print; `ink` is a theme variable, `tint` one that colours what lies behind it."""

    __slots__ = ()

    def __new__(cls, text: str, ink: str = "foreground", tint: str = "", strong: bool = False) -> Span:
        """Whatever made the text."""
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
        """The text alone."""
        return "".join(span.text for span in self.spans)

    def cut(self, width: int) -> Iterator[Line]:
        """The line in pieces of at most `width` characters, for wrapping."""
        piece: list[Span] = []
        room = width
        below = [Span(" " * self.hang)] if 0 < self.hang < width // 2 else []
        for span in self.spans:
            text = span.text
            while len(text) > room:
                piece.append(span._replace(text=text[:room]))
                yield Line(tuple(piece), self.tint, self.sign)
                text, piece, room = text[room:], list(below), width - sum(len(each.text) for each in below)
            if text:
                piece.append(span._replace(text=text))
                room -= len(text)
        yield Line(tuple(piece), self.tint, self.sign)


def plain(text: str, ink: str = "foreground") -> Line:
    """A line in one ink."""
    return Line((Span(text, ink),))
