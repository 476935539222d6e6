"""Rows whose object is gone: they stay for a while, or as long as a filter asks for them."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from kwatch.query.row import Row
from kwatch.view.due_times import DueTimes


class Lingering:
    """Rows of deleted objects, and until when. It is also what a query knows of the states of rows."""

    def __init__(self, seconds: float, marked: AbstractSet[str]) -> None:
        self.keep_all = False
        """Whether they stay until this is unset and they are added again."""
        self.seconds = seconds
        """How long they stay."""
        self._marked = marked
        self._rows: dict[str, Row] = {}
        self._until = DueTimes()

    @property
    def deleted(self) -> AbstractSet[str]:
        """The keys whose object is gone, though their row is still there."""
        return self._rows.keys()

    @property
    def marked(self) -> AbstractSet[str]:
        """The keys the user has marked."""
        return self._marked

    def row(self, key: str) -> Row | None:
        """The last row of a deleted object."""
        return self._rows.get(key)

    def rows(self) -> Iterable[Row]:
        """All of them."""
        return self._rows.values()

    def add(self, row: Row, now: float) -> None:
        """An object was deleted; this was its row."""
        if self.keep_all or self.seconds > 0:
            self._rows[row.key] = row
            # Those kept for a filter go with it, and then after the usual time.
            self._until.put(row.key, now + self.seconds)

    def discard(self, key: str) -> None:
        """The object is there again."""
        if self._rows.pop(key, None) is not None:
            self._until.put(key, None)

    def expire(self, now: float) -> set[str]:
        """The keys whose time is up."""
        if self.keep_all:
            return set()
        expired = self._until.pop(now)
        for key in expired:
            self._rows.pop(key, None)
        return expired

    def next_due(self) -> float | None:
        """When the next one goes."""
        return None if self.keep_all else self._until.next()

    def clear(self) -> None:
        """Drop all."""
        self._rows.clear()
        self._until.clear()
