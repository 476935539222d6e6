"""`kwatch record`, `history`, `diff` and `report`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import TypeVar

from kwatch.base.files import NotPrivate, expand, save_private
from kwatch.base.limits import LAST_LINES
from kwatch.cli.arguments import (
    DiffArguments,
    HistoryArguments,
    RecordArguments,
    ReportArguments,
)
from kwatch.cli.connecting import configured_clusters
from kwatch.cli.crash import is_foreseen
from kwatch.cli.plain import select, stop_on_signals
from kwatch.cli.terminal import complain, is_terminal, write
from kwatch.history.journal import Journal
from kwatch.history.recording.format import ColumnRow
from kwatch.history.recording.recorder import Recorder, Redaction
from kwatch.informer.clock import SystemClock
from kwatch.informer.resource import Resource
from kwatch.informer.sink import Sink
from kwatch.output.diff import (
    Difference,
    baseline_states,
    diff_json,
    diff_text,
    differences,
    path_groups,
    path_json,
    path_text,
    recorded_states,
)
from kwatch.output.history import (
    history_json,
    history_text,
    live_history,
    live_rollouts,
    recorded_history,
    recorded_rollouts,
    rollout_json,
    rollout_text,
)
from kwatch.output.opening import TICK, Health, Run, Selection, StreamError, ask, await_connection, open_feeds
from kwatch.output.report import ReportRequest, live_report, recorded_report
from kwatch.output.timeline import live_timeline, recorded_timeline, timeline_json, timeline_text
from kwatch.output.waiting import read_filter
from kwatch.query.syntax import QuerySyntaxError
from kwatch.session.columns import ColumnsFrom, columns_to_keep
from kwatch.session.session import Session
from kwatch.view.report import Report
from kwatch.view.report.html import html
from kwatch.view.report.markdown import markdown

E = TypeVar("E")
ERROR = 2
"""Of diff, whose 1 says that something changed."""


class Signalled(Exception):
    """A signal came before there was an answer."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def run_recording(arguments: RecordArguments | HistoryArguments | DiffArguments | ReportArguments) -> int:
    if isinstance(arguments, DiffArguments):
        return _diff(arguments)
    try:
        if isinstance(arguments, ReportArguments):
            return _report(arguments)
        return _record(arguments) if isinstance(arguments, RecordArguments) else _history(arguments)
    except StreamError as error:
        complain(str(error))
        return 1


def _record(arguments: RecordArguments) -> int:
    redaction = Redaction(arguments.redact)
    # What the server alone can print is recorded with the objects.
    with _running(arguments, columns=ColumnsFrom.SERVER_FIRST) as (run, signalled):
        ended = record(
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


def record(
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

    def sinks(number: int, resource: Resource) -> tuple[Sink, ...]:
        where = (selection.namespace_of(resource, session), selection.label_selector, selection.fields())
        return (recorder.sink(session.context, resource, *where, _columns(run, resource)),)

    feeds = open_feeds(session, selection, sinks)
    names = ", ".join(str(feed.resource) for feed in feeds)
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


def _history(arguments: HistoryArguments) -> int:
    selection, follow = select(arguments.selection), arguments.follow
    lines_of_timeline = timeline_json if arguments.json else timeline_text
    lines_of_history = history_json if arguments.json else history_text
    lines_of_rollout = rollout_json if arguments.json else rollout_text
    if arguments.file is not None:
        path = Path(arguments.file)
        if arguments.revisions:
            _print(recorded_rollouts(path, selection, complain), lines_of_rollout)
        elif arguments.related:
            _print(recorded_timeline(path, selection, complain), lines_of_timeline)
        else:
            _print(recorded_history(path, selection, complain), lines_of_history)
        return 0
    with closing(Journal()) as journal, _running(arguments, journal) as (run, signalled):
        if arguments.revisions:
            _print(live_rollouts(run, selection), lines_of_rollout)
        elif arguments.related:
            _print(live_timeline(run, journal, selection, follow), lines_of_timeline)
        else:
            _print(live_history(run, journal, selection, follow), lines_of_history)
    return signalled()


def _diff(arguments: DiffArguments) -> int:
    try:
        changed = False
        for line in _diff_lines(_differences(arguments), arguments):
            changed = True
            write(line + "\n")
        return 1 if changed else 0
    except BrokenPipeError:
        raise
    except Signalled as signalled:
        return signalled.code
    except (StreamError, ValueError, OSError) as error:
        if not isinstance(error, StreamError) and not is_foreseen(error):
            raise
        complain(str(error))
        return ERROR


def _diff_lines(found: Iterable[Difference], arguments: DiffArguments) -> Iterable[str]:
    if arguments.by_path:
        by_path = path_json if arguments.json else path_text
        return chain.from_iterable(by_path(group) for group in path_groups(found))
    by_object = diff_json if arguments.json else diff_text
    return chain.from_iterable(by_object(difference) for difference in found)


def _differences(arguments: DiffArguments) -> Iterable[Difference]:
    selection = select(arguments.selection)
    if arguments.file is not None:
        return differences(*recorded_states(Path(arguments.file), selection, arguments.seconds, complain))
    assert arguments.baseline is not None, "the parser wants one of them"
    with _running(arguments) as (run, signalled):
        states = baseline_states(Path(arguments.baseline), run, selection)
        if run.stop.is_set():
            raise Signalled(signalled())  # half an answer would say that nothing changed
        return differences(*states)


def _report(arguments: ReportArguments) -> int:
    if arguments.write is None and arguments.format == "html" and is_terminal():
        complain("the report is a file: give it a name with --write report.html, or read it here with -o md")
        return 2
    path = expand(arguments.write) if arguments.write is not None else None
    if path is not None and not arguments.force and path.exists():
        complain(f"{path} exists already; choose another name, or --force to overwrite it")
        return 1
    try:
        query = read_filter(arguments.filter) if arguments.filter else None
        request = ReportRequest(select(arguments.selection), query, arguments.seconds, arguments.mask_names)
        code, report = _made(arguments, request)
    except QuerySyntaxError as error:
        complain(f"{error}; give an object as RESOURCE/NAME, or a filter as on the screen: 'app=cart'")
        return 2
    if report is None:
        return code
    text = html(report) if arguments.format == "html" else markdown(report)
    if path is None:
        write(text)
        return 0
    try:
        save_private(path, text, overwrite=arguments.force)
    except NotPrivate:
        raise  # whose text is a sentence
    except OSError as error:
        complain(f"{path} cannot be written: {error.strerror}")
        return 1
    complain(f"{report.headline} Report: {path}")
    return 0


def _made(arguments: ReportArguments, request: ReportRequest) -> tuple[int, Report | None]:
    """The report; without one the exit code of the signal that came before it."""
    if arguments.file is not None:
        return 0, recorded_report(Path(arguments.file), request, SystemClock().time(), complain)
    lines = LAST_LINES if arguments.with_logs else 0
    with closing(Journal()) as journal, _running(arguments, journal, last_log_lines=lines) as (run, signalled):
        report = live_report(run, journal, request)
    return signalled(), report


def _print(entries: Iterable[E], lines: Callable[[E], Iterable[str]]) -> None:
    for entry in entries:
        for line in lines(entry):
            write(line + "\n")


@contextmanager
def _running(
    arguments: RecordArguments | HistoryArguments | DiffArguments | ReportArguments,
    journal: Journal | None = None,
    columns: ColumnsFrom = ColumnsFrom.CATALOGUE,
    *,
    last_log_lines: int = 0,
) -> Iterator[tuple[Run, Callable[[], int]]]:
    """A session that connects, until the end or a signal; with what gives the signal's exit code."""
    clock, stop = SystemClock(), threading.Event()
    signalled = stop_on_signals(stop)
    clusters = configured_clusters(arguments.connection, arguments.selection.namespace)
    session = Session(
        clusters.connect_to(None),
        cancel=clusters.cancel,
        journal=journal,
        clock=clock,
        request_timeout=clusters.request_timeout(),
        columns=columns,
        last_log_lines=last_log_lines,
    )
    session.start()
    try:
        yield Run(session, complain, clock, stop), signalled
    finally:
        session.close()
