"""The syntax below the grammar: reading a filter piece by piece, its errors with their place, and its quotes."""

from __future__ import annotations

import re


class QuerySyntaxError(ValueError):
    """The filter means nothing; `message` is one sentence, and text[start:end] is the place it speaks of.

    An empty place (start == end) is where something is missing.
    """

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


_SPACES = re.compile(r"\s*")
_WORD = re.compile(r"\S*")


class Reader:
    """A text and a place in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    @property
    def is_at_end(self) -> bool:
        return self.at >= len(self.text)

    @property
    def is_at_boundary(self) -> bool:
        """Whether a term may end here."""
        return self.is_at_end or self.text[self.at].isspace()

    def peek(self, length: int = 1) -> str:
        return self.text[self.at : self.at + length]

    def skip_spaces(self) -> None:
        self.match(_SPACES)

    def accept(self, literal: str) -> bool:
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
        found = self.match(_WORD)
        return found[0] if found else ""

    def is_at_quote(self) -> bool:
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

    def quoted_or(self, pattern: re.Pattern[str]) -> str | None:
        """A quoted text, else what a pattern matches here; None if it does not."""
        if self.is_at_quote():
            return self.quoted()
        found = self.match(pattern)
        return found[0] if found is not None else None

    def error(self, message: str, start: int, end: int | None = None) -> QuerySyntaxError:
        """An error about the text from `start` to `end`, or to here."""
        return QuerySyntaxError(message, start, self.at if end is None else end)


_SAFE_VALUE = re.compile(r"[\w.*?/@:+-]+\Z")
_SAFE_NAME = re.compile(r"\w[\w./-]*\Z")
LONGEST = 40
"""Characters of a text that stand in a sentence."""


def shortened(text: str) -> str:
    """A text as it stands in a sentence: its beginning, if it is long."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def quoted(text: str) -> str:
    """In double quotes, with backslashes before quotes and backslashes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def quoted_value(text: str) -> str:
    """A value as it is where that reads the same, else quoted."""
    return text if _SAFE_VALUE.match(text) else quoted(text)


def quoted_name(text: str) -> str:
    """A name before an operator, where a leading dot, slash or dash would mean something."""
    return text if _SAFE_NAME.match(text) else quoted(text)
