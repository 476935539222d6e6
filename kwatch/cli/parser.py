"""Words of the command line -> Arguments, with argparse; nothing slow is imported here."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from kwatch import __version__
from kwatch.cli.arguments import (
    Arguments,
    CompletionArguments,
    ConnectionArguments,
    DemoArguments,
    InfoArguments,
    LogArguments,
    OutputArguments,
    SelectionArguments,
    WatchArguments,
)
from kwatch.cli.history_flags import add_history

COMMANDS = ("demo", "record", "replay", "history", "diff", "info", "completion")
FORMATS = ("wide", "name", "json", "yaml", "jsonpath=", "custom-columns=")

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


class UsageError(Exception):
    """The words do not fit; the text is a sentence for the user."""


class Parser(argparse.ArgumentParser):
    """Raises UsageError where argparse would print and exit."""

    def error(self, message: str) -> NoReturn:
        """One sentence, and where to look."""
        raise UsageError(f"{message[:1].lower()}{message[1:]}; see {self.prog} --help")


def parse(words: Sequence[str]) -> Arguments:
    """Arguments of `kwatch WORDS...`; raise UsageError, or SystemExit after --help and --version."""
    command = words[0] if words and words[0] in COMMANDS else ""
    rest = list(words[1:]) if command else list(words)
    if command == "demo":
        return _demo(rest)
    if command in ("record", "replay", "history", "diff"):
        from kwatch.cli.recording_parser import parse_recording

        return parse_recording(command, rest)
    if command == "info":
        found = _info_parser().parse_args(rest)
        return InfoArguments(connection_of(found), log_of(found))
    if command == "completion":
        return _completion(rest)
    return watch_of(watch_parser("kwatch", DESCRIPTION).parse_intermixed_args(rest))


def _demo(words: list[str]) -> DemoArguments:
    found = _demo_parser().parse_intermixed_args(words)
    if found.objects < 1:
        raise UsageError("--objects must be at least 1")
    if found.rate < 0:
        raise UsageError("--rate must not be negative; 0 is a cluster where nothing changes")
    _check_faults(found.faults)
    return DemoArguments(watch_of(found), found.objects, found.rate, found.seed, found.faults)


def _check_faults(text: str) -> None:
    """Tell here what the child process would tell much later."""
    if text:
        from kwatch.simulator.faults import FaultSyntaxError, parse_faults

        try:
            parse_faults(text)
        except FaultSyntaxError as error:
            raise UsageError(f"--faults: {error}") from None


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
    _add_output(parser)
    parser.add_argument("--view", default="", metavar="NAME", help="begin with a view that was saved with Ctrl-S")
    if prog == "kwatch":
        add_connection(parser)
    add_history(parser)
    add_log(parser)
    return parser


def _demo_parser() -> Parser:
    parser = watch_parser("kwatch demo", "A simulated cluster that lives: rollouts, crash loops, drains, jobs.")
    group = parser.add_argument_group("the simulated cluster")
    group.add_argument("--objects", type=int, default=120, metavar="N", help="about how many pods (default: 120)")
    group.add_argument("--rate", type=float, default=4.0, metavar="N", help="changes a second (default: 4)")
    group.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed tells the same story")
    group.add_argument(
        "--faults", default="", metavar="NAME=RATE,...", help="what goes wrong, e.g. reset=0.01,410=0.02,slow=0.1"
    )
    return parser


def _info_parser() -> Parser:
    parser = Parser(prog="kwatch info", description="Versions, paths, contexts, what the server offers.")
    add_connection(parser)
    add_log(parser)
    return parser


def add_selection(parser: argparse.ArgumentParser) -> None:
    """The flags that say what is watched."""
    group = parser.add_argument_group("what")
    group.add_argument("-n", "--namespace", metavar="NS", help="the namespace (default: the context's)")
    group.add_argument("-A", "--all-namespaces", action="store_true", help="all namespaces")
    group.add_argument("-l", "--selector", metavar="LABELS", help="label selector, applied by the server")
    group.add_argument("--field-selector", metavar="FIELDS", help="field selector, applied by the server")


def _add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how")
    group.add_argument(
        "-o", "--output", metavar="FORMAT", help="no screen but a stream of changes: " + ", ".join(FORMATS)
    )
    group.add_argument(
        "-L", "--label-columns", action="append", default=[], metavar="KEY,...", help="labels as columns"
    )
    group.add_argument("--show-labels", action="store_true", help="all labels as the last column")
    group.add_argument("--sort-by", metavar="JSONPATH", help="order of what is there at first, e.g. .metadata.name")
    group.add_argument("--no-headers", action="store_true", help="rows without a header")
    group.add_argument("--watch-only", action="store_true", help="only changes, not what is there at first")
    group.add_argument("--until-synced", action="store_true", help="print what is there now, and end")
    group.add_argument("--show-managed-fields", action="store_true", help="keep metadata.managedFields in -o yaml")
    group.add_argument("--show-secrets", action="store_true", help="do not mask the data of Secrets")


def add_connection(parser: argparse.ArgumentParser) -> None:
    """The flags that say which cluster, and as whom."""
    group = parser.add_argument_group("which cluster, as kubectl takes it")
    group.add_argument("--kubeconfig", metavar="FILE")
    group.add_argument("--context", metavar="NAME")
    group.add_argument("--cluster", metavar="NAME")
    group.add_argument("--user", metavar="NAME")
    group.add_argument("-s", "--server", metavar="URL")
    group.add_argument("--token", metavar="TOKEN")
    group.add_argument("--as", dest="as_user", metavar="USER", help="impersonate a user")
    group.add_argument("--as-group", action="append", default=[], metavar="GROUP", help="impersonate groups")
    group.add_argument(
        "--insecure-skip-tls-verify",
        nargs="?",
        const=True,
        default=None,
        type=_boolean,
        metavar="BOOL",
        help="do not verify the server's certificate (anyone could answer)",
    )
    group.add_argument("--certificate-authority", metavar="FILE")
    group.add_argument("--request-timeout", metavar="TIME", help="give up on one request after this long, e.g. 10s")


def add_log(parser: argparse.ArgumentParser) -> None:
    """The flags of kwatch's own log."""
    group = parser.add_argument_group("kwatch itself")
    group.add_argument("--log-file", metavar="FILE", help="write kwatch's own log there")
    group.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default="info")


def _boolean(text: str) -> bool:
    if text.casefold() in ("true", "1", "t"):
        return True
    if text.casefold() in ("false", "0", "f"):
        return False
    raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")


def watch_of(found: argparse.Namespace) -> WatchArguments:
    """What was found, for everything that ends in a table; raise UsageError if it cannot be."""
    output = _output(found)
    if found.view and found.resource != "pods":
        raise UsageError(f"--view {found.view} says which resource; leave {found.resource} out")
    if found.view and output.format is not None:
        raise UsageError("--view is for the screen; with -o say RESOURCE, -n and -l")
    history = found.history_budget, found.history_age
    return WatchArguments(connection_of(found), selection_of(found), output, log_of(found), found.view, *history)


def connection_of(found: argparse.Namespace) -> ConnectionArguments:
    """What was found of the cluster."""
    if "kubeconfig" not in found:
        return ConnectionArguments()
    return ConnectionArguments(
        kubeconfig=found.kubeconfig,
        context=found.context,
        cluster=found.cluster,
        user=found.user,
        server=found.server,
        token=found.token,
        as_user=found.as_user,
        as_groups=tuple(found.as_group),
        insecure_skip_tls_verify=found.insecure_skip_tls_verify,
        certificate_authority=found.certificate_authority,
        request_timeout=found.request_timeout,
    )


def selection_of(found: argparse.Namespace) -> SelectionArguments:
    """What was found of the selection; raise UsageError if it cannot be."""
    resource, name = found.resource, found.name
    if "/" in resource:
        if name is not None:
            raise UsageError("give an object as RESOURCE/NAME or as RESOURCE NAME, not both")
        resource, _, name = resource.partition("/")
        if "/" in name:
            raise UsageError(f"{found.resource!r} has more than one slash; an object is RESOURCE/NAME")
    if not resource or name == "":
        raise UsageError(f"{found.resource!r} is no resource; try kwatch pods, or kwatch deploy/NAME")
    if name is not None and "," in resource:
        raise UsageError("a name goes with one resource, not with several")
    if name is not None and found.all_namespaces:
        raise UsageError("a resource cannot be fetched by name across all namespaces; give -n NAMESPACE")
    _check_selectors(found.selector, found.field_selector)
    return SelectionArguments(
        resource=resource,
        name=name,
        namespace=found.namespace,
        all_namespaces=found.all_namespaces,
        label_selector=found.selector,
        field_selector=found.field_selector,
    )


def _check_selectors(labels: str | None, fields: str | None) -> None:
    if not labels and not fields:
        return
    from kwatch.informer.selectors import SelectorSyntaxError, parse_field_selector, parse_label_selector

    try:
        parse_label_selector(labels or "")
    except SelectorSyntaxError as error:
        raise UsageError(f"the selector {labels!r} is malformed: {error}; write -l app=cart,tier!=data") from None
    try:
        parse_field_selector(fields or "")
    except SelectorSyntaxError as error:
        raise UsageError(
            f"the field selector {fields!r} is malformed: {error}; write --field-selector status.phase=Running"
        ) from None


def _output(found: argparse.Namespace) -> OutputArguments:
    wanted = found.output
    if wanted is not None and not (
        wanted in ("wide", "name", "json", "yaml") or wanted.startswith(("jsonpath=", "custom-columns="))
    ):
        raise UsageError(f"unknown output format {wanted!r}; there are: {', '.join(FORMATS)}")
    return OutputArguments(
        format=wanted,
        label_columns=tuple(key for keys in found.label_columns for key in keys.split(",") if key),
        show_labels=found.show_labels,
        sort_by=found.sort_by,
        no_headers=found.no_headers,
        watch_only=found.watch_only,
        until_synced=found.until_synced,
        show_secrets=found.show_secrets,
        show_managed_fields=found.show_managed_fields,
    )


def log_of(found: argparse.Namespace) -> LogArguments:
    """What was found of the log."""
    return LogArguments(found.log_file, found.log_level)


def flags() -> tuple[str, ...]:
    """Every flag of `kwatch` and `kwatch demo`, for completion."""
    parsers = (watch_parser("kwatch", DESCRIPTION), _demo_parser())
    found = {word for parser in parsers for action in parser._actions for word in action.option_strings}
    return tuple(sorted(found))


def prints_plainly(output: OutputArguments) -> bool:
    """Whether no screen is wanted: a format, an end, or no terminal to draw on."""
    return output.format is not None or output.until_synced or not sys.stdout.isatty()
