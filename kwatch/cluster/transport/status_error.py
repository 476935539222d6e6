"""From an HTTP answer that is no success to an ApiError."""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from typing import Any

import msgspec

from kwatch.base.limits import MB, MOST_ANSWER_VALUES
from kwatch.informer.decoding import UNDECODABLE, values_in, why_undecodable
from kwatch.informer.errors import REASONS, TOO_LARGE, ApiError

MAX_TEXT = 300


class _Cause(msgspec.Struct, gc=False):
    reason: str | None = None
    message: str | None = None
    field: str | None = None


class _Details(msgspec.Struct, gc=False, rename="camel"):
    causes: list[_Cause] | None = None
    retry_after_seconds: int | None = None


class _Metadata(msgspec.Struct, gc=False):
    continue_: str | None = msgspec.field(default=None, name="continue")


class _Status(msgspec.Struct, gc=False):
    kind: str = ""
    message: str | None = None
    reason: str | None = None
    details: _Details | None = None
    metadata: _Metadata | None = None


_decode = msgspec.json.Decoder(_Status).decode


def status_error(status: int, headers: Mapping[str, str], body: bytes, now: float) -> ApiError:
    """What the server says in a Status object, or in plain text; `now` in seconds since the epoch."""
    try:
        parsed = _decode(body)
    except UNDECODABLE:
        parsed = _Status()
    if parsed.kind != "Status":
        # What is no refusal is no explanation either.
        parsed = _Status(message=_text(body, headers) if status >= 300 else None)
    details = parsed.details or _Details()
    retry_after = parse_retry_after(headers.get("Retry-After"), now)
    if retry_after is None and details.retry_after_seconds:
        retry_after = float(details.retry_after_seconds)
    return ApiError(
        status,
        parsed.reason or REASONS.get(status, "Unknown"),
        parsed.message or f"The server answered {status}.",
        retry_after,
        ({"reason": each.reason, "message": each.message, "field": each.field} for each in details.causes or ()),
        (parsed.metadata.continue_ if parsed.metadata else None) or None,
    )


def _text(body: bytes, headers: Mapping[str, str]) -> str:
    """A plain text answer as it is; of a page for browsers, nothing."""
    text = body[: 4 * MAX_TEXT].decode("utf-8", "replace").strip()
    if "html" in headers.get("Content-Type", "").lower() or text.startswith("<"):
        return ""
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}..."


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Seconds from now, of a number of seconds or an HTTP date; None if there is none or it makes no sense."""
    if not value:
        return None
    value = value.strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


def as_json(body: bytes) -> Any:
    """The decoded body; raise ApiError if it is no JSON."""
    if len(body) > MB and values_in(body) > MOST_ANSWER_VALUES:
        raise ApiError(0, TOO_LARGE, f"The server's answer holds more than {MOST_ANSWER_VALUES:,} values.")
    try:
        return msgspec.json.decode(body)
    except UNDECODABLE as error:
        raise ApiError(0, "Malformed", f"The server's answer is not JSON: {why_undecodable(error)}.") from error
