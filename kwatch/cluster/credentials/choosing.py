"""Which source a user's entry asks for, with client-go's precedence."""

from __future__ import annotations

from kwatch.cluster.credentials.credential import CredentialSource
from kwatch.cluster.credentials.fixed import FixedSource
from kwatch.cluster.credentials.token_file import TokenFileSource
from kwatch.cluster.settings import ConnectionSettings
from kwatch.informer.clock import Clock


def credential_source(settings: ConnectionSettings, clock: Clock) -> CredentialSource:
    """A token file goes before a token, both before a plugin, and that before a password."""
    user = settings.user
    fixed = FixedSource(user)
    if user.token_file is not None:
        return TokenFileSource(user.token_file, fixed, clock)
    if user.exec is not None and not user.token:
        from kwatch.cluster.credentials.exec_plugin import ExecSource  # few need it, and subprocess takes a while

        return ExecSource(user.exec, settings, clock)
    return fixed
