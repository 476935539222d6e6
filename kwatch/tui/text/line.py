"""A line of text in several inks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Span(NamedTuple):
    """A piece of a line; `ink` is a theme variable, `tint` one that colours what lies behind it."""

    text: str
    ink: str = "foreground"
    tint: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Text already safe to print. `tint` colours what lies behind it, e.g. in a diff."""

    spans: Sequence[Span]
    tint: str = ""
    sign: str = ""

    @property
    def text(self) -> str:
        """The text alone."""
        return "".join(span.text for span in self.spans)

    def cut(self, width: int) -> Iterator[Line]:
        """The line in pieces of at most `width` characters, for wrapping."""
        piece: list[Span] = []
        room = width
        for span in self.spans:
            text = span.text
            while len(text) > room:
                piece.append(span._replace(text=text[:room]))
                yield Line(tuple(piece), self.tint, self.sign)
                text, piece, room = text[room:], [], width
            if text:
                piece.append(span._replace(text=text))
                room -= len(text)
        yield Line(tuple(piece), self.tint, self.sign)


def plain(text: str, ink: str = "foreground") -> Line:
    """A line in one ink."""
    return Line((Span(text, ink),))
