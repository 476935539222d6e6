"""Compressed bodies as they come: members one after another, each flushed when the server had something to say."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from urllib3.exceptions import DecodeError

from kwatch.informer.errors import ApiError

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
