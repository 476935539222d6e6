"""HTTP's chunked coding, taken apart in wide blocks: a chunk is nearly always one event."""

from __future__ import annotations

import re

_HEXADECIMAL = re.compile(rb"[0-9a-fA-F]{1,16}")
MAX_SIZE_LINE = 4096
_FEW = 1024
"""Pieces of one block; more of them are joined: a byte in a piece of its own takes forty."""


class ChunkedBody:
    """Feed it what the socket gave; it returns the chunks' contents, cut where a block ended within a chunk."""

    def __init__(self) -> None:
        self.ended = False
        self.ended_cleanly = False
        """Whether nothing came behind the end, no trailers either: they are not read."""
        self.broken = False
        """Whether what comes is no chunked coding; what came before it is good all the same."""
        self._left = 0
        """Bytes that the chunk under way still brings, its closing line break included."""
        self._head = b""
        """The beginning of a size line whose end has not come."""

    def feed(self, block: bytes) -> list[bytes]:
        """The pieces of content in a block."""
        pieces: list[bytes] = []
        position, size = 0, len(block)
        left = self._left
        while position < size and not self.ended and not self.broken:
            if left > 2:
                piece = block[position : position + left - 2]
                pieces.append(piece)
                position += len(piece)
                left -= len(piece)
            elif left:
                taken = min(left, size - position)
                position += taken
                left -= taken
            else:
                end = block.find(b"\n", position)
                self._head += block[position : end if end >= 0 else size]
                if end < 0:
                    self.broken = len(self._head) > MAX_SIZE_LINE
                    break
                left = self._next_chunk()
                position = end + 1
        self._left = left
        if self.ended:
            self.ended_cleanly = block[position:] == b"\r\n"
        return pieces if len(pieces) <= _FEW else [b"".join(pieces)]

    def _next_chunk(self) -> int:
        """What the chunk takes with its closing line break; 0 and `ended` for the last one."""
        digits, self._head = self._head.partition(b";")[0].strip(), b""
        if not _HEXADECIMAL.fullmatch(digits):
            self.broken = True
            return 0
        length = int(digits, 16)
        self.ended = length == 0
        return length + 2 if length else 0


class PlainBody:
    """A body of a known length, or one that ends with the connection."""

    broken = False

    def __init__(self, length: int | None) -> None:
        self._left = length
        self._excess = False

    @property
    def ended(self) -> bool:
        """Whether everything announced has come."""
        return self._left == 0

    @property
    def ended_cleanly(self) -> bool:
        """Whether nothing came behind the end."""
        return self.ended and not self._excess

    @property
    def open_ended(self) -> bool:
        """Whether the end of the connection is the end of the body."""
        return self._left is None

    def feed(self, block: bytes) -> list[bytes]:
        """The content of a block."""
        if self._left is not None:
            self._excess = len(block) > self._left
            block = block[: self._left]
            self._left -= len(block)
        return [block]
