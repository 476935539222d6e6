"""The WATCHING state of a reflector: one watch after the other, until a list is needed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kwatch.base.threads import reason_of, spawn
from kwatch.informer.api_calls import ApiCalls, HistoryCheck, OpenWatch, QuietCheck
from kwatch.informer.clock import Clock
from kwatch.informer.errors import (
    Closed,
    VeryShortWatchError,
    cause_of,
    is_broken_connection,
    is_internal,
    is_too_many_requests,
    is_unanswered,
    is_wrong_answer,
    may_retry_watch,
)
from kwatch.informer.event_writer import EventWriter, ObjectIntake, illegible
from kwatch.informer.kube_object import Unreadable
from kwatch.informer.protocol import ListOptions
from kwatch.informer.reflector_state import State
from kwatch.informer.reflector_store import LastVersion, ReflectorStore
from kwatch.informer.status import ConnectionState
from kwatch.informer.waiting import join_all

log = logging.getLogger("kwatch.informer.reflector")

SHORT = 1.0
"""Seconds; a watch that ended sooner without an event counts as refused."""
BRIEF = 10.0
"""Seconds; a watch that ended sooner without an event is futile."""
FUTILE_IN_A_ROW = 3
"""After so many watches that brought nothing, or never opened, the cache is renewed by a list."""
BUSY_IN_A_ROW = 10
"""The same for a server that only answers that it has too many requests: a list is one more."""


class Refresh(Exception):
    """No error: the list is wanted once more; its text is the cause."""


class Watching:
    """Follows one watch after the other, until a list is needed."""

    def __init__(
        self,
        name: str,
        calls: ApiCalls,
        intake: ObjectIntake,
        store: ReflectorStore,
        version: LastVersion,
        connection: ConnectionState,
        resync: ResyncTimer,
        internal_error_retry: float,
    ) -> None:
        self._name = name
        self._calls = calls
        self._recorder = calls.recorder
        self._retries = calls.retries
        self._intake = intake
        self._store = store
        self._version = version
        self._connection = connection
        self._resync = resync
        self._internal_error_retry = internal_error_retry
        self._history = HistoryCheck(calls)
        self._quiet = QuietCheck(calls)
        self._broken: Exception | None = None
        """Why another thread ended the watch."""
        self._current: OpenWatch | None = None
        self._futile = self._busy = 0
        self.follows_part = False
        """Whether the last list was incomplete: nothing was taken for deleted, so another follows the next watch."""

    def begin(self) -> None:
        """A list begins: what broke off the watch before no longer counts."""
        self._broken = None
        self.follows_part = False

    @property
    def refreshes(self) -> bool:
        """Whether the watch was broken off only for a refresh."""
        return isinstance(self._broken, Refresh)

    def break_off(self, error: Exception) -> None:
        """End the watch, so that a list follows; from any thread."""
        self._broken = error
        current = self._current
        if current is not None:
            current.close()

    def run(self, stop: threading.Event, opened: OpenWatch | None) -> str:
        """Watch from `opened`, or from the last version, until a list is needed; returns the cause, in a word or two.

        Raise what opening a watch raised, if trying again does not help.
        """
        with self._resync.running(self.break_off):
            return self._run(stop, opened)

    def _run(self, stop: threading.Event, opened: OpenWatch | None) -> str:
        internal = InternalErrorRetry(self._internal_error_retry, self._calls.clock)
        self._futile = self._busy = 0
        again = False
        while not stop.is_set():
            if isinstance(self._broken, Refresh):
                if opened is not None:
                    opened.close()
                return str(self._broken)
            current = opened or self._open(stop)
            opened = None
            if current is None:
                break
            if again and (went_back := self._history.look(self._version.value)):
                current.close()
                self._failed(went_back)
                self._version.unavailable = True
                return cause_of(went_back)
            again = True
            error = self.follow(current, stop)
            if stop.is_set():
                break
            if current.understood:
                self._futile = self._busy = 0
            cause = self._after(error, current, internal, stop)
            if cause or self.follows_part:
                return cause or "incomplete list"
        return "stopped"

    def _after(
        self, error: Exception | None, watched: OpenWatch, internal: InternalErrorRetry, stop: threading.Event
    ) -> str:
        """A watch has ended: the cause for a list, in a word or two; empty to watch again."""
        if isinstance(error, Refresh):
            return str(error)
        if error is None and not watched.understood and watched.age < BRIEF and self._is_futile():
            error = VeryShortWatchError(self._name)
        if error is None:
            self._retries.space(stop)
            return ""
        self._failed(error)
        internal.after(error)
        if is_internal(error) and internal.should_retry():
            return ""
        if is_too_many_requests(error):
            if self._is_too_busy():
                return cause_of(error)
            self._retries.pause(stop, error)
            return ""
        if not is_broken_connection(error):
            return cause_of(error)  # 410 Gone (the history is compacted), 403, 404 and what cannot be read
        wrong = is_wrong_answer(error)
        if not watched.understood and (wrong or watched.age < BRIEF) and self._is_futile(2 if wrong else 1):
            return cause_of(error)
        if self._futile <= 1:
            self._retries.space(stop)
        else:
            self._retries.pause(stop, error)
        return ""

    def follow(self, opened: OpenWatch, stop: threading.Event) -> Exception | None:
        """Write the events of an open watch, and close it. None for a clean end, else why it ended."""
        self._current = opened
        if self._broken is not None:
            opened.close()
            return self._broken
        self._recorder.enter(State.WATCHING)
        self._connection.regained()
        try:
            illegible_line = self._read(opened, stop)
        except Closed as error:
            return None if stop.is_set() else self._broken or error
        except Exception as error:  # noqa: BLE001 - a stream may raise anything; handled by the caller and recorded
            if is_wrong_answer(error) or not (is_broken_connection(error) and self._is_barren(opened)):
                return error
            self._recorder.error("watch", error)
            return VeryShortWatchError(self._name)
        finally:
            self._measure(opened)
            opened.close()
        if stop.is_set() or self._broken is not None:
            return self._broken
        if illegible_line is not None and not opened.understood:
            return illegible(illegible_line)
        return VeryShortWatchError(self._name) if self._is_barren(opened) else None

    def _measure(self, opened: OpenWatch) -> None:
        durations = self._recorder.durations
        durations.watches.observe(opened.age)
        durations.watched_objects = opened.understood
        durations.short_watches += self._is_barren(opened)

    def _read(self, opened: OpenWatch, stop: threading.Event) -> Unreadable | None:
        """Read to the end; returns the last line that was no event, if there was one."""
        writer = EventWriter(self._store, self._intake, self._recorder, self._version.value, self._follow_version)
        self._looked(opened)
        for events in opened.batches():
            if stop.is_set():
                break
            if not events:
                if self._quiet.look(opened):
                    break
                self._looked(opened)
                continue
            self._store.wait_for_room(stop)
            self._quiet.reset()
            self._looked(opened)
            while events:
                before = writer.understood
                try:
                    events = events[writer.write(events) :]
                finally:
                    if writer.understood > before:
                        opened.understood += writer.understood - before
                        self._retries.succeeded()
                        self._recorder.last_event_at = self._calls.clock.time()
        return writer.illegible

    def _looked(self, opened: OpenWatch) -> None:
        self._recorder.looked_at = self._calls.clock.time() if opened.batched else None

    def _open(self, stop: threading.Event) -> OpenWatch | None:
        while not stop.is_set():
            try:
                return self._calls.watch(ListOptions(resource_version=self._version.value, allow_watch_bookmarks=True))
            except Exception as error:
                if stop.is_set() or not may_retry_watch(error):
                    raise
                if is_too_many_requests(error) and self._is_too_busy():
                    raise
                if is_unanswered(error) and self._is_futile() and self._lists_are_answered():
                    raise
                self._recorder.error("watch", error)
                self._connection.lost(cause_of(error))
                self._retries.pause(stop, error)
        return None

    def _is_futile(self, weight: int = 1) -> bool:
        """Count a watch that was of no use: whether that is enough."""
        self._futile += weight
        return self._futile >= FUTILE_IN_A_ROW

    def _is_too_busy(self) -> bool:
        self._busy += 1
        return self._busy >= BUSY_IN_A_ROW

    def _lists_are_answered(self) -> bool:
        """Whether the server answers anything but watches, by a question that costs it little."""
        self._futile = 0
        try:
            self._calls.latest_version()
        except Closed:
            raise
        except Exception as error:  # noqa: BLE001 - a ListerWatcher may raise anything; it is no answer
            self._recorder.error("watch", error)
            return False
        # So it is no outage: the waits grow.
        self._retries.outcome()
        return True

    def _follow_version(self, version: str) -> None:
        self._version.value = version
        self._store.update_resource_version(version)

    def _is_barren(self, opened: OpenWatch) -> bool:
        return opened.age < SHORT and not opened.understood

    def _failed(self, error: Exception) -> None:
        log.warning("%s: watch ended with: %s", self._name, error)
        self._recorder.error("watch", error)
        self._connection.lost(cause_of(error))


_CALM = 60.0
"""Seconds without an internal error, after which the next one counts as the first."""


class InternalErrorRetry:
    """Counts the time from the first internal error; other errors neither start nor end it."""

    def __init__(self, duration: float, clock: Clock) -> None:
        self._duration = duration
        self._clock = clock
        self._first = self._last = float("-inf")

    def after(self, error: Exception) -> None:
        if not is_internal(error):
            return
        now = self._clock.monotonic()
        if now - self._last >= _CALM:
            self._first = now
        self._last = now

    def should_retry(self) -> bool:
        return self._duration > 0 and self._clock.monotonic() - self._first <= self._duration


class ResyncTimer:
    """Calls `resync` every `period` seconds, in a thread, while `running`; 0 for never.

    Watches last a few minutes, and periods are often longer: so the time goes on between two runs.
    """

    def __init__(self, period: float, resync: Callable[[], None], clock: Clock) -> None:
        self._period = period
        self._resync = resync
        self._clock = clock
        self._due: float | None = None

    @contextmanager
    def running(self, on_error: Callable[[Exception], None]) -> Iterator[None]:
        """While this context is open. If a resync raises, `on_error` is called, and there are no more."""
        if self._period <= 0:
            yield
            return
        if self._due is None:
            self._due = self._clock.monotonic() + self._period
        finished = threading.Event()
        thread = spawn(
            "kwatch-resync", lambda: self._run(finished, on_error), lambda error: on_error(_as_exception(error))
        )
        try:
            yield
        finally:
            finished.set()
            join_all([thread], 1.0)

    def _run(self, finished: threading.Event, on_error: Callable[[Exception], None]) -> None:
        while self._due is not None:
            if self._clock.wait(finished, max(0.0, self._due - self._clock.monotonic())):
                return
            self._due = self._clock.monotonic() + self._period
            try:
                self._resync()
            except Exception as error:  # noqa: BLE001 - the user's store; ends the watch and is reported
                on_error(error)
                return


def _as_exception(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else RuntimeError(reason_of(error))
