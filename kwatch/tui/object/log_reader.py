"""Reads a container's log in a thread of its own; the screen takes what has come, 20 times a second."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.base.threads import reason_of, spawn
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.signal import Signal

if TYPE_CHECKING:
    from kwatch.session.ports import LogStream
    from kwatch.session.session import Session

TAIL = 2000
"""Lines fetched of what was written before."""
BACKLOG = 50_000
"""Lines kept until the screen takes them; more, and the oldest go."""


@dataclass(frozen=True, slots=True)
class LogSource:
    """Which log."""

    namespace: str
    pod: str
    container: str | None
    previous: bool = False
    timestamps: bool = False


class LogReader:
    """`take` never blocks; `close` returns at once."""

    def __init__(self, session: Session, source: LogSource) -> None:
        self.error = ""
        """Why it ended, if not because the container did."""
        self.opened = False
        """Whether the server has begun to answer."""
        self.ended = False
        self._session = session
        self._source = source
        self._lines: deque[str] = deque(maxlen=BACKLOG)
        self._stop = Signal()
        self._stream: LogStream | None = None
        self._thread = spawn("kwatch-logs", self._run, self._crashed)

    def take(self, limit: int = 2000) -> list[str]:
        """Lines that came since the last time, at most `limit`."""
        lines = self._lines
        return [lines.popleft() for _ in range(min(limit, len(lines)))]

    def close(self) -> None:
        """End it."""
        self._stop.set()
        stream = self._stream
        if stream is not None:
            stream.close()

    def _run(self) -> None:
        source = self._source
        try:
            stream = self._session.logs(
                source.namespace,
                source.pod,
                container=source.container,
                follow=not source.previous,
                previous=source.previous,
                tail_lines=TAIL,
                since_seconds=None,
                timestamps=source.timestamps,
                cancel=self._stop,
            )
            self._stream, self.opened = stream, True
            if self._stop.is_set():
                stream.close()
            for line in stream:
                self._lines.append(line)
                if self._stop.is_set():
                    break
        except ApiError as error:
            self.error = error.message
        except Closed:
            self.error = "not connected"
        self.ended = True

    def _crashed(self, error: BaseException) -> None:
        self.error = f"internal error: {reason_of(error)}"
        self.ended = True
        self.close()
