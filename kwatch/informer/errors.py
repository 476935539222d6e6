"""What can go wrong between a list or watch and the cache."""

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
        """One as it is, or from its JSON, of which nothing is taken on trust."""
        if isinstance(cause, Cause):
            return cause
        said = (cause.get("reason"), cause.get("message"), cause.get("field"))
        return cls(*(shortened(each) if isinstance(each, str) else "" for each in said))


class ApiError(Exception):
    """The server refused, or could not be reached.

    `status` is the HTTP status, or 0 when no answer came (connection refused, DNS, TLS, time out); `reason` is the
    machine-readable word of the Status object, or a word of ours for `status` 0 (`ConnectionRefused`,
    `ConnectionLost` before an answer, `CutOff` in the middle of one, `Timeout`, `TLS`, `NameResolution`,
    `Credentials`); `message` is a sentence for people; `retry_after` the server's wish in seconds.
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
    """What somebody else wrote, as far as it fits a sentence."""
    return text if len(text) <= longest else f"{text[:longest]}… ({size_text(len(text))})"


TOO_LARGE, TOO_MANY = "TooLarge", "TooMany"
"""The reasons of what is over a limit of ours: one answer, or all of them together."""


def too_large(what: str, largest: int) -> ApiError:
    """Of something that is over its limit: what it is, and what is taken."""
    return ApiError(0, TOO_LARGE, f"{what} is larger than {size_text(largest)}, which is the most that is read.")


class Closed(Exception):
    """A list or watch was asked of, or was under way in, something that has been closed."""


class QueueClosed(Exception):
    """The queue was closed and is empty."""


class QueueEmpty(TimeoutError, queue.Empty):
    """Nothing came in time; also what queue.Queue raises, and a TimeoutError."""


class NotFound(KeyError):
    """A lister has no object of that name, or a server no such resource."""

    def __str__(self) -> str:
        # A KeyError shows its argument as one would write it in a program.
        return str(self.args[0]) if self.args else ""


class ObjectKeyError(KeyError):
    """No key can be made for an object; `__cause__` is what the key function raised, if it raised."""

    def __init__(self, obj: object, reason: str) -> None:
        super().__init__(reason)
        self.object = obj
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class HistoryWentBack(Exception):
    """The server is at a lower version than it was before: it was restored, or is another one."""

    def __init__(self, ours: str, theirs: str) -> None:
        super().__init__(f"the server went back from version {ours} to {theirs}; everything is listed again")


class VeryShortWatchError(Exception):
    """A watch ended within a second and said nothing."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: very short watch: it ended within a second and no event came")
        self.name = name
