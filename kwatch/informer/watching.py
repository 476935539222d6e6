"""Watches, again and again, for as long as a watch is all that is needed."""

from __future__ import annotations

import logging
import threading

from kwatch.informer.departure import DepartureCheck
from kwatch.informer.errors import Closed, VeryShortWatchError
from kwatch.informer.event_writer import EventWriter
from kwatch.informer.history_check import HistoryCheck
from kwatch.informer.internal_errors import InternalErrorRetry
from kwatch.informer.protocol import ListOptions
from kwatch.informer.quiet_check import QuietCheck
from kwatch.informer.reflection import Reflection
from kwatch.informer.refusals import (
    cause_of,
    is_broken_connection,
    is_internal,
    is_too_many_requests,
    may_retry_watch,
)
from kwatch.informer.resync_timer import ResyncTimer
from kwatch.informer.status import Phase
from kwatch.informer.streaming_list import watch_timeout
from kwatch.informer.upstream import OpenWatch

log = logging.getLogger("kwatch.informer.reflector")

SHORT = 1.0
"""Seconds; a watch that ended sooner and said nothing was refused in disguise."""
SHORT_IN_A_ROW = 3
"""After so many watches that ended sooner, whatever they said, the next one waits."""


class Watching:
    """Follows one open watch after the other, until a list is needed."""

    def __init__(
        self,
        reflection: Reflection,
        quiet: QuietCheck,
        departures: DepartureCheck,
        internal_error_retry: float,
        resync: ResyncTimer,
    ) -> None:
        self._reflection = reflection
        self._recorder = reflection.recorder
        self._retries = reflection.retries
        self._history = HistoryCheck(reflection.upstream, reflection.recorder)
        self._quiet = quiet
        self._departures = departures
        self._internal_error_retry = internal_error_retry
        self._resync = resync
        self._broken: Exception | None = None
        """Why the watch is of no use any more, said by another thread."""
        self._current: OpenWatch | None = None

    def begin(self) -> None:
        """A list begins: whatever broke off the watch before is over with it."""
        self._broken = None

    def break_off(self, error: Exception) -> None:
        """End the watch, so that a list follows; from any thread."""
        self._broken = error
        current = self._current
        if current is not None:
            current.close()

    def run(self, stop: threading.Event, opened: OpenWatch | None) -> str:
        """Watch from `opened`, or from the last version, until something calls for a list: the cause, in a word or two.

        Raise what opening a watch raised, if it does not help to try that again.
        """
        with self._resync.running(self.break_off):
            return self._run(stop, opened)

    def _run(self, stop: threading.Event, opened: OpenWatch | None) -> str:
        internal = InternalErrorRetry(self._internal_error_retry, self._reflection.clock)
        short = 0
        again = False
        while not stop.is_set():
            current = opened or self._open(stop)
            opened = None
            if again and current is not None and (went_back := self._history.look(self._reflection.version.value)):
                current.close()
                self._failed(went_back)
                self._reflection.version.give_up()
                return cause_of(went_back)
            again = True
            error = self.follow(current, stop) if current is not None else None
            if stop.is_set() or current is None:
                break
            short = short + 1 if current.age < SHORT else 0
            if error is None:
                if short >= SHORT_IN_A_ROW:
                    self._retries.pause(stop)
                continue
            self._failed(error)
            internal.after(error)
            if is_too_many_requests(error) or (is_broken_connection(error) and short >= SHORT_IN_A_ROW):
                self._retries.pause(stop, error)
            elif not (is_internal(error) and internal.should_retry()) and not is_broken_connection(error):
                self._retries.watch_failed(current.events)
                return cause_of(error)
        return "stopped"

    def follow(self, opened: OpenWatch, stop: threading.Event) -> Exception | None:
        """Write what an open watch says, and close it. None for a clean end, else why it ended."""
        self._current = opened
        if self._broken is not None:
            opened.close()
            return self._broken
        self._recorder.phase = Phase.WATCHING
        self._reflection.contact.regained()
        try:
            self._read(opened, stop)
        except Closed as error:
            return None if stop.is_set() else self._broken or error
        except Exception as error:  # noqa: BLE001 - a stream may raise anything; judged by the caller and recorded
            if not (is_broken_connection(error) and self._is_barren(opened)):
                return error
            self._recorder.error("watch", error)
            return VeryShortWatchError(self._reflection.name)
        finally:
            opened.close()
        if stop.is_set() or self._broken is not None:
            return self._broken
        return VeryShortWatchError(self._reflection.name) if self._is_barren(opened) else None

    def _read(self, opened: OpenWatch, stop: threading.Event) -> None:
        writer = EventWriter(
            self._reflection.target,
            self._reflection.intake,
            self._recorder,
            self._reflection.version.value,
            self._follow_version,
            self._departures,
        )
        for events in opened.batches():
            if stop.is_set():
                return
            if not events:
                if self._quiet.look(opened):
                    return
                continue
            self._reflection.target.wait_for_room(stop)
            while events:
                events = events[writer.write(events) :]
            self._retries.heard()
            self._quiet.heard()
            self._recorder.last_event_at = self._reflection.clock.time()

    def _open(self, stop: threading.Event) -> OpenWatch | None:
        while not stop.is_set():
            options = ListOptions(
                resource_version=self._reflection.version.value,
                allow_watch_bookmarks=True,
                timeout_seconds=watch_timeout(self._reflection.min_watch_timeout),
            )
            try:
                return self._reflection.upstream.watch(options)
            except Exception as error:
                if stop.is_set():
                    raise
                if not may_retry_watch(error):
                    self._retries.watch_failed(0)
                    raise
                self._recorder.error("watch", error)
                self._reflection.contact.lost(cause_of(error))
                self._retries.pause(stop, error)
        return None

    def _follow_version(self, version: str) -> None:
        self._reflection.version.set(version)
        self._reflection.target.update_resource_version(version)

    def _is_barren(self, opened: OpenWatch) -> bool:
        return opened.age < SHORT and opened.events == 0

    def _failed(self, error: Exception) -> None:
        log.warning("%s: watch ended with: %s", self._reflection.name, error)
        self._recorder.error("watch", error)
        self._reflection.contact.lost(cause_of(error))
