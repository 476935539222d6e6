"""The STREAMING state of a reflector: a list as a watch, one object an event, until the bookmark that ends it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn, Self

from kwatch.base.threads import spawn
from kwatch.informer.api_calls import ApiCalls, OpenWatch
from kwatch.informer.clock import Clock
from kwatch.informer.delta import DeltaType
from kwatch.informer.errors import ApiError, Closed, is_expired, is_too_large, may_retry_watch
from kwatch.informer.event_writer import EventWriter, ObjectIntake
from kwatch.informer.metadata import KeyFunc, resource_version_of
from kwatch.informer.pager import Pager
from kwatch.informer.protocol import ADDED, DELETED, MODIFIED, ListOptions, Object, WatchEvent
from kwatch.informer.reflector_state import State
from kwatch.informer.reflector_store import ArrivingList, Change, LastVersion
from kwatch.informer.status import StatusRecorder

log = logging.getLogger("kwatch.informer.reflector")

TRIES = 5
"""Attempts at a server that is too busy to stream, before a list is tried."""
INCOMPLETE_STREAMS = 2
"""Streams in a row without an end bookmark after which this server is asked for lists."""


def streaming_options(options: ListOptions) -> ListOptions:
    """The watch that brings what this list would; raise ValueError if there is none.

    There is one for any version, or none, without a match; for NotOlderThan with a version; and with a limit only where
    the server would ignore it (version "0").
    """
    version, match = options.resource_version, options.resource_version_match
    if options.continue_token:
        raise ValueError("a continued list cannot be streamed")
    if options.limit and version != "0":
        raise ValueError("a limited list cannot be streamed")
    if match not in (None, "NotOlderThan") or (match and not version):
        raise ValueError(f"a list with resourceVersionMatch={match} at {version!r} cannot be streamed")
    return replace(
        options,
        limit=None,
        resource_version_match="NotOlderThan",
        send_initial_events=True,
        allow_watch_bookmarks=True,
    )


class StreamingUnavailable(Exception):
    """A list must be tried instead. `lasting` is why this is permanent; empty if it is only for now."""

    def __init__(self, error: Exception | None, lasting: str = "") -> None:
        super().__init__(str(error or lasting))
        self.error = error
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class StreamedList:
    """The objects, their version, and the watch that goes on."""

    items: Sequence[Object]
    resource_version: str
    watch: OpenWatch


class _TemporaryStore:
    """Collects the initial events. What has no key is kept too, for the real store to refuse."""

    def __init__(self, key_func: KeyFunc, recorder: StatusRecorder, arriving: ArrivingList | None) -> None:
        self._key_func = key_func
        self._recorder = recorder
        self._arriving = arriving
        self.objects: dict[object, Object] = {}

    def append(self, changes: Sequence[Change], version: str) -> None:
        came: dict[str, Object] = {}
        gone: list[str] = []
        room = self._recorder.room
        for type_, obj in changes:
            try:
                key = self._key_func(obj)
            except Exception:  # noqa: BLE001 - the real store asks the same function, and reports what it raises
                self.objects[object()] = obj
                continue
            if type_ is DeltaType.DELETED:
                room.forget(is_known=self.objects.pop(key, None) is not None)
                came.pop(key, None)
                gone.append(key)
            elif key in self.objects or not room.is_limited or self._has_room(key, type_):
                came[key] = self.objects[key] = obj
        self._recorder.received = len(self.objects) + room.left_out
        if self._arriving is not None:
            self._arriving.append(came, [key for key in gone if key not in came])

    def _has_room(self, key: str, type_: DeltaType) -> bool:
        is_known = self._arriving is not None and key in self._arriving
        return self._recorder.room.takes(is_known=is_known, is_new=type_ is DeltaType.ADDED)


class StreamingList:
    """Fetches one streaming list, again where that may help, and gives up in bounded time."""

    def __init__(
        self,
        calls: ApiCalls,
        intake: ObjectIntake,
        version: LastVersion,
        key_func: KeyFunc,
        tick: float,
        arriving: ArrivingList | None = None,
    ) -> None:
        self._calls = calls
        self._recorder = calls.recorder
        self._intake = intake
        self._version = version
        self._key_func = key_func
        self._tick = tick
        self._arriving = arriving
        self._incomplete = 0

    def run(self, stop: threading.Event) -> StreamedList:
        """Stream until the end bookmark; raise StreamingUnavailable, and Closed after a stop."""
        version = self._version
        for _ in range(TRIES):
            if stop.is_set():
                raise Closed("stopped")
            self._recorder.enter(State.STREAMING)
            self._recorder.received = 0
            try:
                streamed = self._stream(version.for_streaming_list(), stop)
                if streamed is not None:
                    return streamed
            except Closed:
                if stop.is_set():
                    raise
                self._incomplete += 1
                self._give_up()
            except StreamingUnavailable:
                raise
            except Exception as error:
                self._recorder.error("streaming list", error)
                if may_retry_watch(error):
                    self._calls.retries.pause(stop, error)
                elif (is_expired(error) or is_too_large(error)) and version.for_streaming_list():
                    version.unavailable = True
                else:
                    raise StreamingUnavailable(error, _lasting(error)) from error
                continue
            if self._incomplete >= INCOMPLETE_STREAMS:
                self._give_up()
        raise StreamingUnavailable(None)

    def _give_up(self) -> NoReturn:
        """A list is tried instead: this time, and for good after as many in a row."""
        self._recorder.error("streaming list", "no end bookmark came")
        lasting = "streaming lists came without their end bookmark: listing instead"
        raise StreamingUnavailable(None, lasting if self._incomplete >= INCOMPLETE_STREAMS else "")

    def _stream(self, version: str, stop: threading.Event) -> StreamedList | None:
        """One attempt; None if the stream ended, or was silent for too long, before the end bookmark."""
        opened = self._calls.watch(streaming_options(ListOptions(resource_version=version)))
        self._intake.begin_list()
        if self._arriving is not None:
            self._arriving.begin()
        clock, store = self._calls.clock, _TemporaryStore(self._key_func, self._recorder, self._arriving)
        # The versions of initial events mean nothing; only the bookmark's does.
        writer = EventWriter(store, self._intake, self._recorder, "")
        dropped = self._recorder.dropped
        with BookmarkTimer(opened, clock, self._tick) as timer:
            try:
                for events in opened.batches():
                    if stop.is_set():
                        break
                    taken = writer.write(events)
                    if writer.initial_events_ended:
                        if self._recorder.dropped > dropped and not store.objects:
                            raise ApiError(0, "Malformed", "The streaming list held nothing that was asked for.")
                        opened.keep(events[taken:])
                        opened.understood += writer.understood
                        self._incomplete = 0
                        self._recorder.last_event_at = clock.time()
                        return StreamedList([*store.objects.values()], writer.version, opened)
                    if events:
                        timer.saw(events)
                        self._recorder.last_event_at = clock.time()
                    elif self._arriving is not None:
                        self._arriving.file()
                    if opened.batched and timer.is_overdue():
                        break
            except BaseException:
                opened.close()
                if not timer.overdue:
                    raise
            finally:
                if self._arriving is not None and not writer.initial_events_ended:
                    self._arriving.file()
        opened.close()
        if stop.is_set():
            raise Closed("stopped")
        self._incomplete += 1
        if timer.overdue:
            self._give_up()  # another such wait would be as long
        return None


def _lasting(error: Exception) -> str:
    if isinstance(error, ApiError) and error.status == 422:
        return "the server does not offer streaming lists"
    return ""


LONGEST_SILENCE = 20.0
"""Seconds without an event or the bookmark, after which the stream is given up."""
_LOOK_EVERY = 0.1


class BookmarkTimer:
    """Warns every `tick` seconds while the bookmark is missing, and closes the stream after LONGEST_SILENCE.

    With a stream that gives empty batches, the reader's thread looks at the clock. One that only blocks needs a thread
    beside it while this context is open; it looks in real intervals, so that it never moves the clock of a test.
    """

    def __init__(self, opened: OpenWatch, clock: Clock, tick: float) -> None:
        self._opened = opened
        self._clock = clock
        self._tick = tick
        self._began = self._last_added = clock.monotonic()
        self._warned = self._began
        self._any = False
        self._live_since: float | None = None
        self._finished = threading.Event()
        self.overdue = False

    def saw(self, events: Sequence[WatchEvent]) -> None:
        """Events came. A MODIFIED or DELETED says that the initial ones are over, bookmark or not."""
        self._any = True
        if any(event.type == ADDED for event in events):
            self._last_added = self._clock.monotonic()
        elif self._live_since is None and any(event.type in (MODIFIED, DELETED) for event in events):
            self._live_since = self._clock.monotonic()

    def is_overdue(self) -> bool:
        """Warn if it is time; whether to give up."""
        now = self._clock.monotonic()
        if now - self._warned >= self._tick:
            self._warned = now
            if self._any:
                message = "hasn't received required bookmark event marking the end of initial events, received last"
                log.warning("%s event %.0f s ago", message, now - self._last_added)
            else:
                message = "awaiting required bookmark event for initial events stream, no events received for"
                log.warning("%s %.0f s", message, now - self._began)
        if now - min(self._last_added, self._live_since or self._last_added) >= LONGEST_SILENCE:
            self.overdue = True
        return self.overdue

    def __enter__(self) -> Self:
        if not self._opened.batched:
            # A stream without a timer might never end.
            spawn("kwatch-bookmark-timer", self._look, lambda error: self._opened.close())
        return self

    def __exit__(self, *_: object) -> None:
        self._finished.set()

    def _look(self) -> None:
        while not self._finished.wait(_LOOK_EVERY):
            if self.is_overdue():
                self._opened.close()
                return


def check_consistency(calls: ApiCalls, streamed: StreamedList, key_func: KeyFunc) -> None:
    """List exactly the streamed version, and record an error if keys or versions differ; raise what the list raises."""
    options = ListOptions(resource_version=streamed.resource_version, resource_version_match="Exact")
    listed, _ = Pager(calls.list, page_size=None).list(options)
    there, here = _versions(listed.items, key_func), _versions(streamed.items, key_func)
    if there == here:
        return
    differing = sorted(key for key in there.keys() | here.keys() if there.get(key) != here.get(key))
    message = f"the streaming list at {streamed.resource_version} differs from the list in {', '.join(differing[:10])}"
    log.error(message)
    calls.recorder.error("consistency", message)


def _versions(objects: Iterable[Object], key_func: KeyFunc) -> dict[str, str]:
    return {key_func(obj): resource_version_of(obj) for obj in objects}
