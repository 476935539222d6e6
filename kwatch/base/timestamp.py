"""Times as the API (RFC 3339) and certificates have them, and as kwatch keeps them: seconds since the epoch."""

from __future__ import annotations

import base64
import binascii
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


_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18
_LONGEST = 65_536


def certificate_expiry(encoded: str) -> float | None:
    """When the first certificate of a PEM file in base64, as Secrets hold it, expires, in seconds since the epoch; None
    if there is none that can be read. Of its DER form (RFC 5280, section 4.1) no more is read than leads there.
    """
    try:
        found = _PEM.search(base64.b64decode(encoded[:_LONGEST], validate=False))
        if found is None:
            return None
        return _not_after(base64.b64decode(found[1]))
    except (binascii.Error, ValueError, IndexError, OverflowError):
        return None


def _not_after(der: bytes) -> float:
    """Raise ValueError if these bytes are no certificate."""
    signed = _content(_content(der, _SEQUENCE)[0], _SEQUENCE)[0]  # the certificate, and what of it is signed
    if signed[0] == _VERSION:
        signed = _content(signed, _VERSION)[1]
    for _ in range(3):  # the serial number, the algorithm, the issuer
        signed = _content(signed, signed[0])[1]
    validity = _content(signed, _SEQUENCE)[0]
    after = _content(validity, validity[0])[1]
    text = _content(after, after[0])[0].decode("ascii")
    if after[0] == _UTC_TIME:
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    elif after[0] != _GENERALIZED_TIME:
        raise ValueError("no time")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()


def _content(der: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the first element, and what follows it; raise ValueError if it is another one."""
    if der[0] != tag:
        raise ValueError(f"tag {der[0]}")
    length, start = der[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[2:start], "big")
    if length > len(der) - start:
        raise ValueError("it is cut off")
    return der[start : start + length], der[start + length :]
