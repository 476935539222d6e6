"""The logs of a pod's containers: followed, searched, wrapped, made harmless."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from kwatch.base.printable import printable
from kwatch.base.threads import reason_of, spawn
from kwatch.informer.clock import Clock
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.waiting import Signal
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.features.object.subject import Subject
from kwatch.tui.kit.text.line import Line, Span, plain
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.bar import Words
from kwatch.tui.palette import Palette
from kwatch.view.containers import container_names, default_container

if TYPE_CHECKING:
    from kwatch.session.ports import LogStream


LIMIT = 50_000
"""Lines kept on screen."""
TAIL = 2000
"""Lines fetched of what was written before."""
BACKLOG = 50_000
"""Lines kept until the screen takes them; more, and the oldest go."""
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_LEVEL = re.compile(r"\b(?:(ERROR|FATAL|PANIC|CRITICAL|Error|error|fatal|panic)|(WARN(?:ING)?|Warning|warn))\b")
_TIME = re.compile(r"^\S*\d{2}:\d{2}:\d{2}\S*")


class LogsTab(ObjectTab):
    """One container at a time."""

    tab = "logs"
    text: TextView

    def __init__(self, subject: Subject, palette: Palette, clock: Clock) -> None:
        super().__init__(subject, palette, clock)
        self.previous = False
        self.timestamps = False
        self.container: str | None = None
        self._reader: LogReader | None = None
        self._shown_status = ""

    def compose(self) -> ComposeResult:
        self._state, self.text = Words(), TextView(self.palette, limit=LIMIT)
        yield self._state
        yield self.text

    @property
    def containers(self) -> tuple[str, ...]:
        """The pod's containers, the ordinary ones first."""
        return container_names(self.subject.object)

    @property
    def current(self) -> str | None:
        """The container whose log it is: the chosen one, else the one that kubectl would take; None if not known."""
        return self.container or default_container(self.subject.object)

    def take_focus(self) -> None:
        self.text.focus()
        if self._reader is None:
            self.text.follow(True)
            self._begin()

    def show_container(self, name: str) -> None:
        self.container = name
        if self._reader is not None:
            self.restart()

    def toggle_previous(self) -> None:
        self.previous = not self.previous
        self.restart()

    def toggle_timestamps(self) -> None:
        self.timestamps = not self.timestamps
        self.restart()

    def toggle_follow(self) -> None:
        self.text.follow(not self.text.following)

    def _begin(self) -> None:
        """Once the containers are known: the server wants one to be named if there are several."""
        if self.current is not None or self.subject.past is not None or self.subject.feed.status.synced:
            self.restart()

    def restart(self) -> None:
        self.leave()
        self.text.set_lines(())
        subject = self.subject
        open_log = partial(
            subject.session.logs,
            subject.namespace,
            subject.name,
            container=self.current,
            follow=not self.previous,
            previous=self.previous,
            tail_lines=TAIL,
            since_seconds=None,
            timestamps=self.timestamps,
        )
        self._reader = LogReader(lambda cancel: open_log(cancel=cancel), self.wake)

    def tick(self, now: float) -> None:
        reader = self._reader
        if reader is None:
            self.text.set_empty(self.subject.absence())
            self._begin()
            return
        lines = reader.take()
        if lines:
            self.text.append([log_line(line) for line in lines])
        self.text.set_empty(self._nothing(reader))
        status = self._status(reader)
        if status != self._shown_status:
            self._shown_status = status
            self._state.say(status)
            self.post_message(self.OtherKeys())

    def leave(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _nothing(self, reader: LogReader) -> tuple[str, ...]:
        """Why there are no lines: it is being asked for, it cannot be had, or nothing was written."""
        if reader.error:
            return ("The log cannot be had", printable(reader.error))
        if not reader.opened:
            return ("Asking for the log …",)
        return ("Nothing was written.",) if reader.ended else ("Nothing has been written yet.",)

    def _status(self, reader: LogReader) -> str:
        containers, name = self.containers, self.current or ""
        which = f" ({containers.index(name) + 1} of {len(containers)})" if name in containers and containers[1:] else ""
        state = (
            f"! {printable(reader.error) if self.text.document.lines else 'cannot be had'}"
            if reader.error
            else "ended"
            if reader.ended
            else "following"
            if self.text.following
            else "paused, f follows"
        )
        before = ", before the last restart" if self.previous else ""
        then = "! of now, not of then  ·  " if self.subject.past is not None and not reader.error else ""
        return f"{then}{printable(name)}{which}{before}  ·  {state}  ·  {len(self.text.document.lines):,} lines"


def log_line(text: str) -> Line:
    """One line, its terminal codes taken out, with the colours of its time and its level."""
    text = printable(_ESCAPES.sub("", text).replace("\t", "    "))
    level = _LEVEL.search(text)
    ink = "foreground" if level is None else "kwatch-unhealthy" if level[1] else "warning"
    time = _TIME.match(text)
    if time is None:
        return plain(text, ink)
    return Line((Span(text[: time.end()], "kwatch-muted"), Span(text[time.end() :], ink)))


class LogReader:
    """Reads a log in a thread of its own. `open_log` may block; `take` never does, `close` returns at once."""

    def __init__(self, open_log: Callable[[Signal], LogStream], on_news: Callable[[], object] = lambda: None) -> None:
        """`on_news` is called in that thread when there are lines, or anything else can be said of the log."""
        self.error = ""
        """Why it ended, if not because the container did."""
        self.opened = False
        """Whether the server has begun to answer."""
        self.ended = False
        self._open = open_log
        self._on_news = on_news
        self._lines: deque[str] = deque(maxlen=BACKLOG)
        self._stop = Signal()
        self._stream: LogStream | None = None
        self._thread = spawn("kwatch-logs", self._run, self._crashed)

    def take(self, limit: int = 2000) -> list[str]:
        """Lines that came since the last time, at most `limit`."""
        lines = self._lines
        return [lines.popleft() for _ in range(min(limit, len(lines)))]

    def close(self) -> None:
        self._stop.set()
        stream = self._stream
        if stream is not None:
            stream.close()

    def _run(self) -> None:
        try:
            stream = self._open(self._stop)
            self._stream, self.opened = stream, True
            self._on_news()
            if self._stop.is_set():
                stream.close()
            for line in stream:
                self._lines.append(line)
                self._on_news()
                if self._stop.is_set():
                    break
        except ApiError as error:
            self.error = error.message
        except Closed:
            self.error = "not connected"
        self.ended = True
        self._on_news()

    def _crashed(self, error: BaseException) -> None:
        self.error = f"internal error: {reason_of(error)}"
        self.ended = True
        self.close()
