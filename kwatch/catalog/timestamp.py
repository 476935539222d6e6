"""Times as the API writes them (RFC 3339) and as the catalogue keeps them (seconds since the epoch)."""

from __future__ import annotations

from kwatch.base.timestamp import moment_of

UNKNOWN = "<unknown>"

_ZERO = "0001-01-01T00:00:00Z"


def parse_time(text: str | None) -> float | None:
    """Seconds since the epoch; None where no time is given; raise ValueError for anything that is no RFC 3339 time."""
    return None if not text or text == _ZERO else moment_of(text)
