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

HEADER holds FileInfo, STREAM a StreamInfo, SNAPSHOT and DELTAS a list of Record, END an EndInfo; all are arrays of
their fields in order, to which later versions may only append.

A segment begins with SNAPSHOTs of every object there is, so that reading can begin there. A record's `data` is the
object's JSON if `base` is 0: the record is whole. Else it is a zstd frame that needs as raw prefix dictionary the JSON
of an earlier record of the same object, in the same segment: the one with sequence `base`, which is the last whole one,
or the last that was itself packed against the last whole one. So no version needs more than three records. A gap is a
record of type GAP with its cause as `data`, from `since` to `at`.
"""

from __future__ import annotations

import struct
from enum import IntEnum

import msgspec

from kwatch.informer.delta import DeltaType

MAGIC = b"kwatch\x00\x01"
VERSION = 1
MARKER = b"KWF\n"
HEADER = struct.Struct("<4sBBHIIddI")
FIRST = 1
GAP = "Gap"


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


class StreamInfo(msgspec.Struct, frozen=True, array_like=True):
    """One resource of one context that was recorded, with its selectors, as discovery describes it."""

    number: int
    context: str
    group: str
    version: str
    resource: str
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


NO_CELLS = msgspec.Raw(b"\xc0")


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


DELTA_TYPES = {str(type_): type_ for type_ in DeltaType}
