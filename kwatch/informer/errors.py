"""What can go wrong between a server and the cache, and what an error means for the next step."""

from __future__ import annotations

import queue
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from kwatch.base.limits import LONGEST_MESSAGE, LONGEST_TOKEN, MOST_CAUSES, size_text

_LONGEST_WORD = 200


@dataclass(frozen=True, slots=True)
class Cause:
    """One entry of Status.details.causes."""

    reason: str = ""
    message: str = ""
    field: str = ""

    @classmethod
    def of(cls, cause: Cause | Mapping[str, Any]) -> Cause:
        """A Cause as it is, or from untrusted JSON."""
        if isinstance(cause, Cause):
            return cause
        fields = (cause.get("reason"), cause.get("message"), cause.get("field"))
        return cls(*(shortened(each) if isinstance(each, str) else "" for each in fields))


class ApiError(Exception):
    """The server refused, or could not be reached.

    `status` is the HTTP status, or 0 when no answer came (connection refused, DNS, TLS, time out); `reason` is the
    machine-readable word of the Status object, or one of ours for `status` 0 (`ConnectionRefused`,
    `ConnectionLost` before an answer, `CutOff` in the middle of one, `Timeout`, `TLS`, `NameResolution`,
    `Credentials`); `message` is a sentence for people; `retry_after` the delay that the server asked for, in seconds.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        retry_after: float | None = None,
        causes: Iterable[Cause | Mapping[str, Any]] = (),
        continue_token: str | None = None,
    ) -> None:
        message = shortened(message)
        super().__init__(message)
        self.status = status
        self.reason = reason if len(reason) <= _LONGEST_WORD else shortened(reason, _LONGEST_WORD)
        self.message = message
        self.retry_after = retry_after
        self.causes = tuple(map(Cause.of, islice(causes, MOST_CAUSES)))
        self.continue_token = None if continue_token and len(continue_token) > LONGEST_TOKEN else continue_token
        """Where an expired list may go on inconsistently (Status.metadata.continue)."""

    def __repr__(self) -> str:
        return f"ApiError({self.status}, {self.reason!r}, {self.message!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is rebuilt from its arguments, and has but the message.
        said = (self.status, self.reason, self.message, self.retry_after, self.causes, self.continue_token)
        return type(self), said


def shortened(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """Foreign text, cut to what fits a sentence."""
    return text if len(text) <= longest else f"{text[:longest]}… ({size_text(len(text))})"


TOO_LARGE, TOO_MANY = "TooLarge", "TooMany"
"""The reasons of what is over a limit of ours: one answer, or all together."""


def too_large(what: str, largest: int) -> ApiError:
    """Of something that is over its limit: what it is, and what is taken."""
    return ApiError(0, TOO_LARGE, f"{what} is larger than {size_text(largest)}, which is the most that is read.")


class Closed(Exception):
    """A list or watch was asked of something closed, or was under way when it was closed."""


class QueueClosed(Exception):
    """The queue was closed and is empty."""


class QueueEmpty(TimeoutError, queue.Empty):
    """Nothing came in time; also what queue.Queue raises, and a TimeoutError."""


class NotFound(KeyError):
    """A lister has no object of that name, or a server no such resource."""

    def __str__(self) -> str:
        # A KeyError shows its argument as one would write it in a program.
        return str(self.args[0]) if self.args else ""


class TransactionError(Exception):
    """Some steps failed; the others were applied."""

    def __init__(self, successful_indices: tuple[int, ...], errors: tuple[Exception, ...]) -> None:
        super().__init__(f"{len(errors)} of {len(errors) + len(successful_indices)} changes failed: {errors[0]}")
        self.successful_indices = successful_indices
        self.errors = errors


class ObjectKeyError(KeyError):
    """No key can be made for an object; `__cause__` is what the key function raised, if it raised."""

    def __init__(self, obj: object, reason: str) -> None:
        super().__init__(reason)
        self.object = obj
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class HistoryWentBack(Exception):
    """The server's version is lower than before: it was restored, or is another one."""

    def __init__(self, ours: str, theirs: str) -> None:
        super().__init__(f"the server went back from version {ours} to {theirs}; everything is listed again")


class VeryShortWatchError(Exception):
    """A watch ended within a second and brought nothing."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: very short watch: it ended within a second and no event came")
        self.name = name


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
    """The version asked for is not yet in the server's cache, in any of the three forms that servers use."""
    if not isinstance(error, ApiError):
        return False
    if any(cause.reason == "ResourceVersionTooLarge" for cause in error.causes):
        return True
    # Servers before 1.17 have it only in the message.
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
    """There was no connection, or it broke before an answer: nothing was refused, nothing has changed."""
    if isinstance(error, ApiError):
        return error.status == 0 and error.reason in _UNREACHABLE
    return isinstance(error, OSError) and not isinstance(error, PermissionError)


def is_unsent(error: Exception) -> bool:
    """The request never reached a server, and cost it nothing."""
    if isinstance(error, ApiError):
        return error.status == 0 and error.reason in _UNSENT
    return isinstance(error, ConnectionRefusedError)


def is_unanswered(error: Exception) -> bool:
    """The request may have reached the server, but no answer came."""
    return isinstance(error, ApiError) and error.status == 0 and error.reason in _UNANSWERED


def is_transient(error: Exception) -> bool:
    """The same request may work in a while: no answer came, or a gateway answered, or a server that is overloaded."""
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
    """Whether servers and connections end lists and watches like this; anything else is a bug."""
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

    It repeats if an overloaded or failing server says when to come back, and if the connection broke before an answer;
    nothing else, not even an answer that broke off in the middle.
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
    """The error that a Status object (of an ERROR event, or of a body) describes. It is untrusted."""
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
