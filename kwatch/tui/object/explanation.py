"""What a version changed against the one before it, and who did it; read once and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.cache import LRUCache

from kwatch.history.attribution import Writer, attribute, writers
from kwatch.history.diff import Change, changed_paths, diff
from kwatch.history.redaction import mask_secret

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version


@dataclass(frozen=True, slots=True)
class Explanation:
    """`changes` and `who` in the same order; `lost` when the content is no longer kept."""

    changes: Sequence[Change] = ()
    who: Sequence[Writer] = ()
    first: bool = False
    """Nothing before it is known."""
    lost: bool = False

    @property
    def words(self) -> str:
        """The changes, for one line."""
        if self.lost:
            return "no longer kept"
        if self.first:
            return "first seen"
        return changed_paths(self.changes, limit=6) or "nothing but noise"

    @property
    def names(self) -> str:
        """Who, for one line."""
        return ", ".join(str(writer) for writer in writers(self.who))


class Explanations:
    """Asked for by whoever shows a version; about 300 are kept."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: LRUCache[int, Explanation] = LRUCache(300)

    def of(self, version: Version) -> Explanation:
        """What it changed."""
        known = self._known.get(version.sequence)
        if known is None:
            known = self._known[version.sequence] = self._explain(version)
        return known

    def content(self, version: Version | None) -> Mapping[str, Any] | None:
        """The object at a version, Secrets masked; None for no version, or one no longer kept."""
        if version is None:
            return None
        try:
            return mask_secret(self._journal.object_of(version).tree())
        except KeyError:
            return None

    def between(self, old: Version | None, new: Version) -> Explanation:
        """What changed from one version to another."""
        before, after = self.content(old), self.content(new)
        if after is None:
            return Explanation(lost=True)
        if before is None:
            return Explanation(first=True)
        changes = diff(before, after)
        return Explanation(changes, attribute(before, after, changes))

    def _explain(self, version: Version) -> Explanation:
        try:
            previous = self._journal.previous(version)
        except KeyError:
            return Explanation(lost=True)
        return self.between(previous, version)
