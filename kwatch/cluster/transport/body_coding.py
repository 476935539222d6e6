"""HTTP's codings of a body, undone as it comes: chunks, taken apart in wide blocks (a chunk is nearly always one
event), and gzip or deflate, members one after another, each flushed when the server had something to say.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator

from urllib3.exceptions import DecodeError

from kwatch.informer.errors import ApiError

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


_GZIP = 31
_ZLIB = 15
_RAW = -15
_DEFLATE_METHOD = 8
_NAMES = {"gzip": True, "x-gzip": True, "deflate": False}
_MOST_LAYERS = 5
_STEP = 256 << 10
"""Bytes that are unpacked at a time: a kilobyte may unpack to a megabyte, and that to a gigabyte."""


class Inflating:
    """Decompresses pieces; a member may end, and the next begin, anywhere."""

    def __init__(self, gzip: bool = True) -> None:
        self._gzip = gzip
        self._begun = b""
        self._member = zlib.decompressobj(wbits=_GZIP) if gzip else None

    def feed(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """What can be decompressed by now, step by step as it is asked for; a step may bring nothing. Raise
        DecodeError if it is not compressed like this.
        """
        for piece in pieces:
            rest = piece
            while rest:
                if self._member is None or self._member.eof:
                    rest = self._begun + rest
                    self._begun = b""
                    if not self._begin(rest):
                        self._begun = rest
                        break
                assert self._member is not None
                try:
                    plain = self._member.decompress(rest, _STEP)
                    # What was kept back although all input is taken comes with the next step.
                    rest = self._member.unconsumed_tail or self._member.unused_data
                    yield plain
                    while len(plain) == _STEP and not rest and not self._member.eof:
                        plain = self._member.decompress(b"", _STEP)
                        rest = self._member.unused_data
                        yield plain
                except zlib.error as error:
                    raise DecodeError("it is not compressed as it says") from error

    def _begin(self, start: bytes) -> bool:
        """A new member; whether enough of it is there to tell its form: some servers leave out zlib's header."""
        if self._gzip:
            self._member = zlib.decompressobj(wbits=_GZIP)
        elif len(start) < 2:
            return False
        else:
            has_header = start[0] & 15 == _DEFLATE_METHOD and (start[0] << 8 | start[1]) % 31 == 0
            self._member = zlib.decompressobj(wbits=_ZLIB if has_header else _RAW)
        return True


def inflating(encodings: str | None) -> list[Inflating]:
    """What undoes the encodings that a Content-Encoding names, the last of them first; raise ApiError if unknown."""
    names = [name for each in (encodings or "").split(",") if (name := each.strip().lower()) not in ("", "identity")]
    for name in names:
        if name not in _NAMES:
            raise ApiError(0, "Malformed", f"The answer is encoded as {name[:40]!a}, which kwatch cannot read.")
    if len(names) > _MOST_LAYERS:
        raise ApiError(0, "Malformed", f"The answer is compressed {len(names)} times over.")
    return [Inflating(gzip=_NAMES[name]) for name in reversed(names)]
