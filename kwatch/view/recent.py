"""What happened a moment ago: rows that came, cells that changed and what they said before, and how it fades."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from kwatch.catalog.kind import Values
from kwatch.query.row import Row


class Happened(Enum):
    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class _Event:
    """`last` is when the row changed last, `at` when it came, if it did."""

    what: Happened
    at: float
    last: float


@dataclass(frozen=True, slots=True)
class ChangedCell:
    """`before` is the value that a cell had, `at` when it changed (seconds since the epoch)."""

    before: Any
    at: float


class RecentChanges:
    """Remembers each key for `seconds`. Cells are compared only when somebody asks for them."""

    def __init__(self, seconds: float = 4.0) -> None:
        self.seconds = seconds
        self._events: dict[str, _Event] = {}
        self._unseen: dict[str, tuple[Values, float]] = {}
        """Values as they were before the first change that nobody has looked at."""
        self._cells: dict[str, dict[int, ChangedCell]] = {}

    def note(self, key: str, old: Row | None, new: Row | None, now: float) -> None:
        if old is None:
            self._forget(key)
            self._events[key] = _Event(Happened.ADDED, now, now)
        elif new is None:
            self._forget(key)
            self._events[key] = _Event(Happened.DELETED, now, now)
        else:
            known = self._events.pop(key, None)
            is_new = known is not None and known.what is Happened.ADDED and self._heat(known.at, now) > 0
            what, at = (known.what, known.at) if is_new and known is not None else (Happened.CHANGED, now)
            self._events[key] = _Event(what, at, now)
            if old.known_values is not None and key not in self._unseen:
                self._unseen[key] = (old.known_values, now)
            elif key in self._unseen:
                self._unseen[key] = (self._unseen[key][0], now)
        self._tidy(now)

    def happened(self, key: str, now: float) -> tuple[Happened, float] | None:
        """What happened to a row last, and how fresh that is: 1 at the moment, 0 when it is forgotten."""
        event = self._events.get(key)
        if event is None:
            return None
        heat = self._heat(event.at, now)
        if heat > 0:
            return event.what, heat
        # What came a while ago and changed since is no longer new.
        heat = self._heat(event.last, now)
        return (Happened.CHANGED, heat) if heat > 0 else None

    def cells(self, row: Row, now: float) -> Mapping[int, ChangedCell]:
        """The cells of a row that changed within the time, by their column's place in the kind."""
        unseen = self._unseen.pop(row.key, None)
        if unseen is not None:
            before, at = unseen
            cells = self._cells.setdefault(row.key, {})
            for place, (old, new) in enumerate(zip(before, row.values, strict=False)):
                if old != new:
                    cells[place] = ChangedCell(old, at)
        cells = self._cells.get(row.key, {})
        return {place: cell for place, cell in cells.items() if self._heat(cell.at, now) > 0}

    def glow(self, row: Row, now: float) -> Mapping[int, float]:
        """How hot each changed cell of a row is, between 0 and 1."""
        return {place: self._heat(cell.at, now) for place, cell in self.cells(row, now).items()}

    def has_any(self, keys: Iterable[str], now: float) -> bool:
        """Whether any of these may glow, so that it must be repainted."""
        self._tidy(now)
        return bool(self._events) and any(key in self._events for key in keys)

    def clear(self) -> None:
        self._events.clear()
        self._unseen.clear()
        self._cells.clear()

    def forget_cells(self) -> None:
        """Other columns are shown from now on: what cells said before means nothing to them."""
        self._unseen.clear()
        self._cells.clear()

    def _heat(self, at: float, now: float) -> float:
        # A clock that jumps back must not make anything glow for ever.
        return max(0.0, 1.0 - abs(now - at) / self.seconds) if self.seconds > 0 else 0.0

    def _tidy(self, now: float) -> None:
        """Forget from the front: events are in the order in which they happened."""
        while self._events:
            key, event = next(iter(self._events.items()))
            if abs(now - event.last) < self.seconds:
                return
            del self._events[key]
            self._unseen.pop(key, None)
            self._cells.pop(key, None)

    def _forget(self, key: str) -> None:
        self._events.pop(key, None)
        self._unseen.pop(key, None)
        self._cells.pop(key, None)


NOTHING_RECENT = RecentChanges(0.0)
"""For views in which nothing glows."""
