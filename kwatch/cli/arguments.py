"""The command line as data: what each command was told. `flags` reads most of it from the words.

Every start imports this: nothing slow may be imported at its top.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kwatch.tui.features.time_travel.moment import Replay


class UsageError(Exception):
    """The words do not fit; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class ConnectionArguments:
    """How to reach which cluster as whom; None is what the kubeconfig says."""

    kubeconfig: str | None = None
    context: str | None = None
    cluster: str | None = None
    user: str | None = None
    server: str | None = None
    token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    client_certificate: str | None = None
    client_key: str | None = None
    as_user: str | None = None
    as_uid: str | None = None
    as_groups: tuple[str, ...] = ()
    as_user_extra: tuple[tuple[str, str], ...] = ()
    insecure_skip_tls_verify: bool | None = None
    certificate_authority: str | None = None
    tls_server_name: str | None = None
    proxy_url: str | None = None
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
    names: tuple[str, ...] = ()
    """Of several objects; then there is no `name`."""


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
    ignore_not_found: bool = False
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
    """`kwatch demo`: without `objects` and `scenario` as shipped; of several `contexts` the last plays it."""

    watch: WatchArguments
    objects: int = 0
    rate: float = 4.0
    seed: int = 1
    faults: str = ""
    scenario: str = ""
    contexts: tuple[str, ...] = ()


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
    context: str | None = None
    """Which of those that were recorded; None: all of them."""


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
