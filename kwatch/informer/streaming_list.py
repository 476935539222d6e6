"""A list as a stream: one object an event, ended by a bookmark, going on as the watch."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kwatch.informer.bookmark_timer import BookmarkTimer
from kwatch.informer.delta import DeltaType
from kwatch.informer.errors import ApiError, Closed, is_expired, is_too_large, may_retry_watch
from kwatch.informer.event_writer import Change, EventWriter
from kwatch.informer.metadata import KeyFunc
from kwatch.informer.protocol import ListOptions, Object
from kwatch.informer.reflection import Reflection
from kwatch.informer.status import Phase, StatusRecorder
from kwatch.informer.upstream import OpenWatch

log = logging.getLogger("kwatch.informer.reflector")

TRIES = 5
"""How often a server that is too busy to stream is asked before a list is tried."""
INCOMPLETE_STREAMS = 2
"""Streams in a row without an end bookmark after which this server is asked for lists."""
MIN_WATCH_TIMEOUT = 300.0
"""Seconds."""


def watch_timeout(least: float) -> int:
    """A timeoutSeconds at random in [least, 2 * least], so that the watches of many clients do not end together."""
    least = max(least, MIN_WATCH_TIMEOUT)
    return int(random.uniform(least, 2 * least))


def streaming_options(options: ListOptions) -> ListOptions:
    """The watch that brings what this list would; raise ValueError if there is none.

    There is one for any version or none with no match, for NotOlderThan with a version, and for a limit only where the
    server would ignore it (version "0").
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
    """A list must be tried instead. `lasting` says why this holds for good; empty if only for now."""

    def __init__(self, error: Exception | None, lasting: str = "") -> None:
        super().__init__(str(error or lasting))
        self.error = error
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class StreamedList:
    """What came: the objects, their version, and the watch that goes on."""

    items: Sequence[Object]
    resource_version: str
    watch: OpenWatch


class _TemporaryStore:
    """Collects the initial events. What has no key of its own is kept too, for the real store to judge."""

    def __init__(self, key_func: KeyFunc, recorder: StatusRecorder) -> None:
        self._key_func = key_func
        self._recorder = recorder
        self.objects: dict[object, Object] = {}

    def append(self, changes: Sequence[Change], version: str) -> None:
        for type_, obj in changes:
            try:
                key: object = self._key_func(obj)
            except Exception:  # noqa: BLE001 - the real store asks the same function, and reports what it raises
                key = object()
            if type_ is DeltaType.DELETED:
                self.objects.pop(key, None)
            else:
                self.objects[key] = obj
        self._recorder.received = len(self.objects)


class StreamingList:
    """Asks for one streaming list, again where that may help, and gives up in bounded time."""

    def __init__(self, reflection: Reflection, tick: float) -> None:
        self._reflection = reflection
        self._recorder = reflection.recorder
        self._tick = tick
        self._incomplete = 0

    def run(self, stop: threading.Event) -> StreamedList:
        """Stream until the end bookmark; raise StreamingUnavailable, and Closed after a stop."""
        version = self._reflection.version
        for _ in range(TRIES):
            if stop.is_set():
                raise Closed("stopped")
            self._recorder.phase = Phase.STREAMING
            self._recorder.received = 0
            try:
                streamed = self._stream(version.for_streaming_list(), stop)
                if streamed is not None:
                    return streamed
            except Closed:
                if stop.is_set():
                    raise
                self._incomplete = INCOMPLETE_STREAMS
            except Exception as error:
                self._recorder.error("streaming list", error)
                if may_retry_watch(error):
                    self._reflection.retries.pause(stop, error)
                elif (is_expired(error) or is_too_large(error)) and version.for_streaming_list():
                    version.give_up()
                else:
                    raise StreamingUnavailable(error, _lasting(error)) from error
                continue
            if self._incomplete >= INCOMPLETE_STREAMS:
                lasting = "streaming lists came without their end bookmark: listing instead"
                self._recorder.error("streaming list", "no end bookmark came")
                raise StreamingUnavailable(None, lasting)
        raise StreamingUnavailable(None)

    def _stream(self, version: str, stop: threading.Event) -> StreamedList | None:
        """One attempt; None if the stream ended, or said nothing for too long, before the end bookmark."""
        options = replace(
            streaming_options(ListOptions(resource_version=version)),
            timeout_seconds=watch_timeout(self._reflection.min_watch_timeout),
        )
        opened = self._reflection.upstream.watch(options)
        self._reflection.intake.held = 0
        store = _TemporaryStore(self._reflection.key_func, self._recorder)
        # The versions of initial events mean nothing, wherever the stream began: only the bookmark's does.
        writer = EventWriter(store, self._reflection.intake, self._recorder, "")
        dropped = self._recorder.dropped
        with BookmarkTimer(opened, self._reflection.clock, self._tick) as timer:
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
                        return StreamedList([*store.objects.values()], writer.version, opened)
                    if events:
                        timer.heard(events)
                        self._recorder.last_event_at = self._reflection.clock.time()
                    if opened.batched and timer.is_overdue():
                        break
            except BaseException:
                opened.close()
                if not timer.overdue:
                    raise
        opened.close()
        if stop.is_set():
            raise Closed("stopped")
        self._incomplete += INCOMPLETE_STREAMS if timer.overdue else 1
        return None


def _lasting(error: Exception) -> str:
    if isinstance(error, ApiError) and error.status == 422:
        return "the server does not offer streaming lists"
    return ""
