"""What versions changed and who did it: read from the journal once and kept, in words, and as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from textual.cache import LRUCache

from kwatch.base.printable import printable
from kwatch.catalog.tree import Tree
from kwatch.history.attribution import Writer
from kwatch.history.comparison import FIRST_SEEN, Comparison
from kwatch.history.diff.change import Change
from kwatch.history.diff.path import path_text
from kwatch.tui.kit.text.line import Line, Span, plain
from kwatch.view.timeline import clock_time

if TYPE_CHECKING:
    from kwatch.history.coverage import Gap
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version


_UNREADABLE = (KeyError, ValueError, RecursionError)
"""It was evicted, or is nested deeper than can be compared."""
LOST = "no longer kept, or not readable"
KEPT = 2000


class Comparisons:
    """None stands for a version that was evicted, or cannot be read."""

    def __init__(self, journal: Journal) -> None:
        self.narrow = False
        """Whether only the ends of paths are shown: `[web].image 1 -> 2`."""
        self.journal = journal
        self._known: LRUCache[int, Comparison | None] = LRUCache(KEPT)

    def of(self, version: Version) -> Comparison | None:
        """What a version changed against the one before it."""
        if version.sequence not in self._known:
            self._known[version.sequence] = self.between(None, version)
        return self._known.get(version.sequence)

    def between(self, old: Version | None, new: Version) -> Comparison | None:
        """What changed from one version to another; `old` None is the one before."""
        try:
            return self.journal.compare(new, old)
        except _UNREADABLE:
            return None

    def content(self, version: Version | None) -> Mapping[str, Any] | None:
        """The object at a version; None for no version, or one no longer kept."""
        if version is None:
            return None
        try:
            return self.journal.object_of(version).tree()
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


_TINTS = {"+": "kwatch-added", "-": "kwatch-deleted", "~": "kwatch-changed"}


def previous(journal: Journal, version: Version) -> Version | None:
    """The version before it; None if there is none, or it was evicted."""
    try:
        return journal.previous(version)
    except KeyError:
        return None


def gap_lines(gap: Gap, found: str) -> list[Line]:
    return [
        plain(""),
        plain(f"Not watched from {clock_time(gap.since)} to {clock_time(gap.until)}: {gap.cause}.", "warning"),
        plain(f"The object was {found}."),
        plain("Steps in between were not seen.", "kwatch-muted"),
    ]


def _beginning(comparison: Comparison) -> str:
    """How it began, as far as that is known."""
    words = printable(comparison.words())
    if comparison.beginning != FIRST_SEEN or comparison.event:
        return f"{words[:1].upper()}{words[1:]}."
    at = Tree(comparison.changes[0].new if comparison.changes else None).at("metadata", "creationTimestamp").text()
    said = f" The server says that it was created at {printable(at)}." if at else ""
    return f"First seen; what it was before is not known.{said}"


def explained(comparison: Comparison | None, pair: tuple[Version | None, Version]) -> list[Line]:
    """What lies between two versions: from which to which, then one line a change."""
    old, new = pair
    title = f"{old.resource_version} → {new.resource_version}" if old is not None else new.resource_version
    head = [plain(f"{title}   {clock_time(new.at)}", "kwatch-muted")]
    if comparison is None:
        return [*head, plain("The content of this version had to make room for newer ones.", "kwatch-muted")]
    if comparison.version.deleted:
        return [*head, plain(f"It was {comparison.words()}; its last state is in the version before.", "error")]
    if comparison.previous is None:
        return [*head, plain(_beginning(comparison), "kwatch-muted")]
    if not comparison.changes:
        noise = ", ".join(printable(change.path) for change in comparison.noise)
        return [*head, plain(f"Nothing but noise: {noise}", "kwatch-muted")]
    return [*head, *change_lines(comparison.changes, comparison.who)]


def change_lines(changes: Sequence[Change], who: Sequence[Writer]) -> list[Line]:
    """One line a change: sign, path, values, who."""
    lines = []
    for change, writer in zip(changes, who, strict=True):
        words = printable(change.words)
        path = printable(change.path)
        rest = words.removeprefix(path)
        spans = [Span(path, "kwatch-key"), Span(rest, "foreground")] if path else [Span(words)]
        spans.append(Span(f"   {writer!s}", "kwatch-muted"))
        if writer.subresource:
            spans.append(Span(f" ({writer.subresource})", "kwatch-muted"))
        lines.append(Line(tuple(spans), _TINTS.get(change.sign, ""), change.sign))
    return lines
