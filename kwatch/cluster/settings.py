"""Everything that is known before the first byte is sent: the entries of a kubeconfig, what the command line says
against them, and the one connection that follows: one server, one user, how to reach it. Paths are absolute.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kwatch.informer.errors import ApiError

OIDC = "oidc"
"""The one auth provider that kubectl still knows."""


@dataclass(frozen=True, slots=True)
class ClusterEntry:
    """One item of `clusters`."""

    server: str = ""
    certificate_authority: Path | None = None
    certificate_authority_data: bytes | None = None
    insecure_skip_tls_verify: bool = False
    tls_server_name: str = ""
    proxy_url: str = ""
    disable_compression: bool = False
    exec_config: Any = None
    """The extension `client.authentication.k8s.io/exec`, handed to exec plugins that want to know the cluster."""


@dataclass(frozen=True, slots=True)
class ExecEntry:
    """`exec` of a user: the command that prints credentials."""

    command: str
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    api_version: str = "client.authentication.k8s.io/v1"
    install_hint: str = ""
    provide_cluster_info: bool = False
    interactive_mode: str = "IfAvailable"
    """`Never`, `IfAvailable` or `Always`."""


@dataclass(frozen=True, slots=True)
class PluginPolicy:
    """Which login commands may be run, by client-go's rules: `allowed` None is all of them; an empty one none. `source`
    says who wants it so.
    """

    allowed: tuple[str, ...] | None = None
    source: str = "the kuberc"

    def program(self, command: str) -> str:
        """What is to be run for a command; raise ApiError for one that may not be.

        Where there is a list, what was looked at is what is run: the entry of a kubeconfig could set another PATH.
        """
        if self.allowed is None:
            return command
        if not self.allowed:
            raise _refused(f"The login command {command!r} is not run: {self.source} says DenyAll.")
        path = _found(command)
        if command in self.allowed:
            return path or command
        if not path:
            raise _refused(
                f"The login command {command!r} is not on the PATH, so it cannot be compared with the list of "
                f"{self.source}."
            )
        names = (each for each in self.allowed if Path(each).name == Path(path).name)
        if path in self.allowed or any(_found(each) == path for each in names):
            return path
        raise _refused(f"The login command {command!r} is not run: the list of {self.source} does not name it.")


def _found(command: str) -> str:
    """Its file, empty where there is none; a PATH that leads into the working folder is not followed, as in Go."""
    path = shutil.which(command) or ""
    return path if Path(path).is_absolute() or "/" in command else ""


def _refused(sentence: str) -> ApiError:
    return ApiError(0, "Credentials", sentence)


@dataclass(frozen=True, slots=True)
class UserEntry:
    """One item of `users`. repr shows no secret."""

    client_certificate: Path | None = None
    client_certificate_data: bytes | None = field(default=None, repr=False)
    client_key: Path | None = None
    client_key_data: bytes | None = field(default=None, repr=False)
    token: str = field(default="", repr=False)
    token_file: Path | None = None
    username: str = ""
    password: str = field(default="", repr=False)
    impersonate: str = ""
    impersonate_uid: str = ""
    impersonate_groups: tuple[str, ...] = ()
    impersonate_extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    auth_provider: str | None = None
    """The name of an auth provider, an older way than `exec`; None if there is none."""
    auth_config: Mapping[str, str] = field(default_factory=dict, repr=False)
    exec: ExecEntry | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """One item of `contexts`."""

    cluster: str = ""
    user: str = ""
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """One file, or several merged. `files` are those that were read."""

    current_context: str = ""
    contexts: Mapping[str, Context] = field(default_factory=dict)
    clusters: Mapping[str, ClusterEntry] = field(default_factory=dict)
    users: Mapping[str, UserEntry] = field(default_factory=dict)
    files: tuple[Path, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing in it says which server to talk to."""
        return not (self.current_context or self.contexts or self.clusters)


class ConfigError(ValueError):
    """The kubeconfig, or what was asked for on the command line, cannot be used; the text is for the user."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says against the kubeconfig; None is what the kubeconfig says."""

    context: str | None = None
    cluster: str | None = None
    user: str | None = None
    namespace: str | None = None
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
    request_timeout: float | None = None
    plugin_policy: PluginPolicy = field(default_factory=PluginPolicy)


@dataclass(frozen=True, slots=True)
class TLSTrust:
    """Whom to believe. Without an authority, those of the system."""

    authority_file: Path | None = None
    authority_data: bytes | None = None
    insecure: bool = False
    server_name: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """A connection, resolved from kubeconfig, environment and command line."""

    context: str
    namespace: str
    server: str
    """URL without a slash at its end; may have a path."""
    trust: TLSTrust
    user: UserEntry
    proxy_url: str = ""
    compression: bool | None = None
    """Whether answers may come compressed, if the user says anything of it."""
    login: str = field(default="", repr=False)
    """`USER:PASSWORD` of the server's URL, which go before all other credentials; empty if it has none."""
    exec_config: Any = None
    plugin_policy: PluginPolicy = field(default_factory=PluginPolicy)
    request_timeout: float | None = None
    """Seconds without a byte after which a request other than a watch is given up; None is the default."""
    sources: tuple[Path, ...] = ()
    """The kubeconfig files that were read."""
