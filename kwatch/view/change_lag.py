"""How far the index of changes is behind, for the filters that ask it."""

from __future__ import annotations

from collections.abc import Iterable

from kwatch.query.access import JournalAccess
from kwatch.query.matcher import Answer
from kwatch.query.terms.change import JOURNAL_INDEX

PERIOD = 0.5
"""Seconds between counts: each looks at every object."""


class ChangeLag:
    """Counts only while a filter has terms that the index answers. What is caught up by the next look is not told."""

    def __init__(self, journal: JournalAccess | None = None) -> None:
        self._journal = journal
        self._counted_at: float | None = None
        self._before = self._count = 0

    def of(self, answers: Iterable[Answer], now: float) -> int:
        """How many objects are yet to be looked at that the terms, answered so, may be about."""
        if self._journal is None or not any(answer.by == JOURNAL_INDEX for answer in answers):
            self._counted_at = None
            return 0
        if self._counted_at is None or not 0 <= now - self._counted_at < PERIOD:
            is_first = self._counted_at is None
            self._counted_at, self._before, self._count = now, self._count, self._journal.unsettled
            self._before = self._count if is_first else self._before
        return self._count if self._before else 0


NO_LAG = ChangeLag()
"""Where nothing is behind."""
