"""`kwatch record`: what informers see, into a file, until told to end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from kwatch.history.recording.format import ColumnRow
from kwatch.history.recording.recorder import Recorder
from kwatch.history.recording.redaction import Redaction
from kwatch.informer.clock import Clock
from kwatch.informer.resource import Resource
from kwatch.informer.sink import Sink
from kwatch.output.opening import TICK, Health, Selection, StreamError, ask, await_connection, open_feeds
from kwatch.session.columns import columns_to_keep
from kwatch.session.session import Session


class Recording:
    """Runs in the main thread until `stop` is set, the file is full, or `seconds` are over."""

    def __init__(
        self,
        session: Session,
        selection: Selection,
        path: Path,
        redaction: Redaction,
        complain: Callable[[str], None],
        clock: Clock,
        stop: threading.Event,
        *,
        max_bytes: int | None = None,
        seconds: float | None = None,
    ) -> None:
        self._session = session
        self._selection = selection
        self._path = path
        self._redaction = redaction
        self._complain = complain
        self._clock = clock
        self._stop = stop
        self._max_bytes = max_bytes
        self._seconds = seconds

    def run(self) -> str | None:
        """Record; empty, or the sentence that says why it ended early; None if it was ended before it began.

        Raise StreamError, RecordingError.
        """
        if not await_connection(self._session, self._clock, self._stop):
            return None
        recorder = Recorder(self._path, redaction=self._redaction, max_bytes=self._max_bytes, clock=self._clock)
        refused = False
        try:
            self._follow(recorder)
        except StreamError:
            refused = True
            raise
        finally:
            # First nobody writes any more, then the file is ended.
            self._session.close()
            recorder.close()
            if refused and not recorder.records:
                self._path.unlink(missing_ok=True)  # it would only be in the way of the next try
            else:
                self._complain(f"recorded {recorder.records:,} changes, {recorder.bytes:,} bytes, into {self._path}")
        return recorder.stopped

    def _follow(self, recorder: Recorder) -> None:
        def sinks(number: int, resource: Resource) -> tuple[Sink, ...]:
            selection = self._selection
            return (
                recorder.sink(
                    self._session.context,
                    resource,
                    selection.namespace_of(resource, self._session),
                    selection.label_selector,
                    selection.fields(),
                    self._columns(resource),
                ),
            )

        feeds = open_feeds(self._session, self._selection, sinks)
        names = ", ".join(str(feed.resource) for feed in feeds)
        self._complain(f"recording {names} of {self._session.context} into {self._path}; Ctrl-C ends it")
        health = Health(self._session, feeds, self._complain, self._clock)
        deadline = None if self._seconds is None else self._clock.monotonic() + self._seconds
        while not self._stop.is_set() and not recorder.stopped:
            health.look(all(feed.informer.has_synced() for feed in feeds))
            if deadline is not None and self._clock.monotonic() >= deadline:
                return
            self._clock.wait(self._stop, TICK)

    def _columns(self, resource: Resource) -> tuple[ColumnRow, ...]:
        """The server's columns, for a resource that will look like nothing, or otherwise, without its server."""
        columns = ask(self._session, lambda cluster: cluster.table_columns(resource), self._clock, self._stop)
        if columns is None or isinstance(columns, Exception):
            return ()
        kept = columns_to_keep(resource, columns)
        return tuple((each.name, each.type, each.format, each.priority, each.description) for each in kept)
