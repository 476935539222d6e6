"""What is wrong with a filter, and where."""

from __future__ import annotations


class QuerySyntaxError(ValueError):
    """The filter means nothing; `message` is one sentence, and text[start:end] is the place it speaks of.

    An empty place (start == end) is where something is missing.
    """

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
