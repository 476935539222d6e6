"""`kwatch report`: what failed and why, as one HTML file or as Markdown."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

from kwatch.base.files import NotPrivate, expand, save_private
from kwatch.base.limits import LAST_LINES
from kwatch.cli.arguments import ReportArguments
from kwatch.cli.running import in_each, running, select
from kwatch.cli.terminal import complain, is_terminal, write
from kwatch.history.journal import Journal
from kwatch.informer.clock import SystemClock
from kwatch.output.opening import Run, StreamError
from kwatch.output.report import ReportRequest, live_report, recorded_reports
from kwatch.output.waiting import read_filter
from kwatch.query.syntax import QuerySyntaxError
from kwatch.view.report import JointReport, Report
from kwatch.view.report.gathering import joined
from kwatch.view.report.html import html
from kwatch.view.report.markdown import markdown
from kwatch.view.report.masking import NameMask


def report(arguments: ReportArguments) -> int:
    try:
        return _report(arguments)
    except StreamError as error:
        complain(str(error))
        return 1


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
        mask = NameMask() if arguments.mask_names else None
        request = ReportRequest(select(arguments.selection), query, arguments.seconds, mask)
        code, made = _made(arguments, request)
    except QuerySyntaxError as error:
        complain(f"{error}; give an object as RESOURCE/NAME, or a filter as on the screen: 'app=cart'")
        return 2
    if made is None:
        return code
    text = html(made) if arguments.format == "html" else markdown(made)
    if path is None:
        write(text)
        return code
    try:
        save_private(path, text, overwrite=arguments.force)
    except NotPrivate:
        raise  # whose text is a sentence
    except OSError as error:
        complain(f"{path} cannot be written: {error.strerror}")
        return 1
    complain(f"{made.headline} Report: {path}")
    return code


def _made(arguments: ReportArguments, request: ReportRequest) -> tuple[int, Report | JointReport | None]:
    """The report, and the exit code: 1 without some of the contexts; that of a signal, and no report."""
    if arguments.file is not None:
        context = arguments.connection.context
        reports = recorded_reports(Path(arguments.file), request, SystemClock().time(), complain, context)
        return 0, joined(reports, request.mask)
    lines = LAST_LINES if arguments.with_logs else 0
    missing: dict[str, str] = {}
    with closing(Journal()) as journal, running(arguments, journal, last_log_lines=lines) as (runs, signalled):
        turn = threading.Lock()

        def made(run: Run) -> Report | None:
            try:
                return live_report(run, journal, request, turn)
            except StreamError as error:
                missing[run.context] = str(error)
                raise

        told = [each for each in in_each(runs, made).values() if each is not None]
        if signalled() or not told:
            return signalled() or 1, None
    lacking = tuple((run.context, missing[run.context]) for run in runs if run.context in missing)
    return int(bool(lacking)), joined(JointReport(tuple(told), lacking), request.mask)
