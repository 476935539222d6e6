"""Reads a filter from left to right, a piece at a time, knowing where it is."""

from __future__ import annotations

import re

from kwatch.query.errors import QuerySyntaxError

_SPACES = re.compile(r"\s*")
_WORD = re.compile(r"\S*")


class Reader:
    """A text and a place in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.text)

    @property
    def is_at_boundary(self) -> bool:
        """Whether a term may end here."""
        return self.is_at_end or self.text[self.at].isspace()

    def peek(self, length: int = 1) -> str:
        """What comes next; shorter at the end."""
        return self.text[self.at : self.at + length]

    def skip_spaces(self) -> None:
        """Go to the next character that is no space."""
        self.match(_SPACES)

    def accept(self, literal: str) -> bool:
        """Go past a literal if it is next."""
        if self.text.startswith(literal, self.at):
            self.at += len(literal)
            return True
        return False

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Go past what a pattern matches here."""
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def word(self) -> str:
        """Everything up to the next space."""
        found = self.match(_WORD)
        return found[0] if found else ""

    def is_at_quote(self) -> bool:
        """Whether a quoted text begins here."""
        return self.peek() in ('"', "'")

    def quoted(self) -> str:
        """What stands between two quotes of the same sort; a backslash keeps the next character."""
        start, quote = self.at, self.peek()
        self.at += 1
        characters: list[str] = []
        while not self.is_at_end:
            character = self.peek()
            self.at += 1
            if character == quote:
                return "".join(characters)
            if character == "\\" and not self.is_at_end:
                character = self.peek()
                self.at += 1
            characters.append(character)
        raise QuerySyntaxError(f"The quote {quote} is never closed.", start, len(self.text))

    def error(self, message: str, start: int, end: int | None = None) -> QuerySyntaxError:
        """An error about the text from `start` to `end`, or to here."""
        return QuerySyntaxError(message, start, self.at if end is None else end)
