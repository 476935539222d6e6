"""Moments of the API."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kwatch.base.timestamp import moment_of


def test_a_moment() -> None:
    assert moment_of("1970-01-01T00:01:00Z") == 60
    assert moment_of("1970-01-01T02:01:00.5+02:00") == 60.5


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z"])
def test_what_is_outside_of_the_calendar_elsewhere_can_be_shown_everywhere(text: str) -> None:
    at = moment_of(text)
    assert datetime.fromtimestamp(at, UTC).year in (1, 9999)
    assert datetime.fromtimestamp(at).astimezone().year in (1, 9999)


@pytest.mark.parametrize("text", ["", "soon", "2024-13-45T00:00:00Z", "2024-01-01T00:00:00", "99999-01-01T00:00:00Z"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError):
        moment_of(text)
