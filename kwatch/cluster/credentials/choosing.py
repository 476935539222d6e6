"""Which source a user's entry asks for, with client-go's precedence."""

from __future__ import annotations

from urllib.parse import urlsplit

from kwatch.cluster.credentials.credential import CredentialSource
from kwatch.cluster.credentials.fixed import FixedSource
from kwatch.cluster.credentials.id_token import IdTokenSource
from kwatch.cluster.credentials.token_file import TokenFileSource
from kwatch.cluster.kubeconfig.entries import OIDC, UserEntry
from kwatch.cluster.proxy import is_loopback
from kwatch.cluster.settings import ConnectionSettings
from kwatch.informer.clock import Clock


def private(server: str) -> bool:
    """Whether nobody can listen in: over TLS, or within this machine. kubectl sends credentials over TLS only."""
    return server.startswith("https:") or is_loopback(urlsplit(server).hostname or "")


def credential_source(settings: ConnectionSettings, clock: Clock) -> CredentialSource:
    """Who stands in the server's URL goes before all others, a token file before a token; an id token and a plugin are
    for users who have nothing else."""
    user = settings.user if private(settings.server) else UserEntry()
    fixed = FixedSource(user, settings.login)
    if settings.login:
        return fixed
    if user.token_file is not None:
        return TokenFileSource(user.token_file, fixed, clock, otherwise=bool(user.token))
    if user.auth_provider == OIDC and not user.token:
        return IdTokenSource(user.auth_config.get("id-token", ""), fixed, clock)
    if user.exec is not None and not (user.token or user.username or _has_certificate(user)):
        from kwatch.cluster.credentials.exec_plugin import ExecSource  # few need it, and subprocess takes a while

        return ExecSource(user.exec, settings, clock)
    return fixed


def _has_certificate(user: UserEntry) -> bool:
    return user.client_certificate is not None or user.client_certificate_data is not None
