"""Where the lines of containers come from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol


class LogsSource(Protocol):
    """What a scenario tells of its containers. Every line begins with an RFC 3339 time and a blank, as a container
    runtime writes it.
    """

    def logs(self, namespace: str, pod: str, container: str, previous: bool) -> list[str]:
        """What the container has written so far; of the one before it if `previous`. Raises LookupError if that is
        not there.
        """
        ...

    def follow(self, namespace: str, pod: str, container: str) -> AsyncIterator[str]:
        """The lines it writes from now on, until it ends."""
        ...
