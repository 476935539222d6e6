"""One request for one container's log, read in a thread of its own; and what of a log was seen, so that it can be read
on after the connection broke.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Unpack

from kwatch.base.threads import reason_of, spawn
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.waiting import Signal
from kwatch.session.ports import LogOptions, LogStream
from kwatch.view.log_lines import NANO, LogLine, LogSource, nano_timestamp, split_time

if TYPE_CHECKING:
    from kwatch.informer.clock import Clock

GATHERING = 0.04
"""Seconds between two looks at a log that is written right now: many lines at once cost much less than each alone."""
MOST_OF_A_SECOND = 20_000
"""Lines of one second that are remembered one by one."""
LINE_COST = 250
"""Bytes that a line takes beside its text."""
OpenLog = Callable[..., LogStream]
"""As Session.logs: may block, raises ApiError and Closed."""
_JUDGED_EVERY = 0.1
_LIVE_PACE = 3.0
"""Seconds of a log in one second of reading; what comes faster was written before."""


class SeenLines:
    """What has come of one run's log. A server that is asked to go on does so from the beginning of a second, so the
    lines of the last second are remembered, and left out when they come again.
    """

    def __init__(self) -> None:
        self.last = 0
        """The latest time, in nanoseconds; 0 before the first line."""
        self.joins: bool | None = None
        """Whether what came since `begin_again` began with what had come before, so that nothing lies between; None
        before its first line.
        """
        self._second = 0
        self._lines: Counter[int] = Counter()
        self._again: Counter[int] | None = None
        self._again_until = 0

    @property
    def since_time(self) -> str | None:
        """From where to go on, RFC 3339."""
        return nano_timestamp(self._second * NANO)[:19] + "Z" if self.last else None

    def begin_again(self) -> None:
        """The log is asked for again from `since_time` on."""
        self._again, self._again_until, self.joins = Counter(self._lines), self.last, None

    def is_new(self, at: int, text: str) -> bool:
        """Whether the line has not come before; then it has now."""
        second = at // NANO
        if self._again is not None:
            is_later = second > self._again_until // NANO
            is_known = not is_later and (second < self._second or self._came_before(at, text, self._again))
            self.joins = is_known if self.joins is None else self.joins
            self._again = None if is_later else self._again
            if is_known:
                return False
        if second > self._second:
            self._second = second
            self._lines.clear()
        if at > self.last:
            self.last = at
        if second == self._second and len(self._lines) < MOST_OF_A_SECOND:
            self._lines[hash((at, text))] += 1
        return True

    def _came_before(self, at: int, text: str, again: Counter[int]) -> bool:
        if len(self._lines) >= MOST_OF_A_SECOND:  # too many were written at once: their times must do
            return at <= self._again_until
        line = hash((at, text))
        if not again[line]:
            return False
        again[line] -= 1
        return True


class LogReading:
    """Begins at once. The thread waits while the buffer is full, and so does the server. `on_news` is called in it."""

    def __init__(
        self,
        open_log: OpenLog,
        source: LogSource,
        seen: SeenLines,
        clock: Clock,
        room: int,
        on_news: Callable[[], object],
        until: int | None = None,
        **how: Unpack[LogOptions],
    ) -> None:
        """`room`: bytes that are kept until they are taken. The first line after `until`, in nanoseconds, ends it."""
        self.source = source
        self.room = room
        self.is_live = False
        """Whether what comes is being written right now, as far as one can tell."""
        self.is_full = False
        self.opened = False
        """Whether the server has begun to answer; of a silent container many never do."""
        self.error: ApiError | Closed | None = None
        """Why it ended, if not because the log did."""
        self.frontier = seen.last
        """What comes now is not older, in nanoseconds."""
        self.began = self.heard = clock.monotonic()
        """When it was asked for, and when something came last."""
        self._open_log = open_log
        self._until = until
        self._how = how
        self._seen = seen
        self._clock = clock
        self._on_news = on_news
        self._lock = threading.Lock()
        self._lines: deque[tuple[int, LogLine]] = deque()
        """Each with the latest time up to it, by which it is in order."""
        self._received: deque[tuple[float, int]] = deque()
        """When lines were received, and the time of the last of them."""
        self._size = 0
        self._space = threading.Event()
        self._stop = Signal()
        self._over = False
        self._pace = (self.began, seen.last)
        self._thread = spawn(f"kwatch-log {source}", self._run, self._crashed)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come, and all was taken."""
        return self._over and not self._lines

    @property
    def is_reading(self) -> bool:
        """Whether more may come."""
        return not self._over

    @property
    def has_lines(self) -> bool:
        return bool(self._lines)

    def latest_received_before(self, moment: float) -> int:
        """The time of the last line that was received before that; 0 if there is none."""
        with self._lock:
            return max((order for received, order in self._received if received <= moment), default=0)

    def take(self, until: int | None) -> list[tuple[int, LogLine]]:
        """The lines up to a time, that included; None: all."""
        taken: list[tuple[int, LogLine]] = []
        with self._lock:
            lines, received = self._lines, self._received
            while lines and (until is None or lines[0][0] <= until):
                taken.append(lines.popleft())
            while received and (not lines or received[0][1] < lines[0][0]):
                received.popleft()
            self._size -= sum(len(line.text) + LINE_COST for _, line in taken)
        if taken and self._size < self.room:
            self._space.set()
        return taken

    def close(self) -> None:
        """End it, from any thread; returns at once."""
        self._stop.set()
        self._space.set()

    def join(self, timeout: float) -> bool:
        """Wait for the end of its thread; False if that takes longer."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            namespace, pod, container, _ = self.source
            stream = self._open_log(
                namespace, pod, container=container, **self._how, timestamps=True, cancel=self._stop
            )
            self._stop.on_set(stream.close)
            self.opened = True
            self.heard = self._clock.monotonic()
            self._on_news()
            for batch in stream.batches():
                if self._stop.is_set():
                    break
                if batch:
                    self._add(batch)
                if self._until is not None and self.frontier > self._until:
                    stream.close()
                    break
        except (ApiError, Closed) as error:
            self.error = error
        self._over = True
        self._on_news()

    def _add(self, batch: list[str]) -> None:
        now, order, source, is_new = self._clock.monotonic(), self.frontier, self.source, self._seen.is_new
        lines, size = [], 0
        for each in batch:
            at, text = split_time(each)
            if is_new(at or order, text):
                order = max(order, at)
                if self._until is not None and order > self._until:
                    break
                lines.append((order, LogLine(at or order, source, text)))
                size += len(text) + LINE_COST
        self.frontier = order
        self.heard = now
        self._judge(now, order)
        with self._lock:
            self._lines.extend(lines)
            self._size += size
            if lines:
                self._received.append((now, order))
        self._on_news()
        if self._size >= self.room:
            self._wait_for_space()
        elif self.is_live:
            self._clock.wait(self._stop, GATHERING)

    def _judge(self, now: float, order: int) -> None:
        """Whether the times in the log go on as time does."""
        before, at = self._pace
        if now - before >= _JUDGED_EVERY:
            self.is_live = bool(self._how.get("follow")) and (order - at) / NANO < _LIVE_PACE * (now - before)
            self._pace = (now, order)

    def _wait_for_space(self) -> None:
        self.is_full = True
        self._on_news()
        while self._size >= self.room and not self._stop.is_set():
            self._space.clear()
            if self._size >= self.room and not self._stop.is_set():
                self._clock.wait(self._space, 0.5)
        self.is_full = False
        self.heard = self._clock.monotonic()

    def _crashed(self, error: BaseException) -> None:
        self.error = ApiError(0, "InternalError", f"internal error: {reason_of(error)}")
        self._over = True
        self.close()
        self._on_news()
