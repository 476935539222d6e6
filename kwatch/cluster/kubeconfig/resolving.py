"""From a kubeconfig and the command line to one connection, with client-go's precedence. URLs are read as Go does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote, unquote

from kwatch.base.files import expand
from kwatch.base.proxy import proxy_for
from kwatch.cluster.settings import (
    OIDC,
    ClusterEntry,
    ConfigError,
    ConnectionSettings,
    Context,
    ExecEntry,
    Kubeconfig,
    Overrides,
    TLSTrust,
    UserEntry,
)

T = TypeVar("T")


def resolve(config: Kubeconfig, overrides: Overrides) -> ConnectionSettings:
    """Choose context, cluster and user; raise ConfigError if that leaves no server to talk to."""
    name, context = _context(config, overrides)
    cluster = _cluster(config, context, name, overrides)
    if overrides.proxy_url:
        cluster = replace(cluster, proxy_url=overrides.proxy_url)
    user = _user(config, context, name, overrides)
    server, login = read_server(overrides.server or cluster.server)
    try:
        proxy_for(server, cluster.proxy_url, {})
    except ValueError as error:
        raise ConfigError(str(error)) from None
    return ConnectionSettings(
        context=name,
        namespace=overrides.namespace or context.namespace or "default",
        server=server,
        trust=_trust(cluster, overrides),
        user=user,
        proxy_url=cluster.proxy_url,
        compression=_compression(cluster, overrides),
        login=login,
        exec_config=cluster.exec_config,
        request_timeout=overrides.request_timeout,
        plugin_policy=overrides.plugin_policy,
        sources=config.files,
    )


def _compression(cluster: ClusterEntry, overrides: Overrides) -> bool | None:
    """The kubeconfig can only say no; the command line can also say yes, for a server that is far behind a tunnel."""
    if overrides.disable_compression is not None:
        return not overrides.disable_compression
    return False if cluster.disable_compression else None


def _context(config: Kubeconfig, overrides: Overrides) -> tuple[str, Context]:
    name = overrides.context or config.current_context
    if name:
        return name, _lookup(config.contexts, name, "context", f"the kubeconfig{_files(config)}", "--context")
    if overrides.server or overrides.cluster:
        return overrides.cluster or "", Context()
    raise ConfigError(
        f"No current context is set in the kubeconfig{_files(config)}; choose one with --context"
        f"{_choices(config.contexts)}, or with `kubectl config use-context`."
    )


def _cluster(config: Kubeconfig, context: Context, context_name: str, overrides: Overrides) -> ClusterEntry:
    if overrides.cluster:
        return _lookup(config.clusters, overrides.cluster, "cluster", f"the kubeconfig{_files(config)}", "--cluster")
    entry = config.clusters.get(context.cluster)
    if entry is None and overrides.server:
        return ClusterEntry()
    if entry is None:
        wanted = f"the cluster {context.cluster!r}, which is not in it" if context.cluster else "no cluster"
        raise ConfigError(f"The context {context_name!r} of the kubeconfig{_files(config)} names {wanted}.")
    if not entry.server and not overrides.server:
        raise ConfigError(f"The cluster {context.cluster!r} of the kubeconfig{_files(config)} has no server.")
    return entry


def _user(config: Kubeconfig, context: Context, context_name: str, overrides: Overrides) -> UserEntry:
    if overrides.user:
        entry = _lookup(config.users, overrides.user, "user", f"the kubeconfig{_files(config)}", "--user")
    elif context.user and context.user not in config.users:
        raise ConfigError(
            f"The context {context_name!r} of the kubeconfig{_files(config)} names the user {context.user!r}, "
            f"which is not in it."
        )
    else:
        entry = config.users.get(context.user, UserEntry())
    entry = _overridden(entry, overrides)
    _check_user(entry, overrides.user or context.user)
    return entry


def _overridden(entry: UserEntry, overrides: Overrides) -> UserEntry:
    if overrides.token:
        entry = replace(entry, token=overrides.token, token_file=None)
    if overrides.client_certificate:
        path = expand(overrides.client_certificate).absolute()
        entry = replace(entry, client_certificate=path, client_certificate_data=None)
    if overrides.client_key:
        entry = replace(entry, client_key=expand(overrides.client_key).absolute(), client_key_data=None)
    if overrides.as_user_extra:
        extra: dict[str, tuple[str, ...]] = {}
        for key, value in overrides.as_user_extra:
            extra[key] = (*extra.get(key, ()), value)
        entry = replace(entry, impersonate_extra={**entry.impersonate_extra, **extra})
    said = {
        "username": overrides.username,
        "password": overrides.password,
        "impersonate": overrides.as_user,
        "impersonate_uid": overrides.as_uid,
        "impersonate_groups": overrides.as_groups,
    }
    return replace(entry, **{name: value for name, value in said.items() if value})  # type: ignore[arg-type]


def _check_user(entry: UserEntry, name: str) -> None:
    if (entry.impersonate_groups or entry.impersonate_uid or entry.impersonate_extra) and not entry.impersonate:
        raise ConfigError("Groups, a uid and extra fields can only be impersonated together with a user; add --as.")
    if ((entry.token or entry.token_file) and entry.username) or (entry.token and entry.password):
        raise ConfigError(f"The user {name!r} of the kubeconfig has both a token and a password; remove one of them.")
    certificate = bool(entry.client_certificate or entry.client_certificate_data)
    key = bool(entry.client_key or entry.client_key_data)
    others = entry.token or entry.token_file or entry.username or entry.exec or entry.auth_provider
    if certificate != key and (certificate or not others):
        missing = "client-key" if certificate else "client-certificate"
        raise ConfigError(
            f"The user {name!r} of the kubeconfig has no {missing}; a certificate and its key go together."
        )
    for field in ("client_certificate", "client_key") if certificate else ():
        if getattr(entry, field) is not None and getattr(entry, f"{field}_data") is not None:
            raise _two_of(f"The user {name!r}", field.replace("_", "-"))
    if entry.auth_provider is not None:
        _check_auth_provider(entry, name)
    if entry.exec is not None:
        _check_exec(entry.exec, name)


def _two_of(whose: str, field: str) -> ConfigError:
    return ConfigError(f"{whose} of the kubeconfig has both {field} and {field}-data; remove one of them.")


def _check_auth_provider(entry: UserEntry, name: str) -> None:
    if entry.exec is not None:
        raise ConfigError(f"The user {name!r} of the kubeconfig has an auth provider and exec; remove one of them.")
    if entry.auth_provider != OIDC:
        raise ConfigError(
            f"The user {name!r} of the kubeconfig logs in with the auth provider {entry.auth_provider!r}, which "
            f"Kubernetes removed in 1.26; let your cloud's command line write the kubeconfig again, "
            f"so that it uses an exec plugin."
        )
    for needed in ("idp-issuer-url", "client-id"):
        if not entry.auth_config.get(needed):
            raise ConfigError(f"The auth provider of the user {name!r} of the kubeconfig has no {needed}.")


def _check_exec(entry: ExecEntry, name: str) -> None:
    missing = [
        field
        for field, value in (
            ("command", entry.command),
            ("apiVersion", entry.api_version),
            ("interactiveMode", entry.interactive_mode),
            ("name for one of its env", all(variable for variable, _ in entry.env)),
        )
        if not value
    ]
    if missing:
        raise ConfigError(f"The exec entry of the user {name!r} of the kubeconfig has no {missing[0]}.")
    if entry.interactive_mode not in ("Never", "IfAvailable", "Always"):
        raise ConfigError(
            f"The interactiveMode of the user {name!r} of the kubeconfig is {entry.interactive_mode!r}; "
            f"it can be Never, IfAvailable or Always."
        )


def _trust(cluster: ClusterEntry, overrides: Overrides) -> TLSTrust:
    if cluster.certificate_authority is not None and cluster.certificate_authority_data is not None:
        raise _two_of("The cluster", "certificate-authority")
    trust = TLSTrust(
        cluster.certificate_authority,
        cluster.certificate_authority_data,
        cluster.insecure_skip_tls_verify,
        cluster.tls_server_name,
    )
    if overrides.certificate_authority or overrides.insecure_skip_tls_verify:
        authority = overrides.certificate_authority
        trust = replace(
            trust,
            authority_file=expand(authority).absolute() if authority else None,
            authority_data=None,
            insecure=bool(overrides.insecure_skip_tls_verify),
        )
    if overrides.server or overrides.tls_server_name:
        trust = replace(trust, server_name=overrides.tls_server_name or "")
    if trust.insecure and (trust.authority_file or trust.authority_data):
        raise ConfigError(
            "A certificate authority and insecure-skip-tls-verify exclude each other; remove one of them."
        )
    return trust


def _lookup(entries: Mapping[str, T], name: str, kind: str, place: str, flag: str) -> T:
    try:
        return entries[name]
    except KeyError:
        raise ConfigError(
            f"There is no {kind} {name!r} in {place}; choose another with {flag}{_choices(entries)}."
        ) from None


def _choices(names: Iterable[str]) -> str:
    known = sorted(filter(None, names))
    if not known:
        return ""
    shown = ", ".join(known[:10])
    return f" ({shown}, ...)" if len(known) > 10 else f" ({shown})"


def _files(config: Kubeconfig) -> str:
    return "".join(f" {path}" if index == 0 else f", {path}" for index, path in enumerate(config.files))


_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]+)([^?#]*)(.*)", re.DOTALL)
_HOST_AND_PORT = re.compile(r"()([^/?#]+)(/?)()")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+(?:%25[^\]\s]+)?\]|[^][\s\x00-\x20\x7f<>\"\\^`{|}:%/@]+)(?::([0-9]*))?")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def read_server(server: str) -> tuple[str, str]:
    """A URL without user, query and closing slash, and `USER:PASSWORD` if it had one; raise ConfigError.

    Without a scheme it is http, whatever else is known of the cluster.
    """
    found = _URL.fullmatch(server) or _HOST_AND_PORT.fullmatch(server)
    scheme = (found[1].lower() or "http") if found else ""
    login, _, place = found[2].rpartition("@") if found else ("", "", "")
    authority = _AUTHORITY.fullmatch(place)
    if found is None or scheme not in ("http", "https") or authority is None or int(authority[2] or 0) > 65535:
        raise ConfigError(f"The server {_without_password(server)!r} is not a URL like https://HOST:PORT.")
    host, port, path = authority[1], authority[2], found[3]
    if _CONTROL.search(server):
        raise ConfigError(f"The server {_without_password(server)!r} holds control characters.")
    if path and found[4].startswith("#"):
        path += quote(found[4].partition("?")[0])  # to Go a fragment is one only where there is no path
    if _BROKEN_ESCAPE.search(path):
        raise ConfigError(f"The server {_without_password(server)!r} holds a % that begins no escape.")
    # Go keeps the path unescaped, and escapes what it asks for in its own way.
    path = quote(re.sub("/{2,}", "/", unquote(path)).rstrip("/"), safe="/$&+,:;=@")
    if login:
        user, _, password = login.partition(":")
        login = f"{unquote(user)}:{unquote(password)}"
    return f"{scheme}://{host}{f':{port}' if port else ''}{path}", login


def _without_password(server: str) -> str:
    scheme, separator, rest = server.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else server.rpartition("@")[2]
