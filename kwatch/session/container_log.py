"""One container's log through its runs: what to ask for next, and what to say between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kwatch.base.duration import humanize
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.retries import Backoff
from kwatch.session.log_reading import LogReading, SeenLines
from kwatch.session.ports import LogOptions
from kwatch.view.containers import ContainerRun
from kwatch.view.log_lines import LogLine, LogSource, Mark

STATUS_LAG = 1.0
"""Seconds after the end of a log until what its pod says of the container is believed."""
GONE_FOR = 10.0
"""Seconds after which the log of a pod that is gone is given up."""
MOST_ATTEMPTS = 5
"""How often in a row a log that is not followed is asked for."""
_FINAL = frozenset({401, 403, 405})


def _all(source: LogSource) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class LogWish:
    """Which lines of which containers. `tail_lines`, `since_seconds` and `since_time` (RFC 3339) are about what is
    there at first; pods that join are read from their beginning.
    """

    follow: bool = True
    previous: bool = False
    """The runs before the last restart instead; they are over, so nothing is followed."""
    tail_lines: int | None = None
    since_seconds: int | None = None
    since_time: str | None = None
    until: int | None = None
    """What was written later, in nanoseconds since the epoch, is left out; then nothing is followed."""
    wants: Callable[[LogSource], bool] = _all
    states: frozenset[str] = frozenset()
    """Of containers that are in one of these when they are seen first: running, waiting, terminated; empty: all."""
    at_once: int = 50
    """Requests under way at most; the other containers wait for one of these to end."""

    @property
    def follows(self) -> bool:
        return self.follow and not self.previous and self.until is None


class ContainerLog:
    """Used in the thread of the merged logs."""

    def __init__(self, source: LogSource, uid: str, run: ContainerRun, wish: LogWish, *, joins: bool) -> None:
        """`joins`: it came after the first look."""
        self.source = source
        self.uid = uid
        self.run = run
        self.reading: LogReading | None = None
        self.marks: list[LogLine] = []
        """What is to be said before its next lines."""
        self.at = 0
        """The time of its last line that was taken, in nanoseconds."""
        self.is_done = False
        """Whether nothing more will come."""
        self.has_ended = False
        """Whether the run has; there may be another."""
        self.trouble = ""
        """Why there is no log, or no more for now."""
        self._wish = wish
        self._follows = wish.follows
        self._joins = joins
        self._read_run: int | None = None
        """The number of the run that was read last, or is being read."""
        self._seen = SeenLines()
        self._is_broken = False
        """Whether the end of that run may be missing."""
        self._is_complete = False
        """Whether that end was asked for after the restart."""
        self._broken_at: float | None = None
        self._was_running = False
        """Whether it ran when that log was asked for."""
        self._attempts = 0
        self._backoff = Backoff()
        self._not_before = 0.0
        self._gone_at: float | None = None

    @property
    def has_begun(self) -> bool:
        """Whether there is, or was, anything to read."""
        return self._read_run is not None

    @property
    def is_gone(self) -> bool:
        return self._gone_at is not None

    @property
    def seen(self) -> SeenLines:
        return self._seen

    def look(self, uid: str, run: ContainerRun) -> None:
        """Take what the pod says now; another uid is another pod of the same name."""
        if uid != self.uid and self._read_run is not None:
            self._read_run, self._is_complete = -1, True
        self.uid, self.run = uid, run
        self._gone_at = None

    def be_gone(self, now: float) -> None:
        """Its pod is no longer there. What is left of the log is read to its end, if that comes soon."""
        self._gone_at = now if self._gone_at is None else self._gone_at
        if self.reading is None:
            self._end("its pod is gone" if self.has_begun and not self.has_ended else "")
        elif now - self._gone_at >= GONE_FOR:
            self.reading.close()

    def next_request(self, now: float) -> LogOptions | None:
        """What to ask for now; None: nothing, or not yet."""
        if self.reading is not None or self.is_done or now < self._not_before:
            return None
        if self._read_run is None:
            return self._first_request()
        if self.run.number > self._read_run and self.run.begun:
            return self._after_restart(self._read_run)
        if self.run.number == self._read_run and (self._is_broken or self.run.running):
            self._is_broken = True
            return self._again()
        if self._follows and not self.has_ended:
            self.has_ended = True
            if self._was_running:  # else that is no news
                self._say(Mark.ENDED, f"ended ({self.run.ending})" if self.run.ending else "ended")
        return None

    def on_opened(self, now: float) -> None:
        """The server answers."""
        self.trouble = ""
        joins = self._seen.joins
        if self._broken_at is not None and joins is not None:
            told = f"the connection had broken; resumed after {humanize(now - self._broken_at)}"
            if joins:
                self._say(Mark.RESUMED, f"{told}, no line is missing")
            else:
                self._say(Mark.GAP, f"{told}; how many lines are missing is not known, the node has them no more")
            self._broken_at = None
        self._is_broken = False

    def on_over(self, reading: LogReading, now: float) -> None:
        """Its reading has come to an end, and all of it was taken."""
        self.reading = None
        error = reading.error
        if reading.opened:
            self.on_opened(now)
            self._backoff.reset()
            self._attempts = 0
        if isinstance(error, Closed):
            self._fail("not connected")
        elif error is None:
            self._not_before = now + STATUS_LAG if self._follows else now
            if not self._follows:
                self.is_done = True
        elif self._follows and not reading.opened and error.reason == "Timeout":
            self._is_broken = True  # a silent container: its answer begins with its first line
        else:
            self._on_error(error, now)

    def _on_error(self, error: ApiError, now: float) -> None:
        if self._is_complete and error.status in (400, 404):
            self._not_before = now  # the run before is not to be had any more
            if self._is_broken:
                self._say(Mark.GAP, "the end of the log before the restart cannot be had any more")
            return
        self._attempts += 1
        is_refused = 400 <= error.status < 500 and error.status != 429
        if error.status in _FINAL or (not self._follows and (is_refused or self._attempts > MOST_ATTEMPTS)):
            self._fail(error.message)
            return
        self._not_before = now + self._backoff.next()
        if error.status in (400, 404):
            # It waits to start, or its pod is about to go: nothing to speak of.
            self._read_run = self._read_run if self._seen.last else None
            return
        self.trouble = error.message
        self._is_broken = True
        if self._broken_at is None and self._seen.last:
            self._broken_at = now

    def _first_request(self) -> LogOptions | None:
        wish, run = self._wish, self.run
        if wish.previous:
            if run.number == 0:
                self._end()
                self.trouble = "it has not been restarted, so there is no log before that"
                return None
            self._read_run = run.number - 1
            return self._options(previous=True)
        if not run.begun:
            if not self._follows:
                self._end()
                self.trouble = "it has not started yet"
            return None
        self._read_run, self._was_running = run.number, run.running
        if self._joins:
            self._say(Mark.JOINED, "joined")
        return self._options()

    def _options(self, *, previous: bool = False) -> LogOptions:
        wish = self._wish
        options: LogOptions = {"follow": self._follows, "previous": previous}
        if not self._joins:
            options["tail_lines"] = wish.tail_lines
            options["since_seconds"] = wish.since_seconds
            options["since_time"] = wish.since_time
        return options

    def _again(self) -> LogOptions:
        """The same log, from the last line on."""
        if not self._seen.last:
            return self._options(previous=self._wish.previous)
        self._seen.begin_again()
        return {"follow": self._follows, "previous": self._wish.previous, "since_time": self._seen.since_time}

    def _after_restart(self, read: int) -> LogOptions:
        """First the rest of the run before, if that is the one that was read; then the next one."""
        skipped = self.run.number - read - 1
        if not self._is_complete and not skipped:
            self._is_complete = True
            self._seen.begin_again()
            return {"previous": True, "since_time": self._seen.since_time}
        if skipped > 0 and read >= 0:
            if skipped > 1:
                runs = "a run" if skipped == 2 else f"{skipped - 1:,} runs"
                self._say(Mark.GAP, f"the log of {runs} between cannot be had")
            self._begin_run(self.run.number - 1)
            self._is_complete = True
            return {"previous": True}
        self._begin_run(self.run.number)
        return {"follow": True}

    def _begin_run(self, number: int) -> None:
        is_another_pod = self._read_run == -1
        why = f" after {self.run.ending}" if self.run.ending and not is_another_pod else ""
        self._say(Mark.RESTARTED, "another pod of this name" if is_another_pod else f"restarted{why}")
        self._read_run, self._seen = number, SeenLines()
        self._is_broken = self._is_complete = self.has_ended = False
        self._was_running = True
        self._broken_at = None

    def _end(self, why: str = "") -> None:
        self.is_done = True
        if why:
            self._say(Mark.ENDED, why)

    def _fail(self, why: str) -> None:
        self.is_done = True
        self.trouble = why
        self._say(Mark.TROUBLE, why)

    def _say(self, mark: Mark, text: str) -> None:
        self.marks.append(LogLine(self.at, self.source, text, mark))
