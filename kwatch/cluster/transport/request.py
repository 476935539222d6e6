"""What to ask: a GET and how long to wait for it."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.base.limits import LARGEST_ANSWER

JSON = "application/json"
DEFAULT_TIMEOUT = 75.0
"""Seconds; the server gives up a request after 60 itself."""


@dataclass(frozen=True, slots=True)
class Request:
    """A GET."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    accept: str = JSON
    compressed: bool = True
    """Whether the server may compress the answer."""
    timeout: float | None = DEFAULT_TIMEOUT
    """Seconds without a byte, until the headers are in and within the body, after which it is given up; None: never."""
    largest: int = LARGEST_ANSWER
    """Bytes of the body, unpacked, that are taken."""
    silence: float | None = None
    """Seconds without a byte after which a body that is read as it comes is given up; None: never."""
    longest: float | None = None
    """Seconds after which a body that is read as it comes is given up although bytes come; None: never."""
