"""The command line as data: kubectl's flags with kubectl's meaning, and kwatch's own."""

from __future__ import annotations

from dataclasses import dataclass, field

from kwatch.tui.features.time_travel.moment import Replay


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
    request_timeout: str | None = None


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
    """How it is shown; `format` None is the screen, or rows where stdout is no terminal."""

    format: str | None = None
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
class WatchArguments:
    """`kwatch [RESOURCE] [flags]`."""

    connection: ConnectionArguments = field(default_factory=ConnectionArguments)
    selection: SelectionArguments = field(default_factory=SelectionArguments)
    output: OutputArguments = field(default_factory=OutputArguments)
    log: LogArguments = field(default_factory=LogArguments)
    view: str = ""
    """The name of a saved view to begin with."""
    history_budget: str | None = None
    """As it was written, e.g. `512Mi`; None is what config.yaml says."""
    history_age: str | None = None


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


@dataclass(frozen=True, slots=True)
class DiffArguments:
    """`kwatch diff RESOURCE`: within `file`, `seconds` before its end and at its end; or since `baseline` and now."""

    connection: ConnectionArguments
    selection: SelectionArguments
    log: LogArguments
    file: str | None = None
    seconds: float = 600.0
    baseline: str | None = None
    json: bool = False
    by_path: bool = False
    """Told by changed path, not by object."""


RecordingArguments = RecordArguments | ReplayArguments | HistoryArguments | DiffArguments
LoggedArguments = RecordingArguments | WatchArguments | DemoArguments | InfoArguments
Arguments = LoggedArguments | CompletionArguments
