"""Frames on disk: written whole, and found again even after damage."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from kwatch.history.recording.format import FIRST, HEADER, LARGEST_CONTENT, LARGEST_PAYLOAD, MAGIC, MARKER, FrameType

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEVEL = 3
_SEARCH = 1 << 20
_CRC_BYTES = 4


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a frame is, and what its header says. Times are in seconds since the epoch."""

    offset: int
    type: int
    flags: int
    length: int
    records: int
    first: float
    last: float
    crc: int

    @property
    def first_of_segment(self) -> bool:
        """Whether a segment begins here."""
        return self.type == FrameType.SNAPSHOT and bool(self.flags & FIRST)


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are no frame: between frames, or at the end (a frame that was never finished)."""

    offset: int
    length: int
    at_end: bool


def encode_frame(
    type_: FrameType, content: bytes, *, flags: int = 0, records: int = 0, first: float = 0.0, last: float = 0.0
) -> bytes:
    """A whole frame, to be written in one go."""
    payload = zstd.compress(content, LEVEL)
    header = HEADER.pack(MARKER, type_, flags, 0, len(payload), records, first, last, 0)
    crc = zlib.crc32(payload, zlib.crc32(header[len(MARKER) : -_CRC_BYTES]))
    return header[:-_CRC_BYTES] + crc.to_bytes(_CRC_BYTES, "little") + payload


def scan(file: BinaryIO, size: int) -> Iterator[Frame | Damage]:
    """Every frame's header, in order, and what lies between that is none. Payloads are not read."""
    offset = len(MAGIC)
    while offset < size:
        frame = _header_at(file, offset)
        if frame is not None and offset + HEADER.size + frame.length <= size:
            yield frame
            offset += HEADER.size + frame.length
            continue
        following = _search(file, offset + 1, size)
        yield Damage(offset, following - offset, at_end=following >= size)
        offset = following


def read_payload(file: BinaryIO, frame: Frame) -> bytes | None:
    """The content of a frame; None if it is damaged."""
    file.seek(frame.offset)
    data = file.read(HEADER.size + frame.length)
    header, payload = data[: HEADER.size], data[HEADER.size :]
    if zlib.crc32(payload, zlib.crc32(header[len(MARKER) : -_CRC_BYTES])) != frame.crc:
        return None
    try:
        decompressor = zstd.ZstdDecompressor()
        content = decompressor.decompress(payload, max_length=LARGEST_CONTENT)
    except zstd.ZstdError:
        return None
    return content if decompressor.eof else None


def _header_at(file: BinaryIO, offset: int) -> Frame | None:
    file.seek(offset)
    data = file.read(HEADER.size)
    if len(data) < HEADER.size or not data.startswith(MARKER):
        return None
    _, type_, flags, _, length, records, first, last, crc = HEADER.unpack(data)
    if length > LARGEST_PAYLOAD or not first <= last:
        return None
    return Frame(offset, type_, flags, length, records, first, last, crc)


def _search(file: BinaryIO, offset: int, size: int) -> int:
    """Where the next whole and undamaged frame begins; `size` if there is none."""
    while offset < size:
        file.seek(offset)
        block = file.read(_SEARCH + len(MARKER) - 1)
        found = block.find(MARKER)
        if found < 0:
            offset += _SEARCH
            continue
        offset += found
        frame = _header_at(file, offset)
        if frame is not None and read_payload(file, frame) is not None:
            return offset
        offset += 1
    return size
