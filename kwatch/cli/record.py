"""`kwatch record`: what informers see, into a file."""

from __future__ import annotations

from pathlib import Path

from kwatch.base.namespaces import Asked
from kwatch.cli.arguments import RecordArguments
from kwatch.cli.connecting import asking_ahead, limit_memory
from kwatch.cli.running import running, select
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
    with running(arguments, columns=ColumnsFrom.SERVER_FIRST, ahead=ahead) as (run, signalled):
        ended = record_into(
            run,
            select(arguments.selection),
            Path(arguments.file),
            redaction,
            max_bytes=arguments.max_bytes,
            seconds=arguments.seconds,
        )
    if ended is None:
        return signalled()
    if ended:
        complain(ended)
    return 1 if ended and arguments.max_bytes is None else 0


def record_into(
    run: Run,
    selection: Selection,
    path: Path,
    redaction: Redaction,
    *,
    max_bytes: int | None = None,
    seconds: float | None = None,
) -> str | None:
    """Record until stopped, until the file is full or `seconds` are over. Empty, or the sentence that says why it
    ended early; None if it was ended before it began. Raise StreamError, RecordingError.
    """
    if not await_connection(run):
        return None
    recorder = Recorder(path, redaction=redaction, max_bytes=max_bytes, clock=run.clock)
    refused = False
    try:
        _record_feeds(run, selection, path, recorder, seconds)
    except StreamError:
        refused = True
        raise
    finally:
        # First the writers end, then the file.
        run.session.close()
        recorder.close()
        if refused and not recorder.records:
            path.unlink(missing_ok=True)  # it would only be in the way of the next try
        else:
            run.complain(f"recorded {recorder.records:,} changes, {recorder.bytes:,} bytes, into {path}")
    return recorder.stopped


def _record_feeds(run: Run, selection: Selection, path: Path, recorder: Recorder, seconds: float | None) -> None:
    session = run.session

    def sinks(number: int, resource: Resource, asked: Asked) -> tuple[Sink, ...]:
        where = (asked.namespace, selection.label_selector, asked.fields)
        return (recorder.sink(session.context, resource, *where, _columns(run, resource)),)

    feeds = SelectedFeeds(run, selection, sinks)
    names = ", ".join(dict.fromkeys(str(feed.resource) for feed in feeds))
    run.complain(f"recording {names} of {session.context} into {path}; Ctrl-C ends it")
    health = Health(run, feeds)
    deadline = None if seconds is None else run.clock.monotonic() + seconds
    while not run.stop.is_set() and not recorder.stopped:
        health.look(all(feed.informer.has_synced() for feed in feeds))
        if deadline is not None and run.clock.monotonic() >= deadline:
            return
        run.clock.wait(run.stop, TICK)


def _columns(run: Run, resource: Resource) -> tuple[ColumnRow, ...]:
    """The server's columns, for a resource that will look like nothing, or otherwise, without its server."""
    columns = ask(run, lambda cluster: cluster.table_columns(resource))
    if columns is None or isinstance(columns, Exception):
        return ()
    kept = columns_to_keep(resource, columns)
    return tuple((each.name, each.type, each.format, each.priority, each.description) for each in kept)
