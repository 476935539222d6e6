"""What to ask: a GET and how long to wait for it."""

from __future__ import annotations

from dataclasses import dataclass

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """A GET. `read_timeout` is the seconds without a byte after which it is given up, None for never."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    accept: str = JSON
    compressed: bool = True
    """Whether the server may compress the answer."""
    read_timeout: float | None = None
