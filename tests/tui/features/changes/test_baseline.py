"""The two moments that are compared."""

from __future__ import annotations

import time

from kwatch.history.version import Moment
from kwatch.tui.features.changes.baseline import Span

NOON = time.mktime((2026, 11, 23, 12, 0, 0, 0, 0, -1))
ONE, OTHER = Moment(5, NOON), Moment(9, NOON + 60)


def test_in_words() -> None:
    assert Span().words(NOON) == "since watching began"
    assert Span(ONE).words(NOON) == "since 12:00:00"
    assert Span(ONE, OTHER).words(NOON) == "from 12:00:00 to 12:01:00"
    assert Span(None, OTHER).words(NOON) == "up to 12:01:00"
    assert Span(ONE).words(NOON + 86400) == "since Nov 23 12:00:00"


def test_the_earlier_one_comes_first() -> None:
    assert Span.between(OTHER, ONE) == Span(ONE, OTHER)
    assert Span.between(ONE, OTHER) == Span(ONE, OTHER)
    assert Span.between(ONE, None) == Span(ONE)
    assert Span.between(None, OTHER) == Span(None, OTHER)
