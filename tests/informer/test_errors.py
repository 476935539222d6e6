"""What went wrong can be handed around."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from kwatch.informer import ApiError, Cause
from kwatch.informer.errors import is_too_large


def test_an_error_says_what_the_server_said() -> None:
    error = ApiError(status=429, reason="TooManyRequests", message="later", retry_after=3)
    assert (error.status, error.reason, error.message, error.retry_after, error.causes) == (
        *(429, "TooManyRequests", "later"),
        *(3, ()),
    )
    assert str(error) == "later"
    assert repr(error) == "ApiError(429, 'TooManyRequests', 'later')"


def test_causes_may_be_as_the_server_wrote_them() -> None:
    written = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version", "field": None}
    error = ApiError(504, "Timeout", "no", causes=[written, Cause("other")])
    assert error.causes == (Cause("ResourceVersionTooLarge", "Too large resource version"), Cause("other"))
    assert is_too_large(error)


@pytest.mark.parametrize("copied", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
def test_an_error_can_be_copied(copied: Callable[[Any], Any]) -> None:
    error = copied(ApiError(410, "Expired", "too old", 1.5, (Cause("a"),), "token"))
    assert (error.status, error.reason, str(error), error.retry_after) == (410, "Expired", "too old", 1.5)
    assert (error.causes, error.continue_token) == ((Cause("a"),), "token")
