"""The versions of an object as rows, newest first, with the gaps between them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kwatch.catalog.column import Level
from kwatch.history.gap import Gap
from kwatch.informer.delta import DeltaType
from kwatch.tui.object.comparisons import Comparisons
from kwatch.tui.table.rows import Cell, Heading, Look
from kwatch.view.printable import printable

if TYPE_CHECKING:
    from kwatch.history.version import Version

_HEADINGS = (
    Heading("time", "TIME", frozen=True),
    Heading("type", "TYPE", min_width=9),
    Heading("version", "VERSION", max_width=14, quiet=True),
    Heading("who", "WHO", max_width=24),
    Heading("changes", "CHANGES", fill=True),
)
_TYPES = {
    DeltaType.ADDED: ("+", "added", Level.GOOD),
    DeltaType.UPDATED: ("~", "modified", Level.PROGRESS),
    DeltaType.DELETED: ("-", "deleted", Level.BAD),
    DeltaType.REPLACED: ("=", "listed", Level.NONE),
}


class HistoryRows:
    """Keys are sequences; a gap's key tells when it began."""

    headings: Sequence[Heading] = _HEADINGS
    sorted_by: tuple[str, bool] | None = ("time", True)

    def __init__(self, versions: Sequence[Version], gaps: Sequence[Gap], comparisons: Comparisons) -> None:
        self._comparisons = comparisons
        entries = merged(versions, gaps)
        self._keys = [key_of(entry) for entry in entries]
        self._entries = dict(zip(self._keys, entries, strict=True))
        self._places = {key: place for place, key in enumerate(self._keys)}

    def __len__(self) -> int:
        return len(self._keys)

    def key_at(self, row: int) -> str:
        """The key of a row."""
        return self._keys[row]

    def row_of(self, key: str) -> int | None:
        """Where a key is."""
        return self._places.get(key)

    def version(self, key: str) -> Version | None:
        """The version of a row; None for a gap."""
        entry = self._entries.get(key)
        return None if entry is None or isinstance(entry, Gap) else entry

    def gap(self, key: str) -> Gap | None:
        """The gap of a row; None for a version."""
        entry = self._entries.get(key)
        return entry if isinstance(entry, Gap) else None

    def versions(self) -> list[Version]:
        """Newest first, without the gaps."""
        return [entry for entry in self._entries.values() if not isinstance(entry, Gap)]

    def cells(self, key: str) -> Sequence[Cell]:
        """Time, type, version, who, what."""
        entry = self._entries[key]
        if isinstance(entry, Gap):
            return self._gap_cells(entry)
        _, word, level = type_of(entry)
        return (
            Cell(clock_time(entry.at)),
            Cell(word, level),
            Cell(entry.resource_version),
            Cell(self._comparisons.names(entry)),
            Cell(self._comparisons.words(entry)),
        )

    def look(self, key: str) -> Look:
        """The sign of what happened."""
        entry = self._entries[key]
        if isinstance(entry, Gap):
            return Look("!", Level.WARNING)
        sign, _, level = type_of(entry)
        return Look(sign, level)

    def hint(self, key: str, column: int) -> str | None:
        """A version never changes."""
        return None

    def _gap_cells(self, gap: Gap) -> Sequence[Cell]:
        words = f"not watched {clock_time(gap.since)} to {clock_time(gap.until)}: {printable(gap.cause)}"
        after = [entry for entry in self.versions() if entry.relisted and entry.at >= gap.since]
        if after:
            comparison = self._comparisons.of(after[-1])
            if comparison is not None and comparison.changes:
                paths = ", ".join(printable(change.path) for change in comparison.changes[:6])
                words += f"; changed meanwhile: {paths}"
        return (Cell(clock_time(gap.until)), Cell("gap", Level.WARNING), Cell(""), Cell(""), Cell(words, Level.WARNING))


def type_of(version: Version) -> tuple[str, str, Level]:
    """Sign, word and level of what happened."""
    if version.inferred:
        return "-", "missed deletion", Level.BAD
    return _TYPES.get(version.type, ("?", str(version.type).casefold(), Level.NONE))


def clock_time(at: float) -> str:
    """`14:02:10.25` in local time."""
    return time.strftime("%H:%M:%S", time.localtime(at)) + f".{int(at * 100) % 100:02d}"


def key_of(entry: Version | Gap) -> str:
    """What the row is known by."""
    return f"gap-{entry.since}" if isinstance(entry, Gap) else str(entry.sequence)


def merged(versions: Sequence[Version], gaps: Sequence[Gap]) -> list[Version | Gap]:
    """Newest first; only gaps after the first version, because before it there was nothing to miss."""
    if not versions:
        return []
    first = versions[0].at
    entries: list[Version | Gap] = [*versions, *(gap for gap in gaps if gap.since >= first)]
    return sorted(
        entries,
        key=lambda entry: (entry.since, 1, 0) if isinstance(entry, Gap) else (entry.at, 0, entry.sequence),
        reverse=True,
    )
