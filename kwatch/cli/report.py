"""`kwatch report`: what failed and why, as one HTML file or as Markdown."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from kwatch.base.files import NotPrivate, expand, save_private
from kwatch.base.limits import LAST_LINES
from kwatch.cli.arguments import ReportArguments
from kwatch.cli.running import running, select
from kwatch.cli.terminal import complain, is_terminal, write
from kwatch.history.journal import Journal
from kwatch.informer.clock import SystemClock
from kwatch.output.opening import StreamError
from kwatch.output.report import ReportRequest, live_report, recorded_report
from kwatch.output.waiting import read_filter
from kwatch.query.syntax import QuerySyntaxError
from kwatch.view.report import Report
from kwatch.view.report.html import html
from kwatch.view.report.markdown import markdown


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
        request = ReportRequest(select(arguments.selection), query, arguments.seconds, arguments.mask_names)
        code, made = _made(arguments, request)
    except QuerySyntaxError as error:
        complain(f"{error}; give an object as RESOURCE/NAME, or a filter as on the screen: 'app=cart'")
        return 2
    if made is None:
        return code
    text = html(made) if arguments.format == "html" else markdown(made)
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
    complain(f"{made.headline} Report: {path}")
    return 0


def _made(arguments: ReportArguments, request: ReportRequest) -> tuple[int, Report | None]:
    """The report; without one the exit code of the signal that came before it."""
    if arguments.file is not None:
        return 0, recorded_report(Path(arguments.file), request, SystemClock().time(), complain)
    lines = LAST_LINES if arguments.with_logs else 0
    with closing(Journal()) as journal, running(arguments, journal, last_log_lines=lines) as (run, signalled):
        made = live_report(run, journal, request)
    return signalled(), made
