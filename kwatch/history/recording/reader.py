"""Reads a recording: whatever can be read of it, and in a sentence each what cannot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain as chain_together
from math import inf, nextafter
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec

from kwatch.history.packing import zstd
from kwatch.history.recording.base_records import BaseRecords, Chain, Unpacking
from kwatch.history.recording.errors import RecordingError
from kwatch.history.recording.format import (
    DELTA_TYPES,
    GAP,
    MAGIC,
    VERSION,
    EndInfo,
    FileInfo,
    FrameType,
    Record,
    StreamInfo,
)
from kwatch.history.recording.frames import Damage, Frame, read_payload, scan
from kwatch.history.recording.recorded import Recorded, RecordedGap, RecordedStream
from kwatch.informer.decoding import decode_object
from kwatch.informer.unreadable import Unreadable

T = TypeVar("T")
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
        self._file, size = _open(path)
        for found in scan(self._file, size):
            if isinstance(found, Damage):
                self._complain(found)
            else:
                self._take(found)
        self._check()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def span(self) -> tuple[float, float]:
        """The receipt of the first and of the last record, in seconds since the epoch; zeros if there is none."""
        frames = [frame for frame in self._frames if frame.type == FrameType.DELTAS and frame.records]
        return min((f.first for f in frames), default=0.0), max((f.last for f in frames), default=0.0)

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
        chains = self._chains(start, self._end_of(until), BaseRecords())
        yield from self._restored(
            chain
            for chain in chains
            if (since is None or chain[-1].at >= since) and (until is None or chain[-1].at <= until)
        )

    def state_at(self, time: float) -> dict[Place, Recorded]:
        """Everything there was at a time, by stream and key. Only what was the last of each is unpacked."""
        return self.resume(time)[0]

    def resume(self, time: float) -> tuple[dict[Place, Recorded], Iterator[Recorded | RecordedGap]]:
        """Everything there was at a time, and what was recorded after it, in the order of the file: read once."""
        last: dict[Place, Chain] = {}
        later: list[Chain] = []
        bases, end = BaseRecords(), self._end_of(time)
        for frame in self._frames[self._segment_at(time) : end]:
            for record in self._records(frame):
                chain = bases.take(record)
                if record.at > time:
                    if frame.type == FrameType.DELTAS:
                        later.append(chain)
                elif record.type != GAP:
                    last[record.stream, record.key] = chain
        unpacking = Unpacking()
        restored = ((place, self._restore(chain, unpacking)) for place, chain in last.items())
        state = {place: each for place, each in restored if isinstance(each, Recorded) and not each.deleted}
        following = (chain for chain in self._chains(end, len(self._frames), bases) if chain[-1].at > time)
        return state, self._restored(chain_together(later, following))

    def _chains(self, start: int, end: int, bases: BaseRecords) -> Iterator[Chain]:
        """The chain of each delta and gap in some frames; from where `bases` are known, or a segment begins."""
        for frame in self._frames[start:end]:
            for record in self._records(frame):
                chain = bases.take(record)
                if frame.type == FrameType.DELTAS:
                    yield chain

    def _restored(self, chains: Iterable[Chain]) -> Iterator[Recorded | RecordedGap]:
        unpacking = Unpacking()
        for chain in chains:
            restored = self._restore(chain, unpacking)
            if restored is not None:
                yield restored

    def _take(self, frame: Frame) -> None:
        if frame.type == FrameType.HEADER:
            self.info = self._decode(frame, FileInfo) or self.info
        elif frame.type == FrameType.STREAM:
            info = self._decode(frame, StreamInfo)
            if info is not None:
                self.streams[info.number] = RecordedStream.of(info)
        elif frame.type == FrameType.END:
            self.end = self._decode(frame, EndInfo)
        elif frame.type in (FrameType.SNAPSHOT, FrameType.DELTAS):
            self._frames.append(frame)

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
        for index, frame in enumerate(self._frames):
            if frame.first_of_segment:
                # Its snapshot holds what came before: it may begin only what is later than all of that.
                followers = (each for each in self._frames[index:] if each.type == FrameType.DELTAS)
                following = next(followers, None)
                if following is None or following.first > time:
                    break
                start = index
        return start

    def _end_of(self, time: float | None) -> int:
        """The index after the last frame that begins up to `time`."""
        if time is None:
            return len(self._frames)
        return max((index for index, frame in enumerate(self._frames) if frame.first <= time), default=-1) + 1

    def _records(self, frame: Frame) -> list[Record]:
        records = self._decode(frame, list[Record])
        self.unreadable += records is None
        return records or []

    def _decode(self, frame: Frame, shape: type[T]) -> T | None:
        payload = read_payload(self._file, frame)
        if payload is None:
            self._say(f"{self.path} is damaged at byte {frame.offset:,}; the rest is shown.")
            return None
        try:
            return msgspec.msgpack.decode(payload, type=shape)
        except (msgspec.DecodeError, RecursionError):
            self._say(
                f"{self.path} holds something at byte {frame.offset:,} that is not understood; the rest is shown."
            )
            return None

    def _restore(self, chain: Chain, unpacking: Unpacking) -> Recorded | RecordedGap | None:
        record = chain[-1]
        stream = self.streams.get(record.stream)
        if stream is None:
            return None
        if record.type == GAP:
            return RecordedGap(stream, record.since, record.at, record.data.decode("utf-8", "replace"))
        type_ = DELTA_TYPES.get(record.type)
        try:
            raw = unpacking.unpack(chain)
            if type_ is None:
                raise ValueError("its type is unknown")
            obj = decode_object(raw, stream.resource.kind, stream.resource.api_version)
            if isinstance(obj, Unreadable) or obj.key != record.key:
                raise ValueError("it is no object of that key")
        except (zstd.ZstdError, msgspec.DecodeError, RecursionError, ValueError):
            self._say(f"Some versions in {self.path} cannot be restored, because what they build upon is damaged.")
            self.unreadable += 1
            return None
        obj.cells = record.cells
        return Recorded(stream, record.key, record.sequence, record.at, type_, obj, record.inferred, record.departed)

    def _complain(self, damage: Damage) -> None:
        if damage.at_end:
            self._say(
                f"{self.path} ends in the middle of a frame: its recorder was killed or the disk was full. "
                "Everything before is shown."
            )
        else:
            self._say(f"{self.path} is damaged at byte {damage.offset:,} ({damage.length:,} bytes); the rest is shown.")

    def _say(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def _open(path: Path) -> tuple[BinaryIO, int]:
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
