"""Words of the command line -> Arguments, with argparse: a function a command. Nothing slow is imported at its top."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kwatch.base.duration import parse_span
from kwatch.base.quantity import parse_size
from kwatch.cli.arguments import (
    CompletionArguments,
    DemoArguments,
    DiffArguments,
    HistoryArguments,
    InfoArguments,
    RecordArguments,
    ReplayArguments,
    ReportArguments,
    SelectionArguments,
    UsageError,
    WaitArguments,
    WatchArguments,
    add_connection,
    add_log,
    add_selection,
    connection_of,
    log_of,
    read_by,
    selection_of,
)
from kwatch.cli.watch_parser import DESCRIPTION, Parser, demo_parser, parse_demo, watch_of, watch_parser
from kwatch.tui.features.time_travel.moment import Replay, read_moment, read_speed

if TYPE_CHECKING:
    from kwatch.cli.logs import LogsArguments

    LoggedArguments = (
        WatchArguments
        | DemoArguments
        | RecordArguments
        | ReplayArguments
        | HistoryArguments
        | DiffArguments
        | WaitArguments
        | LogsArguments
        | ReportArguments
        | InfoArguments
    )
    Arguments = LoggedArguments | CompletionArguments

WAIT_EXAMPLES = """\
examples:
  kwatch wait deploy/cart '.status.readyReplicas=3' --timeout 5m
  kwatch wait pods 'app=cart' --for none                        until the last one is gone
  kwatch wait pods 'app=cart status=Running' --for 3 --stable 30s --fail-on 'app=cart restarts>2'
  kwatch wait job/backup 'status=Complete' --fail-on 'status=Failed'
"""


REPORT_EXAMPLES = """\
examples:
  kwatch report -A --write incident.html                  everything that is wrong now, and what may have caused it
  kwatch report deploy/cart -n shop --logs > cart.html    one object, with the last lines of its logs
  kwatch report --file shop.kwatch -o md app=cart         what a filter matches, from a recording, as Markdown
  kwatch report -A --mask-names --write for-support.html  with pseudonyms for all names
"""


def parse(words: Sequence[str]) -> Arguments:
    """Arguments of `kwatch WORDS...`; raise UsageError, or SystemExit after --help and --version."""
    if words and words[0] in COMMANDS:
        return COMMANDS[words[0]](list(words[1:]))
    return watch_of(watch_parser("kwatch", DESCRIPTION).parse_intermixed_args(list(words)))


def _completion(words: list[str]) -> CompletionArguments:
    parser = Parser(prog="kwatch completion", description="Print a completion script for a shell.")
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))
    return CompletionArguments(parser.parse_args(words).shell)


def _info(words: list[str]) -> InfoArguments:
    parser = Parser(prog="kwatch info", description="Versions, paths, contexts, what the server offers.")
    add_connection(parser)
    add_log(parser)
    found = parser.parse_args(words)
    return InfoArguments(connection_of(found), log_of(found))


def flags() -> tuple[str, ...]:
    """Every flag of `kwatch`, `kwatch demo`, `kwatch logs` and `kwatch report`, for completion."""
    from kwatch.cli.logs import logs_parser

    parsers = (watch_parser("kwatch", DESCRIPTION), demo_parser(), logs_parser(), _report_parser())
    found = {word for parser in parsers for action in parser._actions for word in action.option_strings}
    return tuple(sorted(found))


def _record(words: list[str]) -> RecordArguments:
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
    found = parser.parse_intermixed_args(words)
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


def _replay(words: list[str]) -> ReplayArguments:
    parser = watch_parser(
        "kwatch replay",
        "Play what was recorded, offline: Space pauses, End goes to its end, :at 14:02 to a time.",
        file=True,
    )
    parser.set_defaults(resource=None)
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
    found = parser.parse_intermixed_args(_joined(words))
    anything = found.resource is None
    found.resource = "pods" if anything else found.resource
    replay = Replay(found.speed, found.paused, found.start or "", found.idle)
    return ReplayArguments(found.file, watch_of(found), replay, anything)


def _joined(words: list[str]) -> list[str]:
    """`--from -10m` as one word: what begins with a dash is taken for a flag."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "--from" and word[:1] == "-" and word[1:2].isdigit():
            joined[-1] = f"--from={word}"
        else:
            joined.append(word)
    return joined


def _history(words: list[str]) -> HistoryArguments:
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
    found = parser.parse_intermixed_args(words)
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


def _diff(words: list[str]) -> DiffArguments:
    parser = _object_parser("kwatch diff", "What changed. Exit code 0: nothing, 1: something, more: an error.")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--file", metavar="FILE", help="within a recording")
    which.add_argument("--baseline", metavar="FILE", help="from the end of a recording to the cluster as it is now")
    parser.add_argument(
        "--since", type=read_by(parse_span), metavar="TIME", help="with --file: how long before its end (10m)"
    )
    parser.add_argument(
        "--by", choices=("object", "path"), default="object", help="by changed path: the most frequent first"
    )
    found = parser.parse_intermixed_args(words)
    if found.baseline and found.since is not None:
        raise UsageError("--since goes with --file; a baseline is compared with now")
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
    )


def _wait(words: list[str]) -> WaitArguments:
    description = "Wait until a filter holds. Exit code 0: it does, 1: it failed or took too long, 2: wrong words."
    parser = Parser(prog="kwatch wait", description=description, epilog=WAIT_EXAMPLES, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("resource", metavar="RESOURCE", help="what to look at: pods, deploy/cart, pods,jobs")
    parser.add_argument("filter", metavar="FILTER", help="as on the screen: 'app=cart status=Running'")
    parser.set_defaults(name=None)
    add_selection(parser)
    group = parser.add_argument_group("when it is true")
    group.add_argument(
        "--for",
        dest="least",
        type=read_by(_how_many),
        default=1,
        metavar="any|all|none|N",
        help="how many objects must match (default: any)",
    )
    group.add_argument("--or", dest="alternatives", action="append", default=[], metavar="FILTER", help="or this one")
    group.add_argument("--stable", type=read_by(parse_span), default=0.0, metavar="TIME", help="and stays so: 30s")
    group.add_argument("--fail-on", default="", metavar="FILTER", help="fail as soon as any object matches this")
    group.add_argument(
        "--timeout", type=read_by(parse_span), default=600.0, metavar="TIME", help="fail after that long (default: 10m)"
    )
    parser.add_argument("-o", "--output", choices=("json",), help="one line of JSON")
    add_connection(parser)
    add_log(parser)
    found = parser.parse_intermixed_args(words)
    return WaitArguments(
        connection_of(found),
        selection_of(found),
        log_of(found),
        (found.filter, *found.alternatives),
        found.fail_on,
        found.least,
        found.stable,
        found.timeout,
        found.output == "json",
    )


def _logs(words: list[str]) -> LogsArguments:
    from kwatch.cli.logs import parse_logs

    return parse_logs(words)


_OBJECT = re.compile(r"[A-Za-z][A-Za-z0-9.-]*/[^/\s]+")


def _report_parser() -> Parser:
    description = "What broke, since when and why, as one file to hand on: from the cluster now, or from a recording."
    usage = "kwatch report [RESOURCE/NAME | FILTER...] [flags]"
    parser = Parser(
        prog="kwatch report", usage=usage, description=description, epilog=REPORT_EXAMPLES, allow_abbrev=False
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "what", nargs="*", metavar="WHAT", help="an object, or a filter as on the screen (default: all)"
    )
    parser.set_defaults(resource="pods", name=None, label_selector=None, field_selector=None)
    group = parser.add_argument_group("what")
    group.add_argument("-n", "--namespace", metavar="NS", help="the namespace (default: the context's)")
    group.add_argument("-A", "--all-namespaces", action="store_true", help="all namespaces")
    group.add_argument("--file", metavar="FILE", help="from a recording, not from the cluster")
    group.add_argument(
        "--since",
        type=read_by(parse_span),
        metavar="TIME",
        help="tell of that long, 30m (default: since the cause)",
    )
    group.add_argument("--logs", action="store_true", help="with the last lines of the logs of what fails")
    group.add_argument("--mask-names", action="store_true", help="pseudonyms for names, hosts, images and addresses")
    group = parser.add_argument_group("where to")
    group.add_argument("-o", "--output", choices=("html", "md"), help="(default: as the file is named, else html)")
    group.add_argument("--write", metavar="FILE", help="a new file that only you can read (default: stdout)")
    group.add_argument("--force", action="store_true", help="overwrite the file")
    add_connection(parser)
    add_log(parser)
    return parser


def _report(words: list[str]) -> ReportArguments:
    found = _report_parser().parse_intermixed_args(words)
    if found.logs and found.mask_names:
        raise UsageError("logs may name anything; leave out --logs or --mask-names")
    if found.logs and found.file:
        raise UsageError("a recording holds no logs; --logs is for a cluster")
    selection, typed = SelectionArguments("", None, found.namespace, found.all_namespaces), " ".join(found.what)
    if len(found.what) == 1 and _OBJECT.fullmatch(typed):
        found.resource = typed
        selection, typed = selection_of(found), ""
    named = "md" if (found.write or "").endswith((".md", ".markdown")) else "html"
    return ReportArguments(
        connection_of(found),
        selection,
        log_of(found),
        typed,
        found.file,
        found.since,
        found.write,
        found.output or named,
        found.force,
        found.logs,
        found.mask_names,
    )


def _how_many(text: str) -> int | None:
    words = {"any": 1, "all": None, "none": 0}
    if text in words:
        return words[text]
    if not (text.isascii() and text.isdecimal() and int(text[:9]) > 0 and len(text) < 9):
        raise ValueError(f"{text!r} is no number of objects; write any, all, none, or 3")
    return int(text)


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


COMMANDS: dict[str, Callable[[list[str]], Arguments]] = {
    "demo": parse_demo,
    "record": _record,
    "replay": _replay,
    "history": _history,
    "diff": _diff,
    "wait": _wait,
    "logs": _logs,
    "report": _report,
    "info": _info,
    "completion": _completion,
}
"""What the first word may be; any other one is a resource."""
