"""Moments as the API writes them (RFC 3339)."""

from __future__ import annotations

from datetime import UTC, datetime

_FIRST = datetime(1, 1, 2, tzinfo=UTC).timestamp()
_LAST = datetime(9999, 12, 30, tzinfo=UTC).timestamp()


def moment_of(text: str) -> float:
    """Seconds since the epoch; raise ValueError for anything that is no moment.

    What falls out of the calendar in another time zone is brought back into it, so that everybody can show it.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return min(max(moment.timestamp(), _FIRST), _LAST)
