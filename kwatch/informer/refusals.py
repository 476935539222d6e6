"""What an error of the server means for the next step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kwatch.informer.errors import TOO_LARGE, TOO_MANY, ApiError, Closed, HistoryWentBack, VeryShortWatchError

FORBIDDEN = "forbidden"
"""The cause of gaps and lists where watches are refused."""
_TOO_LARGE = "Too large resource version"
REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    409: "Conflict",
    410: "Gone",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}
"""What a Status says by default, by HTTP status."""
_CODES = {reason: code for code, reason in REASONS.items()} | {"Expired": 410}


def is_expired(error: Exception) -> bool:
    """The version asked for is no longer in the server's history."""
    return isinstance(error, ApiError) and (error.status == 410 or error.reason in ("Expired", "Gone"))


def is_too_large(error: Exception) -> bool:
    """The version asked for is not yet in the server's cache, in any of the three forms servers say it."""
    if not isinstance(error, ApiError):
        return False
    if any(cause.reason == "ResourceVersionTooLarge" for cause in error.causes):
        return True
    # Servers before 1.17 say it only in words.
    said = (error.message, *(cause.message for cause in error.causes))
    return error.reason == "Timeout" and any(_TOO_LARGE in words for words in said)


def is_too_many_requests(error: Exception) -> bool:
    """The server asks to come back later."""
    return isinstance(error, ApiError) and (error.status == 429 or error.reason == "TooManyRequests")


_UNANSWERED = ("Timeout", "ConnectionLost", "CutOff")
_UNSENT = ("ConnectionRefused", "NameResolution", "Unreachable")
_UNREACHABLE = (*_UNANSWERED, *_UNSENT, "ConnectionFailed")
_UNASKED = ("TLS", "Proxy", "Credentials")


def is_unreachable(error: Exception) -> bool:
    """No connection came about, or it broke before there was an answer: nothing was refused, nothing has changed."""
    if isinstance(error, ApiError):
        return error.status == 0 and error.reason in _UNREACHABLE
    return isinstance(error, OSError) and not isinstance(error, PermissionError)


def is_unsent(error: Exception) -> bool:
    """Nobody was there to hear the request: it cost the server nothing."""
    if isinstance(error, ApiError):
        return error.status == 0 and error.reason in _UNSENT
    return isinstance(error, ConnectionRefusedError)


def is_unanswered(error: Exception) -> bool:
    """Somebody may have heard the request, but no answer came."""
    return isinstance(error, ApiError) and error.status == 0 and error.reason in _UNANSWERED


def is_transient(error: Exception) -> bool:
    """The same request may well be answered in a while: nobody answered, or nobody who knows (a gateway), or one who is
    too busy or unwell.
    """
    if isinstance(error, ApiError) and error.status == 0 and error.reason in (TOO_LARGE, TOO_MANY):
        return False
    if is_broken_connection(error):
        return True
    return isinstance(error, ApiError) and (is_too_many_requests(error) or error.status >= 500)


def is_oversize(error: Exception) -> bool:
    """One answer is over a limit of ours (kwatch.base.limits)."""
    return isinstance(error, ApiError) and error.status == 0 and error.reason == TOO_LARGE


def is_wrong_answer(error: Exception) -> bool:
    """What came is not what was asked for."""
    return isinstance(error, ApiError) and error.reason in ("Malformed", "Table", TOO_LARGE, TOO_MANY)


def is_internal(error: Exception) -> bool:
    """The server failed inside."""
    return isinstance(error, ApiError) and (error.status == 500 or error.reason == "InternalError")


def is_forbidden(error: Exception) -> bool:
    """The user may not do this."""
    return isinstance(error, ApiError) and error.status == 403


def is_refused(error: Exception) -> bool:
    """The verb is not for this user, or not for this resource; another may be."""
    return is_forbidden(error) or (isinstance(error, ApiError) and error.status == 405)


def is_gone(error: Exception) -> bool:
    """There is no such resource on the server."""
    return isinstance(error, ApiError) and error.status == 404


def is_broken_connection(error: Exception) -> bool:
    """No answer, or half of one: the server did not refuse."""
    return isinstance(error, OSError) or (isinstance(error, ApiError) and error.status == 0)


def is_foreseen(error: Exception) -> bool:
    """Whether servers and connections end lists and watches like this; anything else is a mistake in a program."""
    return isinstance(error, ApiError | Closed | OSError | VeryShortWatchError | HistoryWentBack)


def may_retry_watch(error: Exception) -> bool:
    """Opening the same watch again may work, and nothing need be listed."""
    unasked = isinstance(error, ApiError) and error.status == 0 and error.reason in _UNASKED
    return is_too_many_requests(error) or is_unreachable(error) or unasked


def retry_after(error: Exception | None) -> float:
    """The least delay that the server wants, in seconds."""
    return (error.retry_after or 0.0) if isinstance(error, ApiError) else 0.0


LONGEST_RETRY_AFTER = 120.0
"""Seconds; a server that asks for more is asked again sooner."""
REPEATS = 10
"""How often client-go's REST client repeats a request."""
_BROKEN_OFF_PAUSE = 1.0


def patience(error: Exception | None) -> float:
    """Seconds for which client-go's REST client, and so kubectl, repeats what fails so; 0 is a failure at once.

    It repeats where the server is overloaded or out of order and says when to come back, and where the connection broke
    before there was an answer; nothing else, not even an answer that broke off in the middle.
    """
    if not isinstance(error, ApiError):
        return 0.0
    if error.reason == "ConnectionLost":
        return REPEATS * _BROKEN_OFF_PAUSE
    pause = min(retry_after(error), LONGEST_RETRY_AFTER)
    return REPEATS * pause if error.status == 429 or error.status >= 500 else 0.0


def cause_of(error: Exception) -> str:
    """A word or two for the count of relists."""
    if is_expired(error):
        return "expired"
    if is_too_large(error):
        return "too large resource version"
    if is_refused(error):
        return FORBIDDEN
    if is_internal(error):
        return "internal error"
    if is_wrong_answer(error):
        return "wrong answer"
    if is_broken_connection(error):
        return "connection lost"
    if isinstance(error, VeryShortWatchError):
        return "very short watch"
    if isinstance(error, HistoryWentBack):
        return "history went back"
    return "error"


def error_from_status(status: Mapping[str, Any]) -> ApiError:
    """The error that a Status object (of an ERROR event, or of a body) describes. Nothing in it is taken on trust."""
    code, reason = status.get("code"), _text(status.get("reason"))
    if not isinstance(code, int) or not 100 <= code <= 599:
        code = _CODES.get(reason, 500)
    details = status.get("details")
    details = details if isinstance(details, Mapping) else {}
    seconds = details.get("retryAfterSeconds")
    causes = details.get("causes")
    metadata = status.get("metadata")
    token = metadata.get("continue") if isinstance(metadata, Mapping) else None
    return ApiError(
        code,
        reason or REASONS.get(code, "Unknown"),
        _text(status.get("message")) or "the server sent an error without a message",
        retry_after=float(min(seconds, 1e9)) if isinstance(seconds, int | float) and seconds > 0 else None,
        causes=(each for each in causes if isinstance(each, Mapping)) if isinstance(causes, list) else (),
        continue_token=token if isinstance(token, str) and token else None,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
