"""What a token says about itself, for the sentence shown when it is refused."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

import msgspec


class _Claims(msgspec.Struct, gc=False):
    exp: float | None = None


def expiry_hint(authorization: str, now: float) -> str:
    """A half sentence: when the token expired if it says so, else what to do. Holds nothing of the token."""
    expires = expiry(authorization.removeprefix("Bearer "))
    if expires is not None and expires <= now:
        return f"the token expired at {datetime.fromtimestamp(expires, UTC):%Y-%m-%d %H:%M} UTC, log in again"
    if not authorization:
        return "none were given, log in first"
    return "they may have expired, log in again"


def expiry(token: str) -> float | None:
    """When a token ends, in seconds since the epoch, if it is a JSON web token that says so."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        expires = msgspec.json.decode(payload, type=_Claims).exp
        return expires if expires is not None and 0 < expires < 1e11 else None
    except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError):
        return None
