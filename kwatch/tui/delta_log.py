"""The journal's log as rows; entries are explained only when they are on screen or a filter asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kwatch.tui.object.explanation import Explanations
from kwatch.tui.object.history_rows import clock_time, type_of
from kwatch.tui.table.rows import Cell, Heading, Look
from kwatch.view.printable import printable

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version

_HEADINGS = (
    Heading("time", "TIME", frozen=True),
    Heading("type", "TYPE", min_width=9),
    Heading("resource", "RESOURCE", max_width=24, quiet=True),
    Heading("object", "OBJECT", max_width=44, flexible=True),
    Heading("who", "WHO", max_width=24, quiet=True),
    Heading("changes", "CHANGES", max_width=400),
)
WINDOW = 20_000
"""Deltas that can be scrolled through; older ones are in the objects' histories."""


class DeltaLogRows:
    """Keys are sequences. `take` reads what came since the last time."""

    headings: Sequence[Heading] = _HEADINGS
    sorted_by: tuple[str, bool] | None = ("time", False)

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.filter = ""
        self._explanations = Explanations(journal)
        self._versions: dict[str, Version] = {}
        self._keys: list[str] = []
        self._places: dict[str, int] = {}
        self._last = 0
        self.take()

    def __len__(self) -> int:
        return len(self._keys)

    def take(self) -> None:
        """Add what arrived."""
        length = self.journal.log_length
        if self._last == 0:
            arrived = self.journal.log_window(length - WINDOW, length)
        else:
            arrived = self.journal.log(self._last, WINDOW)
        for version in arrived:
            self._last = max(self._last, version.sequence)
            self._versions[str(version.sequence)] = version
        excess = len(self._versions) - WINDOW
        if excess > 0:
            for key in list(self._versions)[:excess]:
                del self._versions[key]
            self._lay_out()
        elif arrived:
            self._add([version for version in arrived if self._matches(version)])

    def use_filter(self, text: str) -> None:
        """Show only entries in which every word occurs."""
        self.filter = text.strip()
        self._lay_out()

    def version(self, key: str) -> Version | None:
        """The entry under a key."""
        return self._versions.get(key)

    def key_at(self, row: int) -> str:
        """The key of a row."""
        return self._keys[row]

    def row_of(self, key: str) -> int | None:
        """Where a key is."""
        return self._places.get(key)

    def cells(self, key: str) -> Sequence[Cell]:
        """Time, type, what, who, changes."""
        version = self._versions[key]
        explanation = self._explanations.of(version)
        _, word, level = type_of(version)
        return (
            Cell(clock_time(version.at)),
            Cell(word, level),
            Cell(printable(version.resource)),
            Cell(printable(version.key)),
            Cell(printable(explanation.names)),
            Cell(printable(explanation.words)),
        )

    def look(self, key: str) -> Look:
        """The sign of what happened."""
        sign, _, level = type_of(self._versions[key])
        return Look(sign, level)

    def was(self, key: str, column: int) -> str | None:
        """A delta never changes."""
        return None

    def _lay_out(self) -> None:
        self._keys, self._places = [], {}
        self._add([version for version in self._versions.values() if self._matches(version)])

    def _add(self, versions: Sequence[Version]) -> None:
        for version in versions:
            key = str(version.sequence)
            self._places[key] = len(self._keys)
            self._keys.append(key)

    def _matches(self, version: Version) -> bool:
        words = self.filter.casefold().split()
        if not words:
            return True
        plain = f"{version.resource} {version.key} {type_of(version)[1]}".casefold()
        rest = [word for word in words if word not in plain]
        if not rest:
            return True
        explanation = self._explanations.of(version)
        explained = f"{explanation.names} {explanation.words}".casefold()
        return all(word in explained for word in rest)
