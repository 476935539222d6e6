"""`kwatch logs`: its words, and how it is run."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from typing import Any

from kwatch.base.duration import parse_span
from kwatch.base.finding import BROKEN, BoundedRegex, UnsafePattern, longest_text
from kwatch.base.timestamp import parse_timestamp
from kwatch.cli.arguments import ConnectionArguments, LogArguments, SelectionArguments, UsageError
from kwatch.cli.flags import add_connection, add_log, add_selection, connection_of, log_of, read_by, selection_of
from kwatch.cli.watch_parser import Parser

MOST_AT_ONCE = 1000
STATES = ("running", "waiting", "terminated")
EXAMPLES = """\
examples:
  kwatch logs deploy/cart -f                       every pod and container of it, merged by time
  kwatch logs -l app=cart -f --since 10m           what a selector selects
  kwatch logs svc/cart ds/agent --include 'timeout|refused'
  kwatch logs 'app=cart restarts>0' -p             the log before the last restart, of pods that a filter finds
  kwatch logs -l app=cart -i timeout -E istio-proxy -t --container-state running
  kwatch logs job/backup -o json | jq .message     a line of JSON each
"""


_AS_IT_IS = ("--all-containers", "--all-pods", "--ignore-errors", "--no-follow")
"""Flags of kubectl's and stern's that ask for what is done anyway."""
_INSTEAD = {
    "--limit-bytes": "--tail N bounds the lines of each container, head -c the bytes",
    "--pod-running-timeout": "with -f containers are waited for; kwatch wait waits no longer than its --timeout",
    "--insecure-skip-tls-verify-backend": "kubectl logs has it",
    "--template": "-o json, read with jq, makes any line",
    "--template-file": "-o json, read with jq, makes any line",
    "--timezone": "--timestamps are the node's, in UTC; -o json, read with jq, makes others of them",
    "--init-containers": "-E REGEX leaves containers out by their names",
    "--ephemeral-containers": "-E REGEX leaves containers out by their names",
    "--condition": "a filter does that: kwatch logs 'ready=0/1'",
    "--prompt": "kwatch pods lets you choose: l shows the logs of a pod, or of all that are marked",
}
"""Of other flags of theirs what does the same."""


@dataclass(frozen=True, slots=True)
class LogsArguments:
    """`kwatch logs WORDS...`. Times in seconds, `since_time` RFC 3339, the patterns are regular expressions."""

    connection: ConnectionArguments
    selection: SelectionArguments
    """Without the words: what they name only the server knows."""
    log: LogArguments
    words: tuple[str, ...] = ()
    follow: bool = False
    previous: bool = False
    tail: int | None = None
    since: int | None = None
    since_time: str | None = None
    container: str = ""
    exclude_container: tuple[str, ...] = ()
    exclude_pod: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    only_lines: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    highlight: tuple[str, ...] = ()
    timestamps: bool = False
    json: bool = False
    raw: bool = False
    prefix: bool | None = None
    at_once: int = 50
    color: str = "auto"


class _LogsParser(Parser):
    """Answers also for the flags that kubectl and stern have."""

    def parse_intermixed_args(self, args: Any = None, namespace: Any = None) -> Any:
        for word in args[: args.index("--") if "--" in args else None]:
            flag = word.partition("=")[0]
            if flag in _INSTEAD:
                raise UsageError(f"kwatch logs has no {flag}: {_INSTEAD[flag]}")
        return super().parse_intermixed_args(args, namespace)


def logs_parser() -> Parser:
    parser = _LogsParser(
        prog="kwatch logs",
        usage="kwatch logs [RESOURCE/NAME... | RESOURCE | FILTER...] [flags]",
        description="The logs of all pods and containers of objects, of a selector or of a filter, merged by time.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("words", nargs="*", metavar="WORD", help=argparse.SUPPRESS)
    parser.set_defaults(resource="pods", name=None)
    add_selection(parser)
    pattern: dict[str, Any] = {"action": "append", "default": [], "type": read_by(_regex), "metavar": "REGEX"}
    group = parser.add_argument_group("which lines")
    group.add_argument("-f", "--follow", action="store_true", help="go on: new pods join, restarts are followed")
    group.add_argument("-p", "--previous", action="store_true", help="of the runs before the last restart")
    group.add_argument("-c", "--container", default="", metavar="REGEX", help="only these containers (default: all)")
    group.add_argument("-E", "--exclude-container", **pattern, help="not these")
    group.add_argument("--exclude-pod", **pattern, help="not of these pods")
    group.add_argument(
        "--container-state", type=read_by(_states), metavar="STATES", help="running, waiting, terminated (default: all)"
    )
    group.add_argument("--node", metavar="NODE", help="only of pods on this node")
    for flag in _AS_IT_IS:
        group.add_argument(flag, action="store_true", help=argparse.SUPPRESS)
    group.add_argument(
        "--tail",
        type=read_by(_lines),
        metavar="N",
        help="the last lines of each container; -1: all (default: all of named objects, else 10)",
    )
    group.add_argument("--since", type=read_by(parse_span), metavar="TIME", help="what is newer: 10m, 1h30m")
    group.add_argument("--since-time", type=read_by(_time), metavar="TIME", help="the same: 2026-12-01T08:00:00Z")
    for short, flag, meaning in (("-i", "--include", "only lines that match"), ("-e", "--exclude", "none that match")):
        group.add_argument(
            short, flag, action="append", default=[], type=read_by(_regex), metavar="REGEX", help=meaning
        )
    group.add_argument(
        "--max-log-requests", type=read_by(_requests), default=50, metavar="N", help="containers at once (default: 50)"
    )
    group = parser.add_argument_group("how")
    group.add_argument("-t", "--timestamps", action="store_true", help="each line with the node's time")
    group.add_argument("--prefix", action=argparse.BooleanOptionalAction, help="each line with its pod and container")
    group.add_argument("--raw", action="store_true", help="lines as they were written: no prefix, JSON not folded")
    group.add_argument("-H", "--highlight", **pattern, help="mark what matches")
    group.add_argument("--only-log-lines", action="store_true", help="nothing of kwatch's own: joined, restarted")
    group.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="auto: on a terminal, without NO_COLOR"
    )
    group.add_argument("-o", "--output", choices=("default", "raw", "json"), help="json: a line of JSON each")
    add_connection(parser)
    add_log(parser)
    return parser


def read_logs(found: argparse.Namespace) -> LogsArguments:
    found.raw = found.raw or found.output == "raw"
    found.output = found.output if found.output == "json" else None
    if found.node:
        on_node = f"spec.nodeName={found.node}"
        found.field_selector = f"{found.field_selector},{on_node}" if found.field_selector else on_node
    if found.since is not None and found.since_time is not None:
        raise UsageError("--since and --since-time say the same; give one of them")
    if found.follow and found.previous:
        raise UsageError("--previous is of runs that are over; leave --follow out")
    if found.output and found.raw:
        raise UsageError("-o json and --raw are two ways to print a line; give one of them")
    if any(not word for word in found.words):
        raise UsageError("an empty word names nothing; try kwatch logs deploy/NAME")
    try:
        _regex(found.container)
    except ValueError as error:
        raise UsageError(f"--container: {error}") from None
    return LogsArguments(
        connection_of(found),
        selection_of(found),
        log_of(found),
        tuple(found.words),
        follow=found.follow,
        previous=found.previous,
        tail=found.tail,
        # Servers take whole seconds, and not 0.
        since=None if found.since is None else max(1, round(found.since)),
        since_time=found.since_time,
        container=found.container,
        exclude_container=tuple(found.exclude_container),
        exclude_pod=tuple(found.exclude_pod),
        states=found.container_state or (),
        only_lines=found.only_log_lines,
        include=tuple(found.include),
        exclude=tuple(found.exclude),
        highlight=tuple(found.highlight),
        timestamps=found.timestamps,
        json=found.output == "json",
        raw=found.raw,
        prefix=found.prefix,
        at_once=found.max_log_requests,
        color=found.color,
    )


def logs(arguments: LogsArguments) -> int:
    from kwatch.cli.running import running, select
    from kwatch.cli.terminal import complain, is_terminal, write
    from kwatch.output.logs import LogsRequest, print_logs
    from kwatch.output.opening import StreamError
    from kwatch.query.syntax import QuerySyntaxError

    def bounded(patterns: tuple[str, ...]) -> tuple[BoundedRegex, ...]:
        return tuple(map(BoundedRegex, patterns))

    on_terminal = is_terminal()
    request = LogsRequest(
        select(arguments.selection),
        arguments.words,
        follow=arguments.follow,
        previous=arguments.previous,
        tail=arguments.tail,
        since=arguments.since,
        since_time=arguments.since_time,
        container=BoundedRegex(arguments.container),
        exclude_container=bounded(arguments.exclude_container),
        exclude_pod=bounded(arguments.exclude_pod),
        states=frozenset(arguments.states),
        only_lines=arguments.only_lines,
        include=bounded(arguments.include),
        exclude=bounded(arguments.exclude),
        highlight=bounded(arguments.highlight),
        timestamps=arguments.timestamps,
        json=arguments.json,
        raw=arguments.raw,
        prefix=arguments.prefix,
        at_once=arguments.at_once,
        is_terminal=on_terminal,
        color=arguments.color == "always"
        or (arguments.color == "auto" and on_terminal and not os.environ.get("NO_COLOR")),
    )
    with running(arguments) as (runs, signalled):
        try:
            code = print_logs(runs, request, lambda text: write(text, is_safe=True), complain)
        except QuerySyntaxError as error:
            complain(str(error))
            return 2
        except StreamError as error:
            complain(str(error))
            return 1
    return signalled() or code


def _states(text: str) -> tuple[str, ...]:
    states = tuple(each.strip() for each in text.split(","))
    if "all" in states:
        return ()
    wrong = next((each for each in states if each not in STATES), None)
    if wrong is not None:
        raise ValueError(f"{wrong!r} is not a state of a container; write {', '.join(STATES)}, or all")
    return states


def _regex(text: str) -> str:
    try:
        longest_text(text)
    except UnsafePattern as error:
        raise ValueError(f"{text!r} is refused. {str(error).rstrip('.')}") from None
    except BROKEN as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return text


def _lines(text: str) -> int | None:
    if text == "-1":
        return -1
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ValueError(f"{text!r} is not a number of lines; write 100, or -1 for all")
    return int(text)


def _requests(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= MOST_AT_ONCE):
        raise ValueError(f"{text!r} is not a number of requests; write one from 1 to {MOST_AT_ONCE:,}")
    return int(text)


def _time(text: str) -> str:
    try:
        parse_timestamp(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time; write 2026-12-01T08:00:00Z, or --since 10m") from None
    return text
