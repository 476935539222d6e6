"""The body of a list as it comes: a large one is cut into its objects, so that none of them costs the others."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import closing

from kwatch.base.limits import (
    LARGEST_PAGE,
    LARGEST_UNSPLIT_PAGE,
    MB,
    MOST_PAGE_ITEMS,
    MOST_PAGE_VALUES,
)
from kwatch.cluster.framing import Buffer, ValueScanner
from kwatch.informer.decoding import values_in
from kwatch.informer.errors import TOO_LARGE, ApiError, too_large

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
