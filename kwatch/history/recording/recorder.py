"""Records what informers see into a file, without holding them up: a thread of its own writes."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kwatch.base.threads import guard, reason_of, spawn
from kwatch.history.recording.format import ColumnRow, FileInfo, RecordedGap, RecordedStream
from kwatch.history.recording.redaction import Redaction
from kwatch.history.recording.writer import RecordingWriter
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.delta import DeletedFinalStateUnknown, Delta, DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import resource_version_of
from kwatch.informer.protocol import Object
from kwatch.informer.resource import Resource
from kwatch.informer.waiting import join_all

log = logging.getLogger("kwatch.history")

FLUSH_INTERVAL = 1.0
"""Seconds that a delta waits at most before it is in the file: what a killed recorder loses."""
SYNC_INTERVAL = 10.0
MOST_WAITING = 200_000
"""Deltas that may wait for a slow disk before some are left out."""
TOO_SLOW = "the disk was too slow to record everything"
_ATTEMPTS = 10
"""To write the rest at the end, each of which may lose something to an internal error."""


class Recorder:
    """Give `sink` to each informer; `close` at the end.

    Raise RecordingError if the file cannot be made. Data of Secrets are never written, nor what `redaction` names.
    Beyond `max_bytes` nothing more is written, and `stopped` says so; a full disk ends it likewise. An internal
    error costs what was being written: that is a gap, and it goes on.
    """

    def __init__(
        self,
        path: Path,
        *,
        redaction: Redaction | None = None,
        max_bytes: int | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._redaction = redaction or Redaction()
        self._max_bytes = max_bytes
        self._writer = RecordingWriter(path, FileInfo(created=self._clock.time(), redacted=self._redaction.paths))
        self._waiting: deque[Seen | RecordedGap] = deque()
        self._lock = threading.Lock()
        self._streams: list[RecordedStream] = []
        self._left_out: dict[int, float] = {}
        """Streams of which deltas are being left out, and since when."""
        self._written_at = self._clock.time()
        """When all that had come was in the file."""
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._closed = False
        self.stopped = ""
        """Empty, or the sentence that says why recording ended early."""
        self._thread = spawn("kwatch-recorder", self._run, self._crashed, until=self._stop, wait=self._clock.wait)

    @property
    def bytes(self) -> int:
        """The size of the file so far."""
        return self._writer.bytes

    @property
    def records(self) -> int:
        return self._writer.records

    def sink(
        self,
        context: str,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        columns: tuple[ColumnRow, ...] = (),
    ) -> RecorderSink:
        """A sink for one informer; `columns` are the server's, if its objects carry cells."""
        with self._lock:
            number = len(self._streams)
            stream = RecordedStream.of(number, context, resource, namespace, label_selector, field_selector, columns)
            self._streams.append(stream)
            if not self.stopped and not self._closed:
                self._guarded(lambda: self._writer.declare(stream))
        return RecorderSink(stream, self.put)

    def close(self, reason: str = "") -> None:
        """Write what waits, and end the file. Idempotent."""
        self._stop.set()
        self._wake.set()
        join_all([self._thread], None)
        with self._lock:
            if self._closed:
                return
            self._closed = True
        now = self._clock.time()
        for number, since in self._left_out.items():
            self._waiting.append(RecordedGap(self._streams[number], since, now, TOO_SLOW))
        for _ in range(_ATTEMPTS):
            if guard("kwatch-recorder", partial(self._write_all, sync=True), self._crashed):
                break
        with self._lock:
            if not self.stopped:
                self._guarded(lambda: self._writer.close(self._clock.time(), reason))

    def put(self, item: Seen | RecordedGap) -> None:
        """Hand over what a sink saw. Called in the informers' threads."""
        if self.stopped or self._closed:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._left_out.setdefault(item.stream.number, self._clock.time())
            return
        since = self._left_out.pop(item.stream.number, None)
        if since is not None:
            self._waiting.append(RecordedGap(item.stream, since, self._clock.time(), TOO_SLOW))
        self._waiting.append(item)
        if not self._wake.is_set():
            self._wake.set()

    def _run(self) -> None:
        synced = self._clock.monotonic()
        while not self._stop.is_set() and not self.stopped:
            self._wake.wait()
            self._stop.wait(FLUSH_INTERVAL)
            self._wake.clear()
            now = self._clock.monotonic()
            sync = now - synced >= SYNC_INTERVAL or self._stop.is_set()
            synced = now if sync else synced
            self._write_all(sync=sync)

    def _write_all(self, *, sync: bool) -> None:
        with self._lock:
            self._guarded(partial(self._write_waiting, sync=sync))

    def _crashed(self, error: BaseException) -> None:
        """What was being written is lost, so nothing that follows may be packed against it."""
        now, cause = self._clock.time(), f"internal error: {reason_of(error)}"
        with self._lock:
            self._writer.forget_bases()
            lost = [RecordedGap(stream, self._written_at, now, cause) for stream in self._streams]
        self._waiting.extendleft(lost)
        self._wake.set()

    def _write_waiting(self, *, sync: bool) -> None:
        while self._waiting and not self.stopped:
            self._write(self._waiting.popleft())
            if self._max_bytes is not None and self._writer.bytes >= self._max_bytes:
                self.stopped = f"The recording reached its limit of {self._max_bytes:,} bytes and was ended."
                self._writer.close(self._clock.time(), self.stopped)
                return
        if not self.stopped:
            self._writer.flush(sync=sync)
            self._written_at = self._clock.time()

    def _write(self, item: Seen | RecordedGap) -> None:
        if isinstance(item, RecordedGap):
            self._writer.add_gap(item.stream.number, item.since, item.until, item.cause)
            return
        obj = self._redaction.redact_object(str(item.stream.resource), item.object)
        self._writer.add(item.stream.number, item.delta, obj, inferred=item.inferred)

    def _guarded(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            self.stopped = f"{self._writer.path} cannot be written any more: {error.strerror}."
            self._writer.abandon()
            log.error("recording ended: %s", self.stopped)


@dataclass(frozen=True, slots=True)
class Seen:
    """A delta of a stream, with its object or the last that was known of it."""

    stream: RecordedStream
    delta: Delta
    object: KubeObject
    inferred: bool


class RecorderSink:
    """Hands what one informer sees to the recorder."""

    def __init__(self, stream: RecordedStream, put: Callable[[Seen | RecordedGap], None]) -> None:
        self._stream = stream
        self._put = put

    def on_delta(self, key: str, delta: Delta, old: Object | None) -> None:
        """Record a delta, unless it is a resync or a version that was there already."""
        if delta.type is DeltaType.SYNC:
            return
        thing = delta.object
        inferred = isinstance(thing, DeletedFinalStateUnknown)
        last = thing.object if isinstance(thing, DeletedFinalStateUnknown) else thing
        obj = last if last is not None else old
        if obj is None:
            return
        whole = obj if isinstance(obj, KubeObject) else KubeObject.of(obj)
        if delta.type is DeltaType.REPLACED and old is not None and resource_version_of(old) == whole.resource_version:
            return
        self._put(Seen(self._stream, delta, whole, inferred))

    def on_gap(self, since: float, until: float, cause: str) -> None:
        """Record that nothing was watched between these moments."""
        self._put(RecordedGap(self._stream, since, until, cause))
