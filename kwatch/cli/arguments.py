"""The command line as data, and the flags it is read from: kubectl's with kubectl's meaning, and kwatch's own.

Every start imports this: nothing slow may be imported at its top, the selectors of the informer among it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import TypeVar

from kwatch.base.namespaces import in_words, is_one, read_namespaces
from kwatch.tui.features.time_travel.moment import Replay


class UsageError(Exception):
    """The words do not fit; the text is a sentence for the user."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ConnectionArguments:
    """How to reach which cluster as whom; None is what the kubeconfig says."""

    kubeconfig: str | None = None
    context: str | None = None
    cluster: str | None = None
    user: str | None = None
    server: str | None = None
    token: str | None = None
    as_user: str | None = None
    as_groups: tuple[str, ...] = ()
    insecure_skip_tls_verify: bool | None = None
    certificate_authority: str | None = None
    disable_compression: bool | None = None
    request_timeout: str | None = None
    kuberc: str | None = None
    """The file with the user's preferences; None is where kubectl looks."""


@dataclass(frozen=True, slots=True)
class SelectionArguments:
    """What is watched."""

    resource: str = "pods"
    name: str | None = None
    namespace: str | None = None
    all_namespaces: bool = False
    label_selector: str | None = None
    field_selector: str | None = None


@dataclass(frozen=True, slots=True)
class OutputArguments:
    """How it is shown; `format` None is the screen, or rows where stdout is no terminal.

    Where there is no screen, `printed` is the format if none was asked for, and `once` ends it with what is there now.
    """

    format: str | None = None
    printed: str | None = None
    once: bool = False
    label_columns: tuple[str, ...] = ()
    show_labels: bool = False
    sort_by: str | None = None
    no_headers: bool = False
    watch_only: bool = False
    until_synced: bool = False
    show_secrets: bool = False
    show_managed_fields: bool = False


@dataclass(frozen=True, slots=True)
class LogArguments:
    """Where the program's own log goes; None is nowhere."""

    file: str | None = None
    level: str = "info"


@dataclass(frozen=True, slots=True)
class HookArguments:
    """`--on FILTER` and what is to be done then; an empty `on` is no hook."""

    on: str = ""
    command: str = ""
    shell: bool = False
    webhook: str = ""
    notifies: bool = False
    existing: bool = False


@dataclass(frozen=True, slots=True)
class WatchArguments:
    """`kwatch [RESOURCE] [flags]`."""

    connection: ConnectionArguments = field(default_factory=ConnectionArguments)
    selection: SelectionArguments = field(default_factory=SelectionArguments)
    output: OutputArguments = field(default_factory=OutputArguments)
    log: LogArguments = field(default_factory=LogArguments)
    view: str = ""
    """The name of a saved view to begin with."""
    hook: HookArguments = field(default_factory=HookArguments)
    history_budget: str | None = None
    """As it was written, e.g. `512Mi`; None is what config.yaml says."""
    history_age: str | None = None
    memory_limit: str | None = None
    background: bool = True
    """False: nothing is watched but what is looked at; True: as config.yaml says."""
    last_log_lines: int | None = None
    plain_screen: bool = False


@dataclass(frozen=True, slots=True)
class DemoArguments:
    """`kwatch demo`: a simulated cluster of about `objects` pods, 0 as many as the scenario says, that changes `rate`
    times a second; `scenario` is a scenario file, empty for the one that is shipped.
    """

    watch: WatchArguments
    objects: int = 0
    rate: float = 4.0
    seed: int = 1
    faults: str = ""
    scenario: str = ""


@dataclass(frozen=True, slots=True)
class InfoArguments:
    """`kwatch info`: versions, paths, contexts, what the server offers."""

    connection: ConnectionArguments
    log: LogArguments


@dataclass(frozen=True, slots=True)
class CompletionArguments:
    """`kwatch completion SHELL`."""

    shell: str


@dataclass(frozen=True, slots=True)
class ManArguments:
    """`kwatch man`."""


@dataclass(frozen=True, slots=True)
class RecordArguments:
    """`kwatch record FILE RESOURCE...`; `seconds` and `max_bytes` None are no limit."""

    file: str
    connection: ConnectionArguments
    selection: SelectionArguments
    log: LogArguments
    redact: tuple[str, ...] = ()
    seconds: float | None = None
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ReplayArguments:
    """`kwatch replay FILE [RESOURCE]`: the screen on what was recorded. `anything`: no resource was asked for."""

    file: str
    watch: WatchArguments
    replay: Replay = field(default_factory=Replay)
    anything: bool = True


@dataclass(frozen=True, slots=True)
class HistoryArguments:
    """`kwatch history RESOURCE/NAME`; `file` None asks the cluster."""

    connection: ConnectionArguments
    selection: SelectionArguments
    log: LogArguments
    file: str | None = None
    follow: bool = False
    json: bool = False
    related: bool = False
    revisions: bool = False


@dataclass(frozen=True, slots=True)
class WaitArguments:
    """`kwatch wait RESOURCE FILTER`. `filters` are alternatives; `least` as in `WaitRequest`, the rest in seconds."""

    connection: ConnectionArguments
    selection: SelectionArguments
    log: LogArguments
    filters: tuple[str, ...]
    fail_on: str = ""
    least: int | None = 1
    stable: float = 0.0
    timeout: float | None = None
    json: bool = False


@dataclass(frozen=True, slots=True)
class DiffArguments:
    """`kwatch diff RESOURCE`: within `file`, `seconds` before its end and at its end; or since `baseline` and now; or
    between two contexts.
    """

    connection: ConnectionArguments
    selection: SelectionArguments
    log: LogArguments
    file: str | None = None
    seconds: float = 600.0
    baseline: str | None = None
    json: bool = False
    by_path: bool = False
    """By changed path, not by object."""
    against: str | None = None
    """Another context that is compared with the one of the connection."""


@dataclass(frozen=True, slots=True)
class ReportArguments:
    """`kwatch report [RESOURCE/NAME | FILTER...]`; `selection.resource` empty: everything; `file` None: the cluster."""

    connection: ConnectionArguments
    selection: SelectionArguments
    log: LogArguments
    filter: str = ""
    file: str | None = None
    seconds: float | None = None
    write: str | None = None
    """Where to; None is stdout."""
    format: str = "html"
    force: bool = False
    with_logs: bool = False
    mask_names: bool = False


def add_connection(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("which cluster, as kubectl takes it")
    group.add_argument("--kubeconfig", metavar="FILE")
    group.add_argument("--context", metavar="NAME", help="several in one table as prod-eu,prod-us or 'prod-*'")
    group.add_argument("--cluster", metavar="NAME")
    group.add_argument("--user", metavar="NAME")
    group.add_argument("-s", "--server", metavar="URL")
    group.add_argument("--token", metavar="TOKEN")
    group.add_argument("--as", dest="as_user", metavar="USER", help="impersonate a user")
    group.add_argument(
        "--as-group", dest="as_groups", action="append", default=[], metavar="GROUP", help="impersonate groups"
    )
    for flag, meaning in (
        ("--insecure-skip-tls-verify", "do not verify the server's certificate (anyone could answer)"),
        ("--disable-compression", "take no gzip, for fast networks (default: only from this machine)"),
    ):
        group.add_argument(flag, action="store_const", const=True, help=meaning)
    group.add_argument("--certificate-authority", metavar="FILE")
    group.add_argument("--request-timeout", metavar="TIME", help="give up on one request after this long, e.g. 10s")
    group.add_argument("--kuberc", metavar="FILE", help="preferences: aliases, defaults, which login commands may run")


def connection_of(found: argparse.Namespace) -> ConnectionArguments:
    if "kubeconfig" not in found:
        return ConnectionArguments()
    found.as_groups = tuple(found.as_groups)
    return _filled(ConnectionArguments, found)


def add_namespace(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "-n",
        "--namespace",
        type=read_by(read_namespaces),
        metavar="NS",
        help="the namespace (default: the context's); several as shop,payments, all but some as '!kube-system'",
    )


def add_selection(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what")
    add_namespace(group)
    group.add_argument("-A", "--all-namespaces", action="store_true", help="all namespaces")
    group.add_argument(
        "-l", "--selector", dest="label_selector", metavar="LABELS", help="label selector, applied by the server"
    )
    group.add_argument("--field-selector", metavar="FIELDS", help="field selector, applied by the server")


def selection_of(found: argparse.Namespace) -> SelectionArguments:
    """Raise UsageError for words that name nothing, or several things at once."""
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
    if name is not None and found.namespace and not is_one(found.namespace):
        raise UsageError(f"an object is in one namespace, not in {in_words(found.namespace)}; give -n NAMESPACE")
    if found.all_namespaces and found.namespace and not is_one(found.namespace):
        raise UsageError(f"-A is all namespaces and -n {found.namespace} is not; give one of them")
    _check_selectors(found.label_selector, found.field_selector)
    found.resource, found.name = resource, name
    return _filled(SelectionArguments, found)


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


FORMATS = ("wide", "name", "json", "yaml", "kyaml", "jsonpath=", "custom-columns=")


def add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how")
    group.add_argument(
        "-o",
        "--output",
        dest="format",
        metavar="FORMAT",
        help="no screen but a stream of changes: " + ", ".join(FORMATS),
    )
    group.add_argument(
        "-L", "--label-columns", action="append", default=[], metavar="KEY,...", help="labels as columns"
    )
    group.add_argument("--show-labels", action="store_true", help="all labels as the last column")
    group.add_argument("--sort-by", metavar="JSONPATH", help="order of what is there at first, e.g. .metadata.name")
    group.add_argument("--no-headers", action="store_true", help="rows without a header")
    group.add_argument(
        "-w",
        "--watch",
        action="store_const",
        const=True,
        help="go on with what changes, which is the default",
    )
    group.add_argument("--watch-only", action="store_true", help="only changes, not what is there at first")
    group.add_argument("--until-synced", action="store_true", help="print what is there now, and end")
    group.add_argument("--show-managed-fields", action="store_true", help="keep metadata.managedFields in YAML")
    group.add_argument(
        "--show-secrets", action="store_true", help="do not mask the data of Secrets, and what repeats them"
    )


def output_of(found: argparse.Namespace) -> OutputArguments:
    """Raise UsageError if there is no such format."""
    wanted = found.format
    if wanted is not None and not (
        (wanted in FORMATS and not wanted.endswith("=")) or wanted.startswith(("jsonpath=", "custom-columns="))
    ):
        raise UsageError(f"unknown output format {wanted!r}; there are: {', '.join(FORMATS)}")
    found.until_synced |= found.watch is False
    found.label_columns = tuple(key for keys in found.label_columns for key in keys.split(",") if key)
    return _filled(OutputArguments, found)


def read_by(read: Callable[[str], T]) -> Callable[[str], T]:
    """A type of argparse: what `read` makes of a word; the sentence of its ValueError is the user's."""

    def typed(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return typed


def _filled(shape: type[T], found: argparse.Namespace) -> T:
    """A dataclass whose fields are named as what was found."""
    named = {each.name: getattr(found, each.name) for each in fields(shape) if each.name in found}  # type: ignore[arg-type]
    return shape(**named)


def add_log(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("kwatch itself")
    group.add_argument("--log-file", metavar="FILE", help="write kwatch's own log there; only you can read it")
    group.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default="info")


def log_of(found: argparse.Namespace) -> LogArguments:
    return LogArguments(found.log_file, found.log_level)
