"""Times as the API writes them (RFC 3339), and as kwatch keeps them: seconds since the epoch."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from functools import lru_cache

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
"""How times are written, exactly; `parse_timestamp` reads more than that."""
_FIRST = datetime(1, 1, 2, tzinfo=UTC).timestamp()
_LAST = datetime(9999, 12, 30, tzinfo=UTC).timestamp()
_ZERO = "0001-01-01T00:00:00Z"


def parse_timestamp(text: str) -> float:
    """Seconds since the epoch; raise ValueError for anything that is no time.

    What falls out of the calendar in another time zone is brought back into it, so that everybody can show it.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return min(max(moment.timestamp(), _FIRST), _LAST)


def parse_time(text: str | None) -> float | None:
    """The same of an optional field: None where it is absent, empty, or Go's zero time; raise ValueError."""
    return None if not text or text == _ZERO else parse_timestamp(text)


def time_or_none(text: object) -> float | None:
    """The same of whatever an object holds there: None for anything that is no time."""
    try:
        return parse_time(text) if isinstance(text, str) else None
    except ValueError:
        return None


def timestamp(seconds: float) -> str:
    """Seconds since the epoch -> `2026-11-23T03:46:53Z`, as metav1.Time writes it: cut off to a whole second."""
    return _whole_second(int(seconds)) + "Z"


def micro_timestamp(seconds: float) -> str:
    """`2026-11-23T03:46:53.364401Z`, as metav1.MicroTime writes it: cut off to a whole microsecond."""
    second = int(seconds)
    return f"{_whole_second(second)}.{int((seconds - second) * 1_000_000):06d}Z"


@lru_cache(maxsize=1024)
def _date(day: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(day * 86_400))


def _whole_second(second: int) -> str:
    day, rest = divmod(second, 86_400)
    return f"{_date(day)}T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"


def rfc3339(seconds: float) -> str:
    """`2026-11-23T03:49:44.123456Z`, rounded to the nearest microsecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
