"""Frames on disk: written whole, and found again even after damage."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from kwatch.base.limits import EARLIEST, LARGEST_DECLARATION, LARGEST_FRAME, LATEST, MOST_RECORDS
from kwatch.history.packing import unpack_foreign, zstd
from kwatch.history.recording.format import FIRST, HEADER, MAGIC, MARKER, FrameType

LEVEL = 3
_SEARCH = 1 << 20
_SEARCH_ALLOWED = 64 << 20
_SEARCH_RATIO = 4
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
    """Every frame's header, in order, and what lies between that is none. Payloads are not read, but in the search for
    the next frame behind damage; all searches together read no more than a few times the file.
    """
    offset = len(MAGIC)
    budget = _SEARCH_ALLOWED + _SEARCH_RATIO * size
    while offset < size:
        file.seek(offset)
        frame = _frame(file.read(HEADER.size), offset, size)
        if frame is not None:
            yield frame
            offset += HEADER.size + frame.length
            continue
        following, budget = _search(file, offset + 1, size, budget)
        yield Damage(offset, following - offset, at_end=following >= size)
        offset = following


def read_payload(file: BinaryIO, frame: Frame) -> bytes | None:
    """The content of a frame; None if it is damaged, or unpacks to more than it may."""
    payload = _payload(file, frame)
    if payload is None:
        return None
    records = frame.type in (FrameType.SNAPSHOT, FrameType.DELTAS)
    try:
        return unpack_foreign(payload, LARGEST_FRAME if records else LARGEST_DECLARATION)
    except zstd.ZstdError:
        return None


def is_undamaged(file: BinaryIO, frame: Frame) -> bool:
    """Whether the bytes of a frame are those that were written."""
    return _payload(file, frame) is not None


def _payload(file: BinaryIO, frame: Frame) -> bytes | None:
    file.seek(frame.offset)
    data = file.read(HEADER.size + frame.length)
    header, payload = data[: HEADER.size], data[HEADER.size :]
    crc = zlib.crc32(payload, zlib.crc32(header[len(MARKER) : -_CRC_BYTES]))
    return payload if crc == frame.crc else None


def _frame(data: bytes, offset: int, size: int) -> Frame | None:
    """The frame whose header this is, if what it says of itself can be true in a file of so many bytes."""
    if len(data) < HEADER.size or not data.startswith(MARKER):
        return None
    _, type_, flags, _, length, records, first, last, crc = HEADER.unpack(data)
    if length > LARGEST_FRAME or offset + HEADER.size + length > size:
        return None
    if records > MOST_RECORDS or not EARLIEST <= first <= last <= LATEST:
        return None
    return Frame(offset, type_, flags, length, records, first, last, crc)


def _search(file: BinaryIO, offset: int, size: int, budget: int) -> tuple[int, int]:
    """Where the next whole and undamaged frame begins, `size` if there is none, and what is left of the budget."""
    while offset < size:
        file.seek(offset)
        block = file.read(_SEARCH + HEADER.size - 1)
        found = block.find(MARKER)
        while 0 <= found < _SEARCH:
            frame = _frame(block[found : found + HEADER.size], offset + found, size)
            if frame is not None:
                budget -= HEADER.size + frame.length
                if budget < 0:
                    return size, 0
                if is_undamaged(file, frame):
                    return offset + found, budget
            found = block.find(MARKER, found + 1)
        offset += _SEARCH
    return size, budget
