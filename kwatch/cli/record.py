"""`kwatch record`: what informers see, into a file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from kwatch.base.namespaces import Asked
from kwatch.cli.arguments import RecordArguments
from kwatch.cli.connecting import asking_ahead, limit_memory
from kwatch.cli.running import in_each, running, select
from kwatch.cli.terminal import complain
from kwatch.history.recording.format import ColumnRow
from kwatch.history.recording.recorder import Recorder
from kwatch.history.recording.redaction import Redaction
from kwatch.informer.resource import Resource
from kwatch.informer.sink import Sink
from kwatch.output.opening import TICK, Health, Run, SelectedFeeds, Selection, StreamError, ask, await_connection
from kwatch.session.columns import ColumnsFrom, columns_to_keep


def record(arguments: RecordArguments) -> int:
    try:
        return _record(arguments)
    except StreamError as error:
        complain(str(error))
        return 1


def _record(arguments: RecordArguments) -> int:
    redaction = Redaction(arguments.redact)
    limit_memory()
    # What the server alone can print is recorded with the objects.
    ahead = asking_ahead(arguments.selection, columns=True)
    with running(arguments, columns=ColumnsFrom.SERVER_FIRST, ahead=ahead) as (runs, signalled):
        recording = RecordedRuns(
            Path(arguments.file), redaction, complain, max_bytes=arguments.max_bytes, seconds=arguments.seconds
        )
        recorded = recording.of(runs, select(arguments.selection))
    if not recording.has_begun:
        return signalled() or 1
    if recording.stopped:
        complain(recording.stopped)
    return int(not recorded or (bool(recording.stopped) and arguments.max_bytes is None))


class RecordedRuns:
    """A file that is made as soon as there is something to record, and what goes into it. Thread-safe."""

    def __init__(
        self,
        path: Path,
        redaction: Redaction,
        say: Callable[[str], None],
        *,
        max_bytes: int | None = None,
        seconds: float | None = None,
    ) -> None:
        self._path = path
        self._redaction = redaction
        self._say = say
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._lock = threading.Lock()
        self._recorder: Recorder | None = None
        self._deadline: float | None = None

    @property
    def has_begun(self) -> bool:
        return self._recorder is not None

    @property
    def stopped(self) -> str:
        """Empty, or the sentence that says why it ended early."""
        return self._recorder.stopped if self._recorder is not None else ""

    def of(self, runs: Sequence[Run], selection: Selection) -> bool:
        """Record until stopped, until the file is full or the time is over; whether every context was recorded. Raise
        StreamError where one alone is not, RecordingError.
        """
        recorded = 0
        try:
            recorded = sum(in_each(runs, partial(self._record, selection)).values())
        finally:
            for run in runs:
                run.session.close()  # first the writers end, then the file
            self._close(is_wanted=recorded > 0)
        return recorded == len(runs)

    def _close(self, *, is_wanted: bool) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        recorder.close()
        if not is_wanted and not recorder.records:
            self._path.unlink(missing_ok=True)  # it would only be in the way of the next try
        else:
            self._say(f"recorded {recorder.records:,} changes, {recorder.bytes:,} bytes, into {self._path}")

    def _record(self, selection: Selection, run: Run) -> bool:
        """Whether there was anything to record it from."""
        if not await_connection(run):
            if self.has_begun:  # of another context
                run.complain(f"nothing was recorded: {run.session.state.message or 'there was no connection yet'}")
            return False
        recorder, session = self._begun(run), run.session

        def sinks(number: int, resource: Resource, asked: Asked) -> tuple[Sink, ...]:
            where = (asked.namespace, selection.label_selector, asked.fields)
            return (recorder.sink(session.context, resource, *where, _columns(run, resource)),)

        feeds = SelectedFeeds(run, selection, sinks)
        names = ", ".join(dict.fromkeys(str(feed.resource) for feed in feeds))
        run.complain(f"recording {names} of {session.context} into {self._path}; Ctrl-C ends it")
        health = Health(run, feeds)
        while not run.stop.is_set():
            health.look(all(feed.informer.has_synced() for feed in feeds))
            if recorder.stopped or (self._deadline is not None and run.clock.monotonic() >= self._deadline):
                run.stop.set()  # of the others too, also of one that does not answer
            run.clock.wait(run.stop, TICK)
        return True

    def _begun(self, run: Run) -> Recorder:
        """The recorder of the file, which is made for the first of them. Raise RecordingError."""
        with self._lock:
            if self._recorder is None:
                self._recorder = Recorder(
                    self._path, redaction=self._redaction, max_bytes=self._max_bytes, clock=run.clock
                )
                self._deadline = run.clock.monotonic() + self._seconds if self._seconds is not None else None
            return self._recorder


def _columns(run: Run, resource: Resource) -> tuple[ColumnRow, ...]:
    """The server's columns, for a resource that will look like nothing, or otherwise, without its server."""
    columns = ask(run, lambda cluster: cluster.table_columns(resource))
    if columns is None or isinstance(columns, Exception):
        return ()
    kept = columns_to_keep(resource, columns)
    return tuple((each.name, each.type, each.format, each.priority, each.description) for each in kept)
