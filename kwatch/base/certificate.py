"""When an X.509 certificate expires, read from its DER form without a library for it (RFC 5280, section 4.1)."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18
_LONGEST = 65_536


def expiry(encoded: str) -> float | None:
    """When the first certificate of a PEM file in base64, as Secrets hold it, expires, in seconds since the epoch; None
    if there is none that can be read.
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
