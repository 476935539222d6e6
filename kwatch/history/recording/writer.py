"""Writes a recording: frames of records, and a new segment now and then. Used by one thread."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

from kwatch.base.files import open_private
from kwatch.history.packing import keyframe_of, pack_delta
from kwatch.history.recording.format import (
    FIRST,
    GAP,
    MAGIC,
    NO_CELLS,
    EndInfo,
    FileInfo,
    FrameType,
    Record,
    RecordedStream,
    RecordingError,
    encode_frame,
)
from kwatch.informer.delta import Delta, DeltaType
from kwatch.informer.kube_object import KubeObject

WORTHWHILE = 0.25
"""A version that packs to more than this part of its length is written whole."""
NEAR = 4
"""Versions after which a nearer base is chosen: the further away, the more has changed."""
FRAME_BYTES = 256 << 10
"""Bytes of records that are written together; less if they wait too long."""
SMALLEST_SEGMENT = 3 << 20
"""Bytes of deltas that a segment holds at least: reading what was at a moment begins with its segment."""
SEGMENT_RATIO = 4
"""A segment ends when its deltas take this many times the bytes of its snapshot."""

Place = tuple[int, str]
_encode = msgspec.msgpack.Encoder().encode


class RecordingWriter:
    """Creates the file, readable by its owner only; raise RecordingError if it is there already or cannot be."""

    def __init__(self, path: Path, info: FileInfo) -> None:
        self.path = path
        self.bytes = 0
        """The size of the file."""
        self.records = 0
        self._file = _create(path)
        self._waiting: list[Record] = []
        self._waiting_bytes = 0
        self._state: dict[Place, tuple[Record, KubeObject]] = {}
        """The last delta and object of everything that is not deleted."""
        self._bases: dict[Place, Bases] = {}
        self._snapshot_bytes = 0
        self._delta_bytes = 0
        self._write(MAGIC)
        self._write(encode_frame(FrameType.HEADER, _encode(info)))

    def declare(self, stream: RecordedStream) -> None:
        """Announce a stream, before its first record."""
        self._write(encode_frame(FrameType.STREAM, _encode(stream)))

    def add(self, stream: int, delta: Delta, obj: KubeObject, *, inferred: bool = False) -> None:
        """Append a delta whose object is `obj`. It reaches the file with `flush`, or once there is enough."""
        place = (stream, obj.key)
        base, data = self._pack(place, delta.sequence, obj)
        record = Record(
            stream,
            obj.key,
            delta.sequence,
            delta.received_at,
            str(delta.type),
            inferred,
            base,
            data,
            msgspec.Raw(_encode(obj.cells)) if obj.cells is not None else NO_CELLS,
            departed=delta.departed,
        )
        if delta.type is DeltaType.DELETED:
            self._state.pop(place, None)
            self._bases.pop(place, None)
        else:
            self._state[place] = (msgspec.structs.replace(record, base=0, data=b""), obj)
        self._append(record)

    def add_gap(self, stream: int, since: float, until: float, cause: str) -> None:
        """Append that a stream was not watched."""
        self._append(Record(stream, "", 0, until, GAP, data=cause.encode(), since=since))

    def forget_bases(self) -> None:
        """Write what follows whole: what it would be packed against may not have reached the file."""
        self._bases.clear()

    def flush(self, *, sync: bool = False) -> None:
        """Write what waits; with `sync` see that it reaches the disk."""
        if self._waiting:
            records, self._waiting, self._waiting_bytes = self._waiting, [], 0
            self._delta_bytes += self._write_records(FrameType.DELTAS, records)
            if self._delta_bytes > max(SMALLEST_SEGMENT, SEGMENT_RATIO * self._snapshot_bytes):
                self._begin_segment()
        if sync:
            os.fsync(self._file)

    def close(self, at: float, reason: str = "") -> None:
        """Write what waits and the end, and close the file."""
        self.flush()
        self._write(encode_frame(FrameType.END, _encode(EndInfo(at, reason))))
        os.fsync(self._file)
        os.close(self._file)

    def abandon(self) -> None:
        """Close the file as it is, after it could not be written."""
        with contextlib.suppress(OSError):
            os.close(self._file)

    def _pack(self, place: Place, sequence: int, obj: KubeObject) -> tuple[int, bytes]:
        """The sequence of what it is packed against, and its data."""
        raw = obj.raw
        bases = self._bases.get(place)
        if bases is not None:
            packed = bases.pack(sequence, raw, obj)
            if packed is not None:
                return packed
        self._bases[place] = Bases(sequence, obj)
        return 0, raw

    def _append(self, record: Record) -> None:
        self._waiting.append(record)
        self._waiting_bytes += len(record.data) + 64
        self.records += 1
        if self._waiting_bytes >= FRAME_BYTES:
            self.flush()

    def _begin_segment(self) -> None:
        """Write every object there is, whole, so that reading can begin here."""
        self._snapshot_bytes = self._delta_bytes = 0
        flags = FIRST
        records: list[Record] = []
        size = 0
        for place, (last, obj) in self._state.items():
            raw = obj.raw
            records.append(msgspec.structs.replace(last, data=raw))
            self._bases[place] = Bases(last.sequence, obj)
            size += len(raw)
            if size >= FRAME_BYTES:
                self._snapshot_bytes += self._write_records(FrameType.SNAPSHOT, records, flags)
                records, size, flags = [], 0, 0
        if records or flags:
            self._snapshot_bytes += self._write_records(FrameType.SNAPSHOT, records, flags)

    def _write_records(self, type_: FrameType, records: list[Record], flags: int = 0) -> int:
        times = [record.at for record in records] or [0.0]
        frame = encode_frame(
            type_, _encode(records), flags=flags, records=len(records), first=min(times), last=max(times)
        )
        self._write(frame)
        return len(frame)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            written = os.write(self._file, view)
            self.bytes += written
            view = view[written:]


class Bases:
    """What versions of one object are packed against: the last whole one, or one that is nearer.

    The reader finds them by the sequences in the records.
    """

    __slots__ = ("_near", "_near_sequence", "_since", "_whole", "_whole_sequence")

    def __init__(self, sequence: int, obj: KubeObject) -> None:
        self._whole_sequence = self._near_sequence = sequence
        self._whole = self._near = keyframe_of(obj)
        self._since = NEAR

    def pack(self, sequence: int, raw: bytes, obj: KubeObject) -> tuple[int, bytes] | None:
        """The sequence of the base and the packed version; None if it is better written whole."""
        near = self._since < NEAR
        base, data = self._near_sequence, b""
        if near:
            self._since += 1
            data = pack_delta(raw, self._near.raw)
        else:
            base, data = self._whole_sequence, pack_delta(raw, self._whole.raw)
            self._near_sequence, self._near, self._since = sequence, keyframe_of(obj), 0
        return (base, data) if len(data) <= len(raw) * WORTHWHILE else None


def _create(path: Path) -> int:
    try:
        return open_private(path, os.O_WRONLY | os.O_EXCL)
    except FileExistsError:
        raise RecordingError(f"{path} exists already; choose another name, or remove it.") from None
    except OSError as error:
        raise RecordingError(f"{path} cannot be written: {error.strerror}.") from error
