"""What the commands about the past take: record and replay, history and diff."""

from __future__ import annotations

import argparse

from kwatch.base.duration import parse_span
from kwatch.base.quantity import parse_size
from kwatch.cli.arguments import DiffArguments, HistoryArguments, RecordArguments, ReplayArguments, UsageError
from kwatch.cli.flags import add_connection, add_log, add_selection, connection_of, log_of, read_by, selection_of
from kwatch.cli.watch_parser import Parser, watch_of, watch_parser
from kwatch.tui.features.time_travel.moment import Replay, read_moment, read_speed


def record_parser() -> Parser:
    parser = Parser(prog="kwatch record", description="Keep what happens in a file, until Ctrl-C.", allow_abbrev=False)
    parser.add_argument("file", metavar="FILE", help="a new file; only you can read it")
    parser.add_argument("resources", nargs="+", metavar="RESOURCE", help="what to record")
    add_selection(parser)
    group = parser.add_argument_group("how")
    group.add_argument(
        "--redact", action="append", default=[], metavar="PATH", help="leave out a path, e.g. secrets:data, spec.x[*].y"
    )
    group.add_argument(
        "--for", dest="seconds", type=read_by(parse_span), metavar="TIME", help="end after this long, e.g. 1h"
    )
    group.add_argument(
        "--max-size", type=read_by(parse_size), metavar="SIZE", help="end when the file is so large, e.g. 100M"
    )
    add_connection(parser)
    add_log(parser)
    return parser


def read_record(found: argparse.Namespace) -> RecordArguments:
    found.resource, found.name = ",".join(found.resources), None
    if "/" in found.resource:
        raise UsageError("record takes resources, not single objects; narrow with -l or --field-selector")
    return RecordArguments(
        found.file,
        connection_of(found),
        selection_of(found),
        log_of(found),
        tuple(found.redact),
        found.seconds,
        found.max_size,
    )


def replay_parser() -> Parser:
    parser = watch_parser(
        "kwatch replay",
        "Play what was recorded, offline: Space pauses, End goes to its end, :at 14:02 to a time.",
        file=True,
    )
    parser.set_defaults(resource=None)
    parser.signed = frozenset({"--from"})
    parser.add_argument("--context", metavar="NAME", help="only these of those that were recorded: 'prod-*'")
    group = parser.add_argument_group("playing")
    group.add_argument(
        "--speed", type=read_by(read_speed), default=1.0, metavar="N", help="seconds in one (default: 1)"
    )
    group.add_argument("--paused", action="store_true", help="do not begin to play")
    group.add_argument(
        "--from",
        dest="start",
        type=read_by(_moment),
        metavar="TIME",
        help="where to begin: 14:02, +5m, -10m (before its end)",
    )
    group.add_argument(
        "-i",
        "--idle-time-limit",
        dest="idle",
        type=read_by(_idle),
        metavar="SECONDS",
        help="the longest wait for a change",
    )
    return parser


def read_replay(found: argparse.Namespace) -> ReplayArguments:
    anything = found.resource is None
    found.resource = "pods" if anything else found.resource
    replay = Replay(found.speed, found.paused, found.start or "", found.idle)
    return ReplayArguments(found.file, watch_of(found), replay, anything, found.context)


def history_parser() -> Parser:
    parser = _object_parser(
        "kwatch history", "What happened to one object: its versions, what changed, and who did it."
    )
    parser.add_argument("--file", metavar="FILE", help="from a recording, not from the cluster")
    parser.add_argument("-w", "--watch", action="store_true", help="go on with what happens from now on")
    parser.add_argument(
        "--related", action="store_true", help="on one time line with its owners, children, node and Events"
    )
    parser.add_argument(
        "--revisions", action="store_true", help="the rollouts of a workload: each template against the one before"
    )
    return parser


def read_history(found: argparse.Namespace) -> HistoryArguments:
    selection = selection_of(found)
    if selection.name is None:
        raise UsageError("history is of one object: kwatch history RESOURCE/NAME")
    if found.file and found.watch:
        raise UsageError("a file does not go on; --watch is for a cluster")
    if found.revisions and (found.watch or found.related):
        raise UsageError("--revisions goes with neither --watch nor --related")
    return HistoryArguments(
        connection_of(found),
        selection,
        log_of(found),
        found.file,
        found.watch,
        found.output == "json",
        found.related,
        found.revisions,
    )


def diff_parser() -> Parser:
    parser = _object_parser("kwatch diff", "What changed. Exit code 0: nothing, 1: something, more: an error.")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--file", metavar="FILE", help="within a recording")
    which.add_argument("--baseline", metavar="FILE", help="from the end of a recording to the cluster as it is now")
    which.add_argument("--against", metavar="CONTEXT", help="from one context to another, as they are wanted now")
    parser.add_argument(
        "--since", type=read_by(parse_span), metavar="TIME", help="with --file: how long before its end (10m)"
    )
    parser.add_argument(
        "--by", choices=("object", "path"), default="object", help="by changed path: the most frequent first"
    )
    return parser


def read_diff(found: argparse.Namespace) -> DiffArguments:
    if not found.file and found.since is not None:
        raise UsageError("--since goes with --file; all else is compared with now")
    since = 600.0 if found.since is None else found.since
    return DiffArguments(
        connection_of(found),
        selection_of(found),
        log_of(found),
        found.file,
        since,
        found.baseline,
        found.output == "json",
        found.by == "path",
        found.against,
    )


def _object_parser(prog: str, description: str) -> Parser:
    parser = Parser(prog=prog, description=description, allow_abbrev=False)
    parser.add_argument("resource", metavar="RESOURCE")
    parser.add_argument("name", nargs="?", metavar="NAME")
    add_selection(parser)
    parser.add_argument("-o", "--output", choices=("json",), help="a line of JSON each")
    add_connection(parser)
    add_log(parser)
    return parser


def _moment(text: str) -> str:
    """The text itself; raise ValueError for one that names no time."""
    read_moment(text, 0.0, 0.0)
    return text


def _idle(text: str) -> float:
    try:
        seconds = float(text.removesuffix("s"))
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ValueError(f"{text!r} are no seconds; write 5")
    return seconds
