"""Words of the command line -> Arguments, with argparse: a Command each. Nothing slow is imported at its top."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.base.duration import parse_span
from kwatch.cli.arguments import (
    CompletionArguments,
    DemoArguments,
    DiffArguments,
    HistoryArguments,
    InfoArguments,
    ManArguments,
    RecordArguments,
    ReplayArguments,
    ReportArguments,
    SelectionArguments,
    UsageError,
    WaitArguments,
    WatchArguments,
)
from kwatch.cli.config_files import ConfigArguments, config_parser, read_config
from kwatch.cli.flags import (
    add_connection,
    add_log,
    add_namespace,
    add_selection,
    connection_of,
    log_of,
    read_by,
    selection_of,
)
from kwatch.cli.import_k9s import ImportArguments, import_parser, read_import
from kwatch.cli.kubectl_words import command_first
from kwatch.cli.past_parsers import (
    diff_parser,
    history_parser,
    read_diff,
    read_history,
    read_record,
    read_replay,
    record_parser,
    replay_parser,
)
from kwatch.cli.watch_parser import (
    DESCRIPTION,
    Parser,
    demo_parser,
    describe_parser,
    get_parser,
    read_demo,
    read_describe,
    read_get,
    watch_of,
    watch_parser,
)

if TYPE_CHECKING:
    from kwatch.cli.logs import LogsArguments
    from kwatch.cli.serve import ServeArguments

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
        | ServeArguments
        | InfoArguments
    )
    Arguments = LoggedArguments | CompletionArguments | ConfigArguments | ImportArguments | ManArguments

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


def parse(words: Sequence[str], defaults: Mapping[str, object] | None = None) -> Arguments:
    """Arguments of `kwatch WORDS...`; raise UsageError, or SystemExit after --help and --version.

    `defaults` are what the user prefers where the words do not say it, by the names of argparse.
    """
    first, *rest = command_first(words, first_word(words), COMMANDS) or [""]
    command = COMMANDS.get(first)
    parser = command.parser() if command is not None else kwatch_parser()
    parser.set_defaults(**(defaults or {}))
    if command is not None:
        return command.read(parser.parse_intermixed_args(rest))
    return watch_of(parser.parse_intermixed_args(list(words)))


def first_word(words: Sequence[str]) -> int | None:
    """Where the first word stands that is neither a flag nor its value."""
    return kwatch_parser().first_word(words) if words and words[0].startswith("-") else 0 if words else None


@dataclass(frozen=True, slots=True)
class Command:
    """What its words may be, and what they mean."""

    parser: Callable[[], Parser]
    read: Callable[[argparse.Namespace], Arguments]


def kwatch_parser() -> Parser:
    """Of `kwatch [RESOURCE]`, without a command."""
    return watch_parser("kwatch", DESCRIPTION)


def completion_parser() -> Parser:
    parser = Parser(prog="kwatch completion", description="Print a completion script for a shell.")
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))
    return parser


def read_completion(found: argparse.Namespace) -> CompletionArguments:
    return CompletionArguments(found.shell)


def man_parser() -> Parser:
    return Parser(prog="kwatch man", description="Print the manual page; kwatch man | man -l - shows it.")


def read_man(found: argparse.Namespace) -> ManArguments:
    return ManArguments()


def info_parser() -> Parser:
    parser = Parser(prog="kwatch info", description="Versions, paths, contexts, what the server offers.")
    add_connection(parser)
    add_log(parser)
    return parser


def read_info(found: argparse.Namespace) -> InfoArguments:
    return InfoArguments(connection_of(found), log_of(found))


def wait_parser() -> Parser:
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
    return parser


def read_wait(found: argparse.Namespace) -> WaitArguments:
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


def logs_parser() -> Parser:
    from kwatch.cli import logs

    return logs.logs_parser()


def read_logs(found: argparse.Namespace) -> LogsArguments:
    from kwatch.cli import logs

    return logs.read_logs(found)


def serve_parser() -> Parser:
    from kwatch.cli import serve

    return serve.serve_parser()


def read_serve(found: argparse.Namespace) -> ServeArguments:
    from kwatch.cli import serve

    arguments = serve.read_serve(found)
    try:
        parse(arguments.words)  # what kwatch would not understand is said now, and not in each page
    except SystemExit:
        raise UsageError("--help and --version have no screen to serve") from None
    return arguments


_OBJECT = re.compile(r"[A-Za-z][A-Za-z0-9.-]*/[^/\s]+")


def report_parser() -> Parser:
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
    add_namespace(group)
    group.add_argument("-A", "--all-namespaces", action="store_true", help="all namespaces")
    group.add_argument("--file", metavar="FILE", help="from a recording, not from the cluster")
    group.add_argument(
        "--since",
        type=read_by(parse_span),
        metavar="TIME",
        help="go back that far, 30m (default: since the cause)",
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


def read_report(found: argparse.Namespace) -> ReportArguments:
    if found.logs and found.mask_names:
        raise UsageError("logs may contain any name; leave out --logs or --mask-names")
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
        raise ValueError(f"{text!r} is not a number of objects; write any, all, none, or 3")
    return int(text)


COMMANDS: dict[str, Command] = {
    "get": Command(get_parser, read_get),
    "describe": Command(describe_parser, read_describe),
    "logs": Command(logs_parser, read_logs),
    "demo": Command(demo_parser, read_demo),
    "record": Command(record_parser, read_record),
    "replay": Command(replay_parser, read_replay),
    "history": Command(history_parser, read_history),
    "diff": Command(diff_parser, read_diff),
    "wait": Command(wait_parser, read_wait),
    "report": Command(report_parser, read_report),
    "serve": Command(serve_parser, read_serve),
    "info": Command(info_parser, read_info),
    "config": Command(config_parser, read_config),
    "import": Command(import_parser, read_import),
    "completion": Command(completion_parser, read_completion),
    "man": Command(man_parser, read_man),
}
"""What the first word may be; any other one is a resource."""
