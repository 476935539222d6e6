"""What versions changed and who did it, read from the journal once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from textual.cache import LRUCache

from kwatch.base.printable import printable
from kwatch.history.comparison import Comparison
from kwatch.history.diff.change import Change
from kwatch.history.diff.path import path_text

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version


_UNREADABLE = (KeyError, ValueError, RecursionError)
"""It had to make room, or is nested deeper than can be compared."""
LOST = "no longer kept, or not readable"
KEPT = 2000


class Comparisons:
    """Asked for by whoever shows a version. None stands for one that had to make room, or cannot be read."""

    def __init__(self, journal: Journal) -> None:
        self.narrow = False
        """Whether only the ends of paths are told: `[web].image 1 -> 2`."""
        self._journal = journal
        self._known: LRUCache[int, Comparison | None] = LRUCache(KEPT)

    @property
    def journal(self) -> Journal:
        """What they are read from."""
        return self._journal

    def of(self, version: Version) -> Comparison | None:
        """What a version changed against the one before it."""
        if version.sequence not in self._known:
            self._known[version.sequence] = self.between(None, version)
        return self._known.get(version.sequence)

    def between(self, old: Version | None, new: Version) -> Comparison | None:
        """What changed from one version to another; `old` None is the one before."""
        try:
            return self._journal.compare(new, old)
        except _UNREADABLE:
            return None

    def content(self, version: Version | None) -> Mapping[str, Any] | None:
        """The object at a version; None for no version, or one no longer kept."""
        if version is None:
            return None
        try:
            return self._journal.object_of(version).tree()
        except _UNREADABLE:
            return None

    def words(self, version: Version, limit: int = 6) -> str:
        """The changes on one line, safe to print."""
        comparison = self.of(version)
        if comparison is None:
            return LOST
        if self.narrow:
            comparison = replace(comparison, changes=tuple(map(_brief, comparison.changes)))
        return printable(comparison.words(limit))

    def names(self, version: Version) -> str:
        """Who, on one line, safe to print."""
        comparison = self.of(version)
        return "" if comparison is None else printable(", ".join(str(writer) for writer in comparison.writers))


def _brief(change: Change) -> Change:
    return replace(change, path=path_text(change.steps[-2:])) if len(change.steps) > 2 else change


class VersionPair(Protocol):
    """Two versions of an object, with others to step to."""

    @property
    def journal(self) -> Journal | None:
        """What remembers them."""
        ...

    def compared(self) -> tuple[Version | None, Version] | None:
        """The two versions, the older one None if there was none; None if there is nothing to compare."""
        ...

    def is_created(self, comparison: Comparison | None) -> bool:
        """Where there is no older version: whether that is because there was nothing."""
        ...

    def step(self, by: int) -> bool:
        """To an older (1) or newer (-1) pair; False where there is none."""
        ...
