"""connect() and contexts(): from files, environment and words to a cluster, in a pod too. Neither talks to a server."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kwatch.base.duration import parse_go_duration
from kwatch.cluster.api_server import ApiServer
from kwatch.cluster.kubeconfig.loading import candidate_files, load_kubeconfig
from kwatch.cluster.kubeconfig.resolving import resolve
from kwatch.cluster.settings import (
    ClusterEntry,
    ConfigError,
    ConnectionSettings,
    Context,
    Kubeconfig,
    Overrides,
    PluginPolicy,
    UserEntry,
)

LONGEST_TIMEOUT = 2**63 / 1e9
"""Seconds: what Go's durations hold."""


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """A context that could be connected to; `current` is the default."""

    name: str
    cluster: str
    user: str
    namespace: str
    current: bool


def connect(
    kubeconfig: str | os.PathLike[str] | None = None,
    context: str | None = None,
    *,
    cluster: str | None = None,
    user: str | None = None,
    namespace: str | None = None,
    server: str | None = None,
    token: str | None = None,
    username: str | None = None,
    password: str | None = None,
    client_certificate: str | None = None,
    client_key: str | None = None,
    as_user: str | None = None,
    as_uid: str | None = None,
    as_groups: Sequence[str] = (),
    as_user_extra: Sequence[tuple[str, str]] = (),
    insecure_skip_tls_verify: bool | None = None,
    certificate_authority: str | None = None,
    tls_server_name: str | None = None,
    proxy_url: str | None = None,
    disable_compression: bool | None = None,
    request_timeout: str | float | None = None,
    plugin_policy: PluginPolicy | None = None,
    cache_folder: Path | None = None,
) -> ApiServer:
    """Build a cluster as kubectl would with the same words; raise ConfigError with a sentence for the user.

    `request_timeout` is in seconds, or a text like `30s`; 0 is no limit. `disable_compression` False takes gzip from
    this machine too. `plugin_policy`: which login commands may be run; all, unless it says otherwise.
    """
    overrides = Overrides(
        context=context,
        cluster=cluster,
        user=user,
        namespace=namespace,
        server=server,
        token=token,
        username=username,
        password=password,
        client_certificate=client_certificate,
        client_key=client_key,
        as_user=as_user,
        as_uid=as_uid,
        as_groups=tuple(as_groups),
        as_user_extra=tuple(as_user_extra),
        insecure_skip_tls_verify=insecure_skip_tls_verify,
        certificate_authority=certificate_authority,
        tls_server_name=tls_server_name,
        proxy_url=proxy_url,
        disable_compression=disable_compression,
        request_timeout=parse_timeout(request_timeout),
        plugin_policy=plugin_policy or PluginPolicy(),
    )
    return ApiServer(_settings(kubeconfig, overrides), cache_folder=cache_folder)


def preload() -> None:
    """Import what the first request will need, for a thread that has to wait for something else anyway."""
    import kwatch.cluster.tls
    import kwatch.cluster.transport.answer  # noqa: F401


def contexts(kubeconfig: str | os.PathLike[str] | None = None) -> tuple[ContextEntry, ...]:
    """The contexts of the kubeconfig, by name; raise ConfigError if it cannot be read."""
    config = load_kubeconfig(kubeconfig, os.environ)
    return tuple(
        ContextEntry(name, entry.cluster, entry.user, entry.namespace or "default", name == config.current_context)
        for name, entry in sorted(config.contexts.items())
    )


def parse_timeout(text: str | float | None) -> float | None:
    """Seconds of `30`, `30s`, `1m30s`, as kubectl reads them; a negative duration is no limit. Raise ConfigError."""
    if text is None or isinstance(text, int | float):
        return text
    if not text:
        return None
    seconds = float(text) if text.isascii() and text.isdecimal() else parse_go_duration(text)
    if seconds is None or abs(seconds) >= LONGEST_TIMEOUT:
        raise ConfigError(f"The request timeout {text!r} is not a duration like 30s or 2m.")
    return max(0.0, seconds)


def _settings(kubeconfig: str | os.PathLike[str] | None, overrides: Overrides) -> ConnectionSettings:
    config = load_kubeconfig(kubeconfig, os.environ)
    named = overrides.context or overrides.cluster or overrides.user
    if config.empty and not kubeconfig and not named:
        config = in_cluster_config(os.environ) or config
    if config.empty and not named and not overrides.server:
        places = ", ".join(str(path) for path in candidate_files(kubeconfig, os.environ))
        raise ConfigError(
            f"No kubeconfig tells which cluster to watch "
            f"({f'looked at {places}' if places else 'there is no home folder to look in'}); "
            f"set KUBECONFIG or pass --kubeconfig, or try `kwatch demo`."
        )
    return resolve(config, overrides)


SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
CONTEXT = "in-cluster"


def in_cluster_config(environ: Mapping[str, str], service_account: Path = SERVICE_ACCOUNT) -> Kubeconfig | None:
    """The kubeconfig that the pod we run in would have; None if we do not run in one."""
    host, port = environ.get("KUBERNETES_SERVICE_HOST"), environ.get("KUBERNETES_SERVICE_PORT")
    token_file, authority = service_account / "token", service_account / "ca.crt"
    if not host or not port or not token_file.is_file():
        return None
    server = f"https://{f'[{host}]' if ':' in host else host}:{port}"
    cluster = ClusterEntry(server, certificate_authority=authority if authority.is_file() else None)
    return Kubeconfig(
        CONTEXT,
        contexts={CONTEXT: Context(CONTEXT, CONTEXT, _own_namespace(service_account))},
        clusters={CONTEXT: cluster},
        users={CONTEXT: UserEntry(token_file=token_file)},
    )


def _own_namespace(service_account: Path) -> str:
    try:
        return (service_account / "namespace").read_text("utf-8").strip() or "default"
    except (OSError, UnicodeDecodeError):
        return "default"
