"""Where one JSON value ends and the next begins, in a stream cut anywhere. Newlines are a hint, not a promise."""

from __future__ import annotations

import re
from collections.abc import Iterable

_OUTSIDE = re.compile(rb'["{}\[\]]')
_INSIDE = re.compile(rb'["\\]')
_BETWEEN = b'}{"type":'
"""Of two events without a newline."""


class LineFramer:
    """Cuts at newlines. What has no newline yet is the tail, kept in parts so that a long line is joined only once."""

    def __init__(self) -> None:
        self._tail: list[bytes] = []
        self._scanner = ValueScanner()

    def feed(self, pieces: Iterable[bytes]) -> list[bytes]:
        """The lines that are complete now, with their newline; blank ones left out."""
        lines: list[bytes] = []
        tail = self._tail
        for piece in pieces:
            first = piece.find(b"\n") + 1
            if first == len(piece) > 2 and not tail:
                lines.append(piece)
            elif first:
                self._cut(piece, first, lines)
            elif piece:
                tail.append(piece)
        return lines

    def complete_values(self) -> list[bytes]:
        """The values of the tail that are whole although no newline followed."""
        values: list[bytes] = []
        while self._tail and self._may_be_complete(self._tail[-1]):
            value = self._first_value()
            if value is None:
                break
            values.append(value)
        return values

    def take_tail(self) -> bytes:
        """What is left, complete or not."""
        tail = b"".join(self._tail)
        self._tail.clear()
        self._scanner = ValueScanner()
        return tail

    @staticmethod
    def _may_be_complete(last: bytes) -> bool:
        return last.rstrip().endswith(b"}") or _BETWEEN in last

    def _first_value(self) -> bytes | None:
        for number in range(self._scanner.parts, len(self._tail)):
            part = self._tail[number]
            end = self._scanner.scan(part)
            if end is not None:
                rest = [part[end:], *self._tail[number + 1 :]]
                if not any(each.strip() for each in rest):
                    return self.take_tail()
                value = b"".join(self._tail[:number]) + part[:end]
                self._tail = [each for each in rest if each]
                self._scanner = ValueScanner()
                return value
        return None

    def _cut(self, piece: bytes, first: int, lines: list[bytes]) -> None:
        self._tail.append(piece[:first])
        self._add(self.take_tail(), lines)
        *rest, tail = piece[first:].split(b"\n")
        for line in rest:
            self._add(line, lines)
        if tail:
            self._tail.append(tail)

    @staticmethod
    def _add(line: bytes, lines: list[bytes]) -> None:
        if len(line) > 2 or line.strip():
            lines.append(line)


class ValueScanner:
    """Finds the end of one JSON object or array by its brackets, over parts that arrive one after another."""

    def __init__(self) -> None:
        self.parts = 0
        """How many parts were scanned."""
        self._depth = 0
        self._inside_string = False
        self._escaped = False

    @property
    def begun(self) -> bool:
        """Whether a value is open."""
        return self._depth > 0

    def scan(self, part: bytes, start: int = 0) -> int | None:
        """Where the value ends (one past its last byte) in this part, None if it goes on."""
        self.parts += 1
        position = start
        if self._escaped and position < len(part):
            position += 1
            self._escaped = False
        while found := (_INSIDE if self._inside_string else _OUTSIDE).search(part, position):
            position = found.end()
            token = found[0]
            if token == b'"':
                self._inside_string = not self._inside_string
            elif token == b"\\":
                self._escaped = position == len(part)
                position += 1
            elif token in b"{[":
                self._depth += 1
            else:
                self._depth -= 1
                if self._depth <= 0:
                    return position
        return None


class ValueFramer:
    """Cuts by brackets alone: for streams whose lines turned out not to be values."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._scanner = ValueScanner()

    @property
    def pending(self) -> bool:
        """Whether a value has begun and not ended."""
        return self._scanner.begun

    def feed(self, part: bytes) -> list[bytes]:
        """The values that are complete now."""
        values: list[bytes] = []
        start = 0
        while (end := self._scanner.scan(part, start)) is not None:
            values.append((b"".join(self._parts) + part[start:end]).strip())
            self._parts.clear()
            self._scanner = ValueScanner()
            start = end
        if self._scanner.begun:
            self._parts.append(part[start:])
        return values
