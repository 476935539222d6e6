"""What a session says of its connection: immutable, and rarely changing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ConnectionPhase(StrEnum):
    """Where the way to the server stands."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    FAILED = "failed"
    """It will be tried again at `retry_at`."""
    CLOSED = "closed"


RECORDING = "recording"
"""What a recording says instead of a server's version."""


@dataclass(frozen=True, slots=True)
class SessionState:
    """`message` is a sentence for people when `phase` is FAILED; `retry_at` in seconds since the epoch.

    `context`, `namespace`, `server` and `version` are empty until they are known.
    """

    phase: ConnectionPhase = ConnectionPhase.CONNECTING
    message: str = ""
    context: str = ""
    namespace: str = ""
    server: str = ""
    version: str = ""
    retry_at: float | None = None
    failed_groups: tuple[tuple[str, str], ...] = ()
    """(group/version, why) for API groups whose resources are unknown."""
    patience: float = 0.0
    """Seconds for which kubectl would repeat what fails so; 0 where it gives up at once."""
    configuration_error: bool = False
    """Whether the failure lies in the user's own files or words, so that a script should give up at once."""

    @property
    def is_recording(self) -> bool:
        """Whether a recording stands in the place of a server: nothing in it is live."""
        return self.version == RECORDING
