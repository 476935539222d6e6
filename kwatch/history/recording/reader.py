"""Reads what can be read of a recording, and says in sentences what cannot."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from itertools import chain as chain_together
from math import inf, nextafter
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec.structs import force_setattr

from kwatch.base.limits import (
    EARLIEST,
    LARGEST_CELLS,
    LATEST,
    MOST_CELLS,
    MOST_FRAMES,
    MOST_PROBLEMS,
    MOST_STREAMS,
    size_text,
)
from kwatch.history.packing import zstd
from kwatch.history.recording.base_records import Allowance, BaseRecords, Chain, Unpacking
from kwatch.history.recording.format import (
    DELTA_TYPES,
    GAP,
    NO_CELLS,
    VERSION,
    Damage,
    EndInfo,
    FileInfo,
    Frame,
    FrameType,
    Record,
    Recorded,
    RecordedGap,
    RecordedStream,
    is_undamaged,
    open_recording,
    read_payload,
    scan,
)
from kwatch.informer.decoding import decode_object
from kwatch.informer.kube_object import Unreadable
from kwatch.informer.resource import Resource

T = TypeVar("T")
_Cells = tuple[str | int | float | bool | None, ...] | None
Place = tuple[int, str]


class Recording:
    """Opened by its path; raise RecordingError if it is no recording at all. One thread at a time may read.

    `problems` grows while it is read: sentences about what is damaged, cut off or not understood.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[str] = []
        self.info = FileInfo()
        self.streams: dict[int, RecordedStream] = {}
        self.end: EndInfo | None = None
        """None if the recorder did not come to an end: it was killed, or is still writing."""
        self.unreadable = 0
        """How often a frame of records, or a version, could not be read."""
        self._frames: list[Frame] = []
        self._has_info = False
        self._file, self._size = open_recording(path)
        for found in scan(self._file, self._size):
            if isinstance(found, Damage):
                self._complain(found)
            elif len(self._frames) >= MOST_FRAMES:
                self._say(
                    f"{path} holds more than {MOST_FRAMES:,} frames; those from byte {found.offset:,} on are left out."
                )
                break
            else:
                self._take(found)
        self._segments = self._find_segments()
        self._check()

    def close(self) -> None:
        self._file.close()

    @property
    def span(self) -> tuple[float, float]:
        """The receipt of the first and of the last record, in seconds since the epoch; zeros if there is none."""
        frames = [frame for frame in self._frames if frame.type == FrameType.DELTAS and frame.records]
        return min((f.first for f in frames), default=0.0), max((f.last for f in frames), default=0.0)

    @property
    def contexts(self) -> tuple[str, ...]:
        """Those that were recorded, by name: which came first was chance."""
        return tuple(sorted({stream.context for stream in self.streams.values()}))

    def resources(self, context: str | None = None) -> tuple[Resource, ...]:
        """Those that were recorded, each once, of one context or of all."""
        streams = [each for each in self.streams.values() if context in (None, each.context)]
        return tuple({stream.resource.gvr: stream.resource for stream in streams}.values())

    @property
    def count(self) -> int:
        """How many deltas and gaps it holds."""
        return sum(frame.records for frame in self._frames if frame.type == FrameType.DELTAS)

    def deltas(
        self, since: float | None = None, until: float | None = None, *, after: float | None = None
    ) -> Iterator[Recorded | RecordedGap]:
        """What was recorded between two times (seconds since the epoch), in the order of the file.

        With `after` that time itself is left out.
        """
        if after is not None:
            since = nextafter(after, inf)
        start = self._segment_at(since) if since is not None else 0
        allowance = Allowance(self._size)
        first, last = -inf if since is None else since, inf if until is None else until
        chains = self._deltas(start, self._end_of(until), BaseRecords(allowance), allowance)
        yield from self._restored((chain for chain in chains if first <= chain[-1].at <= last), allowance)

    def state_at(self, time: float) -> dict[Place, Recorded]:
        """Everything there was at a time, by stream and key. Only what was the last of each is unpacked."""
        return self.resume(time)[0]

    def resume(
        self, time: float, streams: Container[int] | None = None
    ) -> tuple[dict[Place, Recorded], Iterator[Recorded | RecordedGap]]:
        """Everything there was at a time, and what was recorded after it, in the order of the file: read once. Of some
        streams alone, if they are said.
        """
        last: dict[Place, Chain] = {}
        later: list[Chain] = []
        allowance = Allowance(self._size)
        bases, end = BaseRecords(allowance), self._end_of(time)
        full: Frame | None = None
        for frame, chain in self._chains(self._segment_at(time), end, bases, allowance, streams):
            record = chain[-1]
            if frame is full:
                continue
            if record.at <= time:
                if record.type != GAP:
                    last[record.stream, record.key] = chain
            elif frame.type == FrameType.DELTAS:
                if allowance.may_keep(len(record.data)):
                    later.append(chain)
                else:
                    self._say_too_much(frame)
                    full = frame
        unpacking = Unpacking(allowance)
        state: dict[Place, Recorded] = {}
        for place, chain in last.items():
            each = self._restore(chain, unpacking)
            if isinstance(each, Recorded) and not each.deleted:
                if not allowance.may_keep(each.object.stored_size if len(chain) > 1 else 0):
                    self._say_too_much(None)
                    break
                state[place] = each
        chains = self._deltas(end, len(self._frames), bases, allowance, streams)
        following = (chain for chain in chains if chain[-1].at > time)
        return state, self._restored(chain_together(later, following), allowance)

    def _deltas(
        self, start: int, end: int, bases: BaseRecords, allowance: Allowance, streams: Container[int] | None = None
    ) -> Iterator[Chain]:
        """The chain of each delta and gap in some frames; from where `bases` are known, or a segment begins."""
        chains = self._chains(start, end, bases, allowance, streams)
        return (chain for frame, chain in chains if frame.type == FrameType.DELTAS)

    def _chains(
        self, start: int, end: int, bases: BaseRecords, allowance: Allowance, streams: Container[int] | None = None
    ) -> Iterator[tuple[Frame, Chain]]:
        """The chain of every record, snapshots included, with its frame; of all `streams` for None."""
        for frame in self._frames[start:end]:
            if allowance.spent:
                break
            for record in self._records(frame, allowance):
                if streams is not None and record.stream not in streams:
                    continue
                chain = bases.take(record)
                if not chain:
                    self._say_too_much(frame)
                    allowance.end()
                    break
                yield frame, chain

    def _restored(self, chains: Iterable[Chain], allowance: Allowance) -> Iterator[Recorded | RecordedGap]:
        unpacking = Unpacking(allowance)
        for chain in chains:
            restored = self._restore(chain, unpacking)
            if restored is not None:
                yield restored

    def _take(self, frame: Frame) -> None:
        if frame.type == FrameType.HEADER:
            info = self._decode(frame, FileInfo)
            if info is not None and self._has_info:
                self._say_odd(frame, "is a second beginning")
            elif info is not None:
                self.info, self._has_info = info, True
        elif frame.type == FrameType.STREAM:
            stream = self._decode(frame, RecordedStream)
            if stream is not None:
                self._declare(frame, stream)
        elif frame.type == FrameType.END:
            end = self._decode(frame, EndInfo)
            if end is not None and not EARLIEST <= end.at <= LATEST:
                self._say_odd(frame, "is no time")
            else:
                self.end = end
        elif frame.type in (FrameType.SNAPSHOT, FrameType.DELTAS):
            self._frames.append(frame)
        elif is_undamaged(self._file, frame):
            self._say_odd(frame, "is of a kind that is not known")
        else:
            self._say_damaged(frame)

    def _declare(self, frame: Frame, stream: RecordedStream) -> None:
        known = self.streams.get(stream.number)
        if known is not None and known != stream:
            self._say_odd(frame, "declares a stream for the second time")
        elif known is None and len(self.streams) >= MOST_STREAMS:
            self._say_odd(frame, f"is one of more than {MOST_STREAMS:,} streams")
        elif known is None:
            self.streams[stream.number] = stream

    def _check(self) -> None:
        if self.info.version > VERSION:
            self.problems.append(
                f"{self.path} was written by a newer kwatch (format {self.info.version}, known is {VERSION}); "
                "what is understood of it is shown."
            )
        if not self._frames and self.end is None:
            self.problems.append(f"{self.path} holds nothing: its recorder ended before anything was written.")

    def _segment_at(self, time: float) -> int:
        """The index of the frame from which on everything at `time` can be restored."""
        start = 0
        for index, first in self._segments:
            if first is None or first > time:
                break
            start = index
        return start

    def _find_segments(self) -> list[tuple[int, float | None]]:
        """Where segments begin, and when the first delta behind it came: a snapshot holds what came before, so it may
        begin only what is later than all of that.
        """
        segments: list[tuple[int, float | None]] = []
        following: float | None = None
        for index in range(len(self._frames) - 1, -1, -1):
            frame = self._frames[index]
            if frame.type == FrameType.DELTAS:
                following = frame.first
            if frame.first_of_segment:
                segments.append((index, following))
        segments.reverse()
        return segments

    def _end_of(self, time: float | None) -> int:
        """The index after the last frame that begins up to `time`."""
        if time is None:
            return len(self._frames)
        return max((index for index, frame in enumerate(self._frames) if frame.first <= time), default=-1) + 1

    def _records(self, frame: Frame, allowance: Allowance) -> list[Record]:
        records = self._decode(frame, list[Record], allowance)
        if records is None:
            self.unreadable += 1
            return []
        good = [record for record in records if EARLIEST <= record.since <= LATEST and EARLIEST <= record.at <= LATEST]
        if len(good) < len(records):
            self.unreadable += len(records) - len(good)
            self._say_odd(frame, "is no time")
        for record in good:
            if memoryview(record.cells).nbytes > 1:
                force_setattr(record, "cells", self._detached(frame, record.cells))
        return good

    def _detached(self, frame: Frame, cells: msgspec.Raw) -> msgspec.Raw:
        """Cells without the frame's bytes, which would be kept for them."""
        size = memoryview(cells).nbytes
        if size <= LARGEST_CELLS:
            return cells.copy()
        self._say_odd(frame, f"are cells of {size_text(size)}")
        return NO_CELLS

    def _decode(self, frame: Frame, shape: type[T], allowance: Allowance | None = None) -> T | None:
        content = read_payload(self._file, frame)
        if content is None:
            self._say_damaged(frame)
            return None
        if allowance is not None and not allowance.may_unpack(len(content), frame.records):
            self._say_too_much(frame)
            return None
        try:
            if frame.type in (FrameType.SNAPSHOT, FrameType.DELTAS) and _length_of_array(content) != frame.records:
                raise msgspec.DecodeError("another number of records")
            return msgspec.msgpack.decode(content, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._say_odd(frame, "is not understood")
            return None

    def _restore(self, chain: Chain, unpacking: Unpacking) -> Recorded | RecordedGap | None:
        record = chain[-1]
        stream = self.streams.get(record.stream)
        if stream is None:
            self._say(f"{self.path} holds versions of stream {record.stream}, of which it does not say what it is.")
            return None
        if record.type == GAP:
            return RecordedGap(stream, record.since, record.at, record.data.decode("utf-8", "replace"))
        type_ = DELTA_TYPES.get(record.type)
        try:
            raw = unpacking.unpack(chain)
            if type_ is None:
                raise ValueError("its type is unknown")
            if not record.key:
                raise ValueError("it has no key")
            obj = decode_object(raw, stream.resource.kind, stream.resource.api_version)
            if isinstance(obj, Unreadable) or obj.key != record.key:
                raise ValueError("it is no object of that key")
        except (zstd.ZstdError, msgspec.DecodeError, RecursionError, ValueError):
            self._say(f"Some versions in {self.path} cannot be restored, because what they build upon is damaged.")
            self.unreadable += 1
            return None
        obj.cells = self._cells(record.cells)
        return Recorded(stream, record.key, record.sequence, record.at, type_, obj, record.inferred, record.departed)

    def _cells(self, raw: msgspec.Raw) -> tuple[Any, ...] | None:
        try:
            cells = msgspec.msgpack.decode(raw, type=_Cells)
        except (msgspec.DecodeError, RecursionError):
            self._say(f"Some versions in {self.path} have cells that are none of a table; they are left out.")
            return None
        return cells if cells is None else cells[:MOST_CELLS]

    def _complain(self, damage: Damage) -> None:
        if damage.at_end:
            self._say(
                f"{self.path} ends in the middle of a frame: its recorder was killed or the disk was full. "
                "Everything before is shown."
            )
        else:
            self._say(f"{self.path} is damaged at byte {damage.offset:,} ({damage.length:,} bytes); the rest is shown.")

    def _say_damaged(self, frame: Frame) -> None:
        self._say(f"{self.path} is damaged at byte {frame.offset:,}; the rest is shown.")

    def _say_odd(self, frame: Frame, what: str) -> None:
        self._say(f"{self.path} holds something at byte {frame.offset:,} that {what}; the rest is shown.")

    def _say_too_much(self, frame: Frame | None) -> None:
        where = f" from byte {frame.offset:,} on" if frame is not None else ""
        size = size_text(self._size)
        self._say(f"{self.path} unpacks to more than a recording of {size} can hold; the rest{where} is left out.")

    def _say(self, problem: str) -> None:
        if len(self.problems) == MOST_PROBLEMS:
            problem = f"{self.path} has more than {MOST_PROBLEMS} such places; they are not named."
        if len(self.problems) <= MOST_PROBLEMS and problem not in self.problems:
            self.problems.append(problem)


def _length_of_array(content: bytes) -> int:
    """How many values the msgpack array holds with which this begins; -1 if it does not begin with one."""
    first = content[0] if content else 0
    if first & 0xF0 == 0x90:
        return first & 0x0F
    width = {0xDC: 2, 0xDD: 4}.get(first, 0)
    return int.from_bytes(content[1 : 1 + width], "big") if width else -1
