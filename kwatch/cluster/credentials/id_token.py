"""The id token that an OIDC login wrote into the kubeconfig. kubectl renews it there; kwatch never writes there."""

from __future__ import annotations

from dataclasses import replace

from kwatch.cluster.credentials.credential import Credential, CredentialSource
from kwatch.cluster.credentials.fixed import bearer
from kwatch.cluster.credentials.token_expiry import expiry
from kwatch.cluster.transport.in_flight import Call
from kwatch.informer.clock import Clock
from kwatch.informer.errors import ApiError

MARGIN = 10.0
"""Seconds before its end from which on a token counts as expired, as for kubectl."""


class IdTokenSource:
    """Adds the id token to what another source gives, as long as it holds."""

    def __init__(self, token: str, rest: CredentialSource, clock: Clock) -> None:
        self._token = token
        self._rest = rest
        self._clock = clock

    def get(self, call: Call) -> Credential:
        """The token; raise ApiError once it has expired."""
        credential = self._rest.get(call)
        if credential.authorization:
            return credential
        ends = expiry(self._token)
        if ends is None or ends <= self._clock.time() + MARGIN:
            sentence = "The id-token of the kubeconfig's OIDC login has expired; log in again, or let kubectl renew it."
            raise ApiError(0, "Credentials", sentence)
        return replace(credential, authorization=bearer(self._token))

    def rejected(self, credential: Credential) -> bool:
        """It will not change."""
        return False

    def close(self) -> None:
        """Nothing runs."""
        self._rest.close()
