"""Where one JSON value ends and the next begins, in a stream cut anywhere: the events of a watch (newlines are a hint,
not a promise), and the objects of a large list (a page), so that none of them costs the others.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from contextlib import closing

from kwatch.base.limits import (
    LARGEST_OBJECT,
    LARGEST_PAGE,
    LARGEST_UNSPLIT_PAGE,
    LONGEST_SKIPPED,
    MB,
    MOST_PAGE_ITEMS,
    MOST_PAGE_VALUES,
    OBJECT_HEAD,
    size_text,
)
from kwatch.informer.decoding import values_in
from kwatch.informer.errors import TOO_LARGE, ApiError, too_large

_OUTSIDE = re.compile(rb'["{}\[\]]')
_INSIDE = re.compile(rb'["\\]')
_BETWEEN = b'}{"type":'
"""Of two events without a newline."""


class Oversize(bytes):
    """The beginning of what is too large to be kept; `size` is what there was of it."""

    size: int

    @classmethod
    def of(cls, beginning: bytes, size: int) -> Oversize:
        """The first bytes of so many."""
        oversize = cls(beginning)
        oversize.size = size
        return oversize

    @property
    def reason(self) -> str:
        """Why it is not kept."""
        return f"it is {size_text(self.size)} long, and at most {size_text(LARGEST_OBJECT)} are read"


class Buffer:
    """What has come of a value that has not ended: whole, or only its beginning and how long it is."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._largest = LARGEST_OBJECT
        self.content = bytearray()
        self.size = 0

    def __iadd__(self, part: bytes) -> Buffer:
        """Take more of it."""
        self.size += len(part)
        if self.size <= self._largest:
            self.content += part
        elif len(self.content) != OBJECT_HEAD:
            # A new one: what is cut off would keep its memory.
            self.content = self.content[:OBJECT_HEAD]
            self.content += part[: OBJECT_HEAD - len(self.content)]
        return self

    def check(self) -> None:
        """Raise ApiError TooLarge when it is so long that no end is to be expected."""
        if self.size > LONGEST_SKIPPED:
            raise too_large(self._what, LONGEST_SKIPPED)

    @property
    def is_whole(self) -> bool:
        """Whether all that came is there."""
        return self.size == len(self.content)

    def take(self) -> bytes:
        """What there is, an Oversize if that is only the beginning; it is empty then."""
        whole, content, size = self.is_whole, self.content, self.size
        self.content, self.size = bytearray(), 0
        return bytes(content) if whole else Oversize.of(bytes(content), size)


class LineFramer:
    """Cuts at newlines. What has no newline yet is the tail; of a line that is too long only the beginning is kept, and
    it comes as an Oversize.
    """

    def __init__(self) -> None:
        self._tail = Buffer("A line of the watch")
        self._last = b""
        """What came last of the tail."""
        self._scanned = 0
        self._scanner = ValueScanner()

    def feed(self, pieces: Iterable[bytes]) -> list[bytes]:
        """The lines that are complete now, blank ones left out; raise ApiError for one without end."""
        lines: list[bytes] = []
        tail = self._tail
        tail.check()
        for piece in pieces:
            end = piece.find(b"\n") + 1
            if end == len(piece) > 2 and not tail.size:
                lines.append(piece)
            elif end:
                self._cut(piece, lines)
            elif piece:
                tail += piece
                self._last = piece
        return lines

    def complete_values(self) -> list[bytes]:
        """The values of the tail that are whole although no newline followed."""
        values: list[bytes] = []
        while self._tail.size and self._tail.is_whole and self._may_be_complete(self._last):
            value = self._first_value()
            if value is None:
                break
            values.append(value)
        return values

    def take_tail(self) -> bytes:
        """What is left, complete or not."""
        self._scanner = ValueScanner()
        self._scanned = 0
        self._last = b""
        return self._tail.take()

    @staticmethod
    def _may_be_complete(last: bytes) -> bool:
        return last.rstrip().endswith(b"}") or _BETWEEN in last

    def _first_value(self) -> bytes | None:
        content = self._tail.content
        end = self._scanner.scan(content, self._scanned)
        self._scanned = len(content)
        if end is None:
            return None
        rest = bytes(content[end:])
        if not rest.strip():
            return self.take_tail()
        del content[end:]
        value = bytes(content)
        self.take_tail()
        self._tail += rest
        self._last = rest
        return value

    def _cut(self, piece: bytes, lines: list[bytes]) -> None:
        first, *rest, tail = piece.split(b"\n")
        self._tail += first + b"\n"
        lines += [line for line in (self.take_tail(), *rest) if len(line) > 2 or line.strip()]
        if tail:
            self._tail += tail
            self._last = tail


class ValueScanner:
    """Finds the end of one JSON object or array by its brackets, over parts that arrive one after another."""

    def __init__(self) -> None:
        self._depth = 0
        self._inside_string = False
        self._escaped = False

    @property
    def begun(self) -> bool:
        """Whether a value is open."""
        return self._depth > 0

    def scan(self, part: bytes | bytearray, start: int = 0) -> int | None:
        """Where the value ends (one past its last byte) in this part, None if it goes on."""
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
        self._begun = Buffer("A value of the watch")
        self._scanner = ValueScanner()

    @property
    def pending(self) -> bool:
        """Whether a value has begun and not ended."""
        return self._scanner.begun

    def feed(self, part: bytes) -> list[bytes]:
        """The values that are complete now, perhaps an Oversize; raise ApiError for one without end."""
        self._begun.check()
        values: list[bytes] = []
        start = 0
        while (end := self._scanner.scan(part, start)) is not None:
            self._begun += part[start:end]
            value = self._begun.take()
            values.append(value if isinstance(value, Oversize) else value.strip())
            self._scanner = ValueScanner()
            start = end
        if self._scanner.begun:
            self._begun += part[start:]
        return values


_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
_NEXT_ITEM = re.compile(rb"[^\s,]")
_LARGEST_REST = MB
"""Bytes of a list before and behind its objects."""


def read_page(pieces: Generator[bytes, None, None], what: str) -> tuple[bytes, list[bytes] | None]:
    """The body of a list, `what` in a sentence, and None; or, of a large one, what is around its objects, and these one
    by one: an Oversize for one that is too large. Raise ApiError TooLarge.
    """
    body = bytearray()
    splitter: PageSplitter | None = None
    with closing(pieces):
        for piece in pieces:
            if splitter is not None:
                splitter.feed(piece)
                continue
            body += piece
            if len(body) > LARGEST_UNSPLIT_PAGE:
                splitter = PageSplitter(what)
                splitter.feed(bytes(body))
                body.clear()
    if splitter is None and len(body) > MB and values_in(body) > MOST_PAGE_VALUES:
        splitter = PageSplitter(what)
        splitter.feed(bytes(body))
    return (bytes(body), None) if splitter is None else (splitter.rest, splitter.items)


class PageSplitter:
    """Takes a list apart as it comes."""

    def __init__(self, what: str) -> None:
        self.items: list[bytes] = []
        self._what = what
        self._kept = 0
        self._rest = bytearray()
        self._inside = self._ended = False
        self._item = Buffer(what)
        self._scanner: ValueScanner | None = None

    @property
    def rest(self) -> bytes:
        """The list without its objects, however far it came."""
        return bytes(self._rest)

    def feed(self, piece: bytes) -> None:
        """Take the next piece; raise ApiError TooLarge when it is too much, Malformed when this is no list."""
        position = 0
        if not self._inside and not self._ended:
            position = self._begin(piece)
        while self._inside and position < len(piece):
            position = self._next(piece, position)
        if not self._inside:
            self._add_rest(piece[position:])

    def _begin(self, piece: bytes) -> int:
        """Where the objects begin in what is the first piece; it is large enough to hold all that is before them."""
        depth = 0
        previous = b""
        for token in _TOKEN.finditer(piece, 0, _LARGEST_REST):
            text = token[0]
            if text in (b"{", b"["):
                if depth == 1 and text == b"[" and previous in (b'"items"', b'"rows"'):
                    self._inside = True
                    self._add_rest(piece[: token.end()])
                    return token.end()
                depth += 1
            elif text in (b"}", b"]"):
                depth -= 1
            previous = text
        raise too_large(f"{self._what}, in which no list of objects begins,", LARGEST_UNSPLIT_PAGE)

    def _next(self, piece: bytes, position: int) -> int:
        """Go on to the end of the object under way, or the beginning of the next one."""
        if self._scanner is None:
            found = _NEXT_ITEM.search(piece, position)
            if found is None:
                return len(piece)
            if found[0] == b"{":
                self._scanner = ValueScanner()
                return found.start()
            if found[0] != b"]":
                raise ApiError(0, "Malformed", f"{self._what} cannot be read: it holds something that is no object.")
            self._inside, self._ended = False, True
            return found.start()
        end = self._scanner.scan(piece, position)
        self._item += piece[position:end]
        if end is None:
            return len(piece)
        self._scanner = None
        self._keep(self._item.take())
        return end

    def _keep(self, item: bytes) -> None:
        self.items.append(item)
        self._kept += len(item)
        if self._kept > LARGEST_PAGE:
            raise too_large(self._what, LARGEST_PAGE)
        if len(self.items) > MOST_PAGE_ITEMS:
            raise ApiError(0, TOO_LARGE, f"{self._what} holds more than {MOST_PAGE_ITEMS:,} objects.")

    def _add_rest(self, part: bytes) -> None:
        self._rest += part
        if len(self._rest) > _LARGEST_REST:
            raise too_large(f"{self._what}, without its objects,", _LARGEST_REST)
