"""Everything that is known before the first byte is sent: one server, one user, how to reach it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kwatch.cluster.kubeconfig.entries import UserEntry


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says against the kubeconfig; None is what the kubeconfig says."""

    context: str | None = None
    cluster: str | None = None
    user: str | None = None
    namespace: str | None = None
    server: str | None = None
    token: str | None = field(default=None, repr=False)
    as_user: str | None = None
    as_groups: tuple[str, ...] = ()
    insecure_skip_tls_verify: bool | None = None
    certificate_authority: str | None = None
    request_timeout: float | None = None


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
    compression: bool = True
    login: str = field(default="", repr=False)
    """`USER:PASSWORD` of the server's URL, which go before all other credentials; empty if it has none."""
    exec_config: Any = None
    request_timeout: float | None = None
    """Seconds without a byte after which a request other than a watch is given up; None is the default."""
    sources: tuple[Path, ...] = ()
    """The kubeconfig files that were read."""
