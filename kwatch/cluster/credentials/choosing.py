"""Which source a user's entry asks for, with client-go's precedence."""

from __future__ import annotations

from urllib.parse import urlsplit

from kwatch.cluster.credentials.credential import CredentialSource
from kwatch.cluster.credentials.fixed import FixedSource
from kwatch.cluster.credentials.token_file import TokenFileSource
from kwatch.cluster.kubeconfig.entries import UserEntry
from kwatch.cluster.proxy import is_loopback
from kwatch.cluster.settings import ConnectionSettings
from kwatch.informer.clock import Clock


def private(server: str) -> bool:
    """Whether nobody can listen in: over TLS, or within this machine. kubectl sends credentials over TLS only."""
    return server.startswith("https:") or is_loopback(urlsplit(server).hostname or "")


def credential_source(settings: ConnectionSettings, clock: Clock) -> CredentialSource:
    """A token file goes before a token, both before a plugin, and that before a password."""
    user = settings.user if private(settings.server) else UserEntry()
    fixed = FixedSource(user)
    if user.token_file is not None:
        return TokenFileSource(user.token_file, fixed, clock)
    if user.exec is not None and not user.token:
        from kwatch.cluster.credentials.exec_plugin import ExecSource  # few need it, and subprocess takes a while

        return ExecSource(user.exec, settings, clock)
    return fixed
