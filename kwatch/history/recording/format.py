"""The file format, version 1.

A file is MAGIC and then frames, appended one at a time and never changed. A frame is

    marker   4 bytes  b"KWF\\n"
    type     u8       FrameType; unknown ones are skipped
    flags    u8       FIRST: this SNAPSHOT begins a segment
    unused   u16
    length   u32      of the payload
    records  u32      how many records it holds
    first    f64      the earliest receipt in it, in seconds since the epoch; 0 if it holds no records
    last     f64      the latest
    crc      u32      CRC-32 of everything before it in this header, from `type` on, and of the payload

little-endian, followed by the payload: one zstd frame of msgpack. The headers alone are the index by time.

HEADER holds FileInfo, STREAM a RecordedStream, SNAPSHOT and DELTAS a list of Record, END an EndInfo; all are arrays of
their fields in order, to which later versions may only append.

Each stream names its context, so one file may hold several; keys and sequences are then unique within a stream. What
reads a file of one context reads one of several, and the other way round: the version is the same.

A segment begins with SNAPSHOTs of every object there is, so that reading can begin there. A record's `data` is the
object's JSON if `base` is 0: the record is whole. Else it is a zstd frame that needs as raw prefix dictionary the JSON
of an earlier record of the same object, in the same segment: the one with sequence `base`, which is the last whole one,
or the last that was itself packed against the last whole one. So no version needs more than three records. A gap is a
record of type GAP with its cause as `data`, from `since` to `at`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from kwatch.base.limits import EARLIEST, LARGEST_DECLARATION, LARGEST_FRAME, LATEST, MOST_RECORDS
from kwatch.history.packing import unpack_foreign, zstd
from kwatch.informer.delta import DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource

MAGIC = b"kwatch\x00\x01"
VERSION = 1
MARKER = b"KWF\n"
HEADER = struct.Struct("<4sBBHIIddI")
FIRST = 1
GAP = "Gap"
DELTA_TYPES = {str(type_): type_ for type_ in DeltaType}
NO_CELLS = msgspec.Raw(b"\xc0")
LEVEL = 3
_SEARCH = 1 << 20
_SEARCH_ALLOWED = 64 << 20
_SEARCH_RATIO = 4
_CRC_BYTES = 4


class RecordingError(ValueError):
    """The file cannot be read or written as a recording; the text is one sentence for people."""


class FrameType(IntEnum):
    """What a frame holds."""

    HEADER = 1
    STREAM = 2
    SNAPSHOT = 3
    DELTAS = 4
    END = 5


class FileInfo(msgspec.Struct, frozen=True, array_like=True):
    """The first frame. `created` in seconds since the epoch; `redacted` the paths that were left out."""

    version: int = VERSION
    created: float = 0.0
    writer: str = "kwatch"
    redacted: tuple[str, ...] = ()


ColumnRow = tuple[str, str, str, int, str]
"""A server's column: name, type, format, priority, description."""


class RecordedStream(msgspec.Struct, frozen=True, array_like=True, dict=True):
    """One resource of one context that was recorded, with its selectors, as discovery describes it."""

    number: int
    context: str
    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    namespace: str | None = None
    label_selector: str | None = None
    field_selector: str | None = None
    columns: tuple[ColumnRow, ...] = ()
    """The server's columns, where the objects carry cells."""

    @classmethod
    def of(
        cls,
        number: int,
        context: str,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        columns: tuple[ColumnRow, ...] = (),
    ) -> RecordedStream:
        names = (resource.group, resource.version, resource.name, resource.kind, resource.namespaced)
        more = (resource.singular, resource.short_names, resource.categories)
        return cls(number, context, *names, *more, namespace, label_selector, field_selector, columns)

    @cached_property
    def resource(self) -> Resource:
        gvr = GroupVersionResource(self.group, self.version, self.plural)
        verbs = frozenset({"get", "list", "watch"})
        return Resource(gvr, self.kind, self.namespaced, self.singular, self.short_names, self.categories, verbs)


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One delta, or one object of a snapshot, or a gap."""

    stream: int
    key: str
    sequence: int
    at: float
    type: str
    """A DeltaType, or GAP."""
    inferred: bool = False
    base: int = 0
    data: bytes = b""
    cells: msgspec.Raw = NO_CELLS
    """An array of texts, numbers and booleans, or nothing; not decoded, because who wrote it is not known."""
    since: float = 0.0
    departed: bool = False


class EndInfo(msgspec.Struct, frozen=True, array_like=True):
    """The last frame of a recording that was ended in order."""

    at: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One delta. `at` is its receipt in seconds since the epoch, `sequence` as it was then."""

    stream: RecordedStream
    key: str
    sequence: int
    at: float
    type: DeltaType
    object: KubeObject
    inferred: bool = False
    departed: bool = False
    """A deletion that may be none: the object left the selection, or was deleted."""

    @property
    def deleted(self) -> bool:
        return self.type is DeltaType.DELETED


@dataclass(frozen=True, slots=True)
class RecordedGap:
    """A time when a stream was not watched, in seconds since the epoch."""

    stream: RecordedStream
    since: float
    until: float
    cause: str

    @property
    def at(self) -> float:
        """When it was known."""
        return self.until


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
        return self.type == FrameType.SNAPSHOT and bool(self.flags & FIRST)


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are no frame: between frames, or at the end (a frame that was never finished)."""

    offset: int
    length: int
    at_end: bool


def open_recording(path: Path) -> tuple[BinaryIO, int]:
    """A file and its size; raise RecordingError if it is no recording."""
    try:
        if path.exists() and not path.is_file():
            raise RecordingError(f"{path} is no file.")  # a pipe would make one wait for ever
        file: Any = path.open("rb")
        size = path.stat().st_size
        magic = file.read(len(MAGIC))
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}.") from error
    if magic != MAGIC:
        file.close()
        what = "is empty: there is no recording in it" if not size else "is no kwatch recording"
        raise RecordingError(f"{path} {what}.")
    return file, size


def encode_frame(
    type_: FrameType, content: bytes, *, flags: int = 0, records: int = 0, first: float = 0.0, last: float = 0.0
) -> bytes:
    """A whole frame, to be written in one go."""
    payload = zstd.compress(content, LEVEL)
    header = HEADER.pack(MARKER, type_, flags, 0, len(payload), records, first, last, 0)
    crc = zlib.crc32(payload, zlib.crc32(header[len(MARKER) : -_CRC_BYTES]))
    return header[:-_CRC_BYTES] + crc.to_bytes(_CRC_BYTES, "little") + payload


def scan(file: BinaryIO, size: int) -> Iterator[Frame | Damage]:
    """Every frame's header, in order, and the damage between them. Payloads are not read, except in the search for the
    next frame behind damage; all searches together read no more than a few times the file.
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
    """The frame whose header this is, if what it says can be true in a file of so many bytes."""
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
