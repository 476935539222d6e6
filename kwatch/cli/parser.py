"""Words of the command line -> Arguments, with argparse: a function a command. Nothing slow is imported at its top."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from kwatch import __version__
from kwatch.base.duration import parse_span
from kwatch.base.quantity import parse_size
from kwatch.cli.arguments import (
    Arguments,
    CompletionArguments,
    DemoArguments,
    DiffArguments,
    HistoryArguments,
    InfoArguments,
    RecordArguments,
    ReplayArguments,
    UsageError,
    WatchArguments,
    add_connection,
    add_history,
    add_log,
    add_output,
    add_selection,
    connection_of,
    log_of,
    output_of,
    read_by,
    selection_of,
)
from kwatch.cli.terminal import write
from kwatch.tui.features.time_travel.moment import Replay, read_moment, read_speed

MOST_OBJECTS = 1_000_000
MOST_CHANGES = 1_000_000
"""A second."""

DESCRIPTION = """\
Watch a Kubernetes cluster: live tables, the history of every object, filters answered by indices.

  kwatch [RESOURCE[,RESOURCE...]] [flags]    a live table; the default is pods
  kwatch RESOURCE/NAME [flags]               one object, with its history
  kwatch demo                                a simulated cluster: nothing needed, nothing harmed
  kwatch record FILE RESOURCE...             keep what happens in a file
  kwatch replay FILE [RESOURCE]              look at it again, offline
  kwatch history RESOURCE/NAME [--file FILE] what happened to one object
  kwatch diff RESOURCE --file FILE           what changed; also --baseline FILE, against the cluster
  kwatch info                                versions, paths, contexts, what the server offers
  kwatch completion bash|zsh|fish            completion for your shell

kwatch only reads. Press ? in it for the keys.
"""
EPILOG = """\
examples:
  kwatch pods -n shop -l app=cart            a table, narrowed on the server
  kwatch deploy/cart -n shop                 what happened to one deployment
  kwatch pods -A -o json | jq .changed       every change as a line of JSON
  kwatch pods,services --until-synced        what is there now, as kubectl prints it
"""


class Parser(argparse.ArgumentParser):
    """Raises UsageError where argparse would print and exit, and OSError where it would say nothing of a full disk."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.color = False  # of Python 3.14: help in colours, which is nothing to print

    def _print_message(self, message: str, file: object = None) -> None:
        write(message)

    def error(self, message: str) -> NoReturn:
        """One sentence, and where to look."""
        raise UsageError(f"{message[:1].lower()}{message[1:]}; see {self.prog} --help")


def parse(words: Sequence[str]) -> Arguments:
    """Arguments of `kwatch WORDS...`; raise UsageError, or SystemExit after --help and --version."""
    if words and words[0] in COMMANDS:
        return COMMANDS[words[0]](list(words[1:]))
    return watch_of(watch_parser("kwatch", DESCRIPTION).parse_intermixed_args(list(words)))


def _demo(words: list[str]) -> DemoArguments:
    found = _demo_parser().parse_intermixed_args(words)
    if found.objects is not None and not 1 <= found.objects <= MOST_OBJECTS:
        raise UsageError(f"--objects must be from 1 to {MOST_OBJECTS:,}")
    if not 0 <= found.rate <= MOST_CHANGES:  # nan is neither
        raise UsageError(f"--rate must be from 0 to {MOST_CHANGES:,}; 0 is a cluster where nothing changes")
    _check_faults(found.faults)
    _check_scenario(found.scenario)
    watch = watch_of(found)
    return DemoArguments(watch, found.objects or 0, found.rate, found.seed, found.faults, found.scenario)


def _check_faults(text: str) -> None:
    """Here, because the child process would say it much later."""
    if text:
        from kwatch.simulator.faults import FaultSyntaxError, parse_faults

        try:
            parse_faults(text)
        except FaultSyntaxError as error:
            raise UsageError(f"--faults: {error}") from None


def _check_scenario(path: str) -> None:
    if path:
        from kwatch.simulator.scenario.checks import load_own_scenario
        from kwatch.simulator.scenario.loader import ScenarioError

        try:
            load_own_scenario(Path(path))
        except ScenarioError as error:
            raise UsageError(f"--scenario: {error}") from None


def _completion(words: list[str]) -> CompletionArguments:
    parser = Parser(prog="kwatch completion", description="Print a completion script for a shell.")
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))
    return CompletionArguments(parser.parse_args(words).shell)


def watch_parser(prog: str, description: str, *, file: bool = False) -> Parser:
    """The words of everything that ends in a table; with `file` the first one names a file."""
    parser = Parser(
        prog=prog,
        usage=f"{prog} {'FILE ' if file else ''}[RESOURCE[,RESOURCE...] | RESOURCE/NAME] [flags]",
        description=description,
        epilog=EPILOG if prog == "kwatch" else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if file:
        parser.add_argument("file", metavar="FILE", help="what was recorded")
    parser.add_argument("resource", nargs="?", default="pods", metavar="RESOURCE", help=argparse.SUPPRESS)
    parser.add_argument("name", nargs="?", metavar="NAME", help=argparse.SUPPRESS)
    parser.add_argument("--version", action="version", version=f"kwatch {__version__}")
    add_selection(parser)
    add_output(parser)
    parser.add_argument("--view", default="", metavar="NAME", help="begin with a view that was saved with Ctrl-S")
    if prog == "kwatch":
        add_connection(parser)
    add_history(parser)
    add_log(parser)
    return parser


def _demo_parser() -> Parser:
    parser = watch_parser("kwatch demo", "A simulated cluster that lives: rollouts, crash loops, drains, jobs.")
    group = parser.add_argument_group("the simulated cluster")
    group.add_argument("--scenario", default="", metavar="FILE", help="play a scenario of your own; the README has one")
    group.add_argument("--objects", type=int, metavar="N", help="about how many pods (default: 120, or as FILE says)")
    group.add_argument("--rate", type=float, default=4.0, metavar="N", help="changes a second (default: 4)")
    group.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed tells the same story")
    group.add_argument(
        "--faults", default="", metavar="NAME=RATE,...", help="what goes wrong, e.g. reset=0.01,410=0.02,slow=0.1"
    )
    return parser


def _info(words: list[str]) -> InfoArguments:
    parser = Parser(prog="kwatch info", description="Versions, paths, contexts, what the server offers.")
    add_connection(parser)
    add_log(parser)
    found = parser.parse_args(words)
    return InfoArguments(connection_of(found), log_of(found))


def watch_of(found: argparse.Namespace) -> WatchArguments:
    """What was found, for everything that ends in a table; raise UsageError if it cannot be."""
    output = output_of(found)
    if found.view and found.resource != "pods":
        raise UsageError(f"--view {found.view} says which resource; leave {found.resource} out")
    if found.view and output.format is not None:
        raise UsageError("--view is for the screen; for the stream say RESOURCE, -n and -l")
    history = found.history_budget, found.history_age
    return WatchArguments(connection_of(found), selection_of(found), output, log_of(found), found.view, *history)


def flags() -> tuple[str, ...]:
    """Every flag of `kwatch` and `kwatch demo`, for completion."""
    parsers = (watch_parser("kwatch", DESCRIPTION), _demo_parser())
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
    "demo": _demo,
    "record": _record,
    "replay": _replay,
    "history": _history,
    "diff": _diff,
    "info": _info,
    "completion": _completion,
}
"""What the first word may be; any other one is a resource."""
