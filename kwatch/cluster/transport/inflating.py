"""gzip as it comes: members one after another, each flushed by the server when it had something to say."""

from __future__ import annotations

import zlib
from http.client import IncompleteRead


class Inflating:
    """Decompresses pieces; a member may end, and the next begin, anywhere."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)

    def feed(self, pieces: list[bytes]) -> list[bytes]:
        """What can be decompressed by now; raise IncompleteRead if it is no gzip."""
        inflated: list[bytes] = []
        for piece in pieces:
            rest = piece
            while rest:
                if self._member.eof:
                    self._member = zlib.decompressobj(wbits=31)
                try:
                    plain = self._member.decompress(rest)
                except zlib.error as error:
                    raise IncompleteRead(b"") from error
                if plain:
                    inflated.append(plain)
                rest = self._member.unused_data
        return inflated
