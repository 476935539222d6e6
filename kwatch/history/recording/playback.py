"""A recording in the place of a ListerWatcher: lists and watches what was recorded, as the playhead moves over it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from kwatch.history.coverage import Scope
from kwatch.history.recording.format import Recorded, RecordedGap, RecordedStream, RecordingError
from kwatch.history.recording.reader import Recording
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import ADDED, DELETED, ERROR, MODIFIED, ListOptions, ObjectList, WatchEvent
from kwatch.informer.resource import Resource


class Playhead:
    """Thread-safe. Positions are times of the recording, in seconds since the epoch; it begins paused."""

    def __init__(self, start: float, end: float, *, speed: float = 1.0, clock: Clock | None = None) -> None:
        self.start = start
        self.end = end
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self.speed = speed
        """Seconds of the recording in a second."""
        self.playing = False
        self.generation = 0
        """How often `seek` was called: a watch from before must begin again."""
        self._position = start
        self._since = self._clock.monotonic()
        self._listeners: frozenset[threading.Event] = frozenset()

    @property
    def position(self) -> float:
        """Where it is now; never beyond the end."""
        with self._lock:
            return self._now()

    def play(self) -> None:
        self._change(playing=True)

    def pause(self) -> None:
        self._change(playing=False)

    def set_speed(self, speed: float) -> None:
        """Move so fast; raise ValueError unless it is above 0."""
        if not speed > 0:
            raise ValueError(f"a speed must be above 0, not {speed}")
        self._change(speed=speed)

    def seek(self, position: float) -> None:
        """Go elsewhere, within the recording."""
        self._change(position=min(max(position, self.start), self.end))

    def advance(self, position: float) -> None:
        """Pass over time in which nothing happens: a watch goes on."""
        with self._lock:
            is_ahead = self._now() < position
        if is_ahead:
            self._change(position=min(position, self.end), elsewhere=False)

    def until(self, moment: float) -> float | None:
        """Seconds until `moment` is reached, 0 if it is; None if it is not on the way."""
        with self._lock:
            left = moment - self._now()
            if left <= 0:
                return 0.0
            return left / self.speed if self.playing else None

    def attach(self, changed: threading.Event) -> None:
        """Have `changed` set whenever how it moves, or where it is, was changed."""
        with self._lock:
            self._listeners |= {changed}

    def detach(self, changed: threading.Event) -> None:
        with self._lock:
            self._listeners -= {changed}

    def _now(self) -> float:
        if not self.playing:
            return self._position
        return min(self.end, self._position + (self._clock.monotonic() - self._since) * self.speed)

    def _change(
        self,
        *,
        playing: bool | None = None,
        speed: float | None = None,
        position: float | None = None,
        elsewhere: bool = True,
    ) -> None:
        with self._lock:
            self._position = self._now() if position is None else position
            self._since = self._clock.monotonic()
            self.playing = self.playing if playing is None else playing
            self.speed = self.speed if speed is None else speed
            self.generation += position is not None and elsewhere
            listeners = self._listeners
        for changed in listeners:
            changed.set()


class PlayheadClock:
    """A clock whose time of day is where a recording is played."""

    def __init__(self, playhead: Playhead, clock: Clock | None = None) -> None:
        self._playhead = playhead
        self._clock = clock or SystemClock()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def time(self) -> float:
        """Seconds since the epoch, in the recording."""
        return self._playhead.position

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return self._clock.wait(event, seconds)


@dataclass
class _Run:
    """What follows one list: the deltas after it, and the keys its reader knows."""

    generation: int
    deltas: Iterator[Recorded | RecordedGap]
    known: set[str] = field(default_factory=set)
    next: Recorded | RecordedGap | None = None


class RecordedListerWatcher:
    """One resource of a recording. `list` begins again at the playhead; `watch` goes on from there.

    The file is opened by the first list, which may take long and fail. After a seek the watch ends with 410 Expired, so
    that the reflector lists again.
    """

    streaming = False

    def __init__(
        self,
        path: Path,
        playhead: Playhead,
        resource: Resource,
        scope: Scope = Scope(),  # noqa: B008 - immutable
        clock: Clock | None = None,
        *,
        context: str | None = None,
    ) -> None:
        """`context` None: of all contexts that were recorded."""
        self._path = path
        self._context = context
        self._recording: Recording | None = None
        self._playhead = playhead
        self._scope = scope
        self._clock = clock or SystemClock()
        self._streams: frozenset[int] = frozenset()
        self._resource = resource
        self._lock = threading.Lock()
        self._run: _Run | None = None
        self.next_at: float | None = None
        """When the next delta is due that was read ahead, in seconds since the epoch; infinite after the last one."""
        self._closed = threading.Event()
        self.open_watches: set[RecordedWatch] = set()

    def list(self, options: ListOptions) -> ObjectList:
        """Everything there was at the playhead. Raise ApiError 404 if the resource was not recorded, and one with the
        sentence about the damage if nothing of that time can be read: that must not look as if all were deleted.
        """
        with self._lock:
            recording = self._open()
            if not self._streams:
                raise ApiError(404, "NotFound", f"{self._resource} were not recorded")
            generation, position = self._playhead.generation, self._playhead.position
            unreadable = recording.unreadable
            state, following = recording.resume(position, self._streams)
            if not state and recording.unreadable > unreadable:
                raise ApiError(0, "Malformed", recording.problems[-1])
            found = {key: each.object for (_, key), each in state.items() if self._scope.matches(each.object)}
            self._run = _Run(generation, following, set(found))
        return ObjectList(tuple(found.values()), str(int(position * 1_000_000)))

    def watch(self, options: ListOptions) -> RecordedWatch:
        """What follows the last list; raise ApiError 410 if there was none, 422 if it should begin with a list."""
        self._refuse_if_closed()
        if options.send_initial_events:
            raise ApiError(422, "Invalid", "a recording is listed and then watched")
        run = self._run
        if run is None:
            raise ApiError(410, "Expired", "list first, then watch")
        stream = RecordedWatch(self, run, self._playhead)
        self.open_watches.add(stream)
        return stream

    def close(self) -> None:
        """End every watch; later calls raise Closed."""
        self._closed.set()
        for stream in tuple(self.open_watches):
            stream.close()
        with self._lock:
            if self._recording is not None:
                self._recording.close()

    def _open(self) -> Recording:
        self._refuse_if_closed()
        if self._recording is None:
            try:
                self._recording = Recording(self._path)
            except (RecordingError, OSError) as error:
                raise ApiError(0, "Recording", str(error)) from error
            streams = self._recording.streams.values()
            self._streams = frozenset(each.number for each in streams if _is_of(each, self._resource, self._context))
        return self._recording

    def _refuse_if_closed(self) -> None:
        if self._closed.is_set():
            raise Closed("the recording is closed")

    def next_event(self, run: _Run, changed: threading.Event, closed: threading.Event) -> WatchEvent | None:
        """Wait for the next event of a run; None when its watch was closed."""
        while not closed.is_set():
            changed.clear()
            if run.generation != self._playhead.generation:
                return WatchEvent(ERROR, _expired("the recording was put to another time"))
            with self._lock:
                if closed.is_set():
                    return None
                run.next = run.next or next(run.deltas, None)
                self.next_at = run.next.at if run.next is not None else inf
            due = self._playhead.until(run.next.at) if run.next is not None else None
            if due == 0.0:
                delta, run.next = run.next, None
                self.next_at = None
                event = self._event(run, delta)
                if event is not None:
                    return event
            elif due is None:
                changed.wait()
            else:
                self._clock.wait(changed, due)
        return None

    def _event(self, run: _Run, delta: Recorded | RecordedGap | None) -> WatchEvent | None:
        """The event for a reader who knows the keys in `run.known`; None if there is none."""
        if not isinstance(delta, Recorded):
            return None
        was, is_ = delta.key in run.known, not delta.deleted and self._scope.matches(delta.object)
        if is_:
            run.known.add(delta.key)
            return WatchEvent(MODIFIED if was else ADDED, delta.object)
        if was:
            run.known.discard(delta.key)
            return WatchEvent(DELETED, delta.object)
        return None


class RecordedWatch:
    """An open watch of a recording. It stays open at the end: playing may go back."""

    def __init__(self, source: RecordedListerWatcher, run: _Run, playhead: Playhead) -> None:
        self._source = source
        self._run = run
        self._playhead = playhead
        self._changed = threading.Event()
        self._closed = threading.Event()
        playhead.attach(self._changed)

    def __iter__(self) -> Iterator[WatchEvent]:
        """Yield events as the playhead passes them."""
        while True:
            event = self._source.next_event(self._run, self._changed, self._closed)
            if event is None:
                return
            yield event
            if event.type == ERROR:
                return

    def close(self) -> None:
        """End it, from any thread."""
        self._closed.set()
        self._changed.set()
        self._playhead.detach(self._changed)
        self._source.open_watches.discard(self)


def _expired(message: str) -> dict[str, object]:
    return {"kind": "Status", "status": "Failure", "code": 410, "reason": "Expired", "message": message}


def _is_of(stream: RecordedStream, resource: Resource, context: str | None) -> bool:
    return stream.resource.gvr == resource.gvr and context in (None, stream.context)


def object_at(
    path: Path, position: float, resource: Resource, key: str, *, context: str | None = None
) -> KubeObject | None:
    """One object as it was."""
    recording = Recording(path)
    try:
        for (number, found), each in recording.state_at(position).items():
            if found == key and _is_of(recording.streams[number], resource, context):
                return each.object
        return None
    finally:
        recording.close()
