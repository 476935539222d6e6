"""What versions changed and who did it: read from the journal once and kept, in words, and as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from textual.cache import LRUCache

from kwatch.base.printable import printable
from kwatch.catalog.tree import Tree
from kwatch.history.attribution import Writer, writers
from kwatch.history.comparison import CREATED, CREATED_AGAIN, FIRST_SEEN, Comparison
from kwatch.history.diff.change import Change
from kwatch.history.diff.compare import as_wanted
from kwatch.history.diff.path import path_text
from kwatch.tui.kit.text.line import Line, Span, plain
from kwatch.view.timeline import clock_time

if TYPE_CHECKING:
    from kwatch.history.coverage import Gap
    from kwatch.history.journal import Journal
    from kwatch.history.rollouts import Rollout
    from kwatch.history.version import Version
    from kwatch.informer.kube_object import KubeObject


_UNREADABLE = (KeyError, ValueError, RecursionError)
"""It was evicted, or is nested deeper than can be compared."""
PROVED = "≈"
"""The sign of what is reconstructed."""
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

    def sides(self, old: Version | None, new: Version, *, from_nothing: bool = False) -> Sides:
        """`from_nothing`: where there is no old version there was nothing, also of what was only found, in a list."""
        comparison = self.between(old, new)
        is_created = old is None and (from_nothing or (comparison is not None and comparison.beginning == CREATED))
        before, after = self.content(old), self.content(new)
        if new.deleted and not new.departed:
            mark = "-"
        elif before is None or after is None or new.departed:
            mark = "+" if is_created and not new.departed else " "
        else:
            mark = "~"
        who = printable(", ".join(dict.fromkeys(map(str, comparison.writers)))) if comparison is not None else ""
        names = _before(old, comparison, is_created=is_created), _named(new)
        return Sides(new.context, new.resource, new.key, before, after, names, who, mark)

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


@dataclass(frozen=True, slots=True)
class Sides:
    """Two states of an object, to be shown side by side."""

    context: str
    resource: str
    key: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    """None for what is not kept."""
    names: tuple[str, str]
    """What each of them is."""
    who: str
    mark: str = "~"
    """How `after` stands alone: `+` it came, `-` it went, a space where there is nothing to compare; `~` for two."""


class Comparable(Protocol):
    """Two states of an object, with others to step to."""

    def sides(self) -> Sides | None:
        """None if there is nothing to compare."""
        ...

    def step(self, by: int) -> bool:
        """To an older (1) or newer (-1) pair; False where there is none."""
        ...


def rollout_sides(rollout: Rollout, context: str, resource: str, key: str) -> Sides:
    """The template of a rollout, and that before."""
    at = f" at {f'{PROVED} ' if rollout.approximate else ''}{clock_time(rollout.at)}" if rollout.at is not None else ""
    name = f"revision {rollout.number}{at}" if rollout.number else "waits: rollouts are paused"
    before = "the template before" if rollout.before is not None else "the oldest template kept"
    who = printable(", ".join(map(str, writers(rollout.who))))
    mark = "~" if rollout.before is not None else " "
    return Sides(context, resource, key, rollout.before, rollout.template, (before, name), who, mark)


def sides_at(journal: Journal, context: str, resource: str, key: str, sequence: int) -> Sides | None:
    """A version of an object and the one before; None if it is not kept."""
    versions = journal.versions(context, resource, key)
    version = next((each for each in versions if each.sequence == sequence), None)
    return Comparisons(journal).sides(previous(journal, version), version) if version is not None else None


def _before(old: Version | None, comparison: Comparison | None, *, is_created: bool) -> str:
    """What there was before, as far as that is known."""
    if old is not None:
        return _named(old)
    if is_created:
        return "nothing"
    is_found = comparison is not None and comparison.beginning == FIRST_SEEN
    return "not known (first seen)" if is_found else "no longer kept"


def _named(version: Version) -> str:
    ending = f", {version.ending}" if version.deleted else ""
    return f"{version.resource_version} at {clock_time(version.at)}{ending}"


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
    if not comparison.changes and comparison.beginning == CREATED_AGAIN:
        return [*head, plain("Created again, as the one was that was there before.", "kwatch-muted")]
    if not comparison.changes:
        noise = ", ".join(printable(change.path) for change in comparison.noise)
        return [*head, plain(f"Nothing but noise: {noise}", "kwatch-muted")]
    again = [plain("Created again; against the one that was there before:", "kwatch-muted")]
    is_another = comparison.beginning == CREATED_AGAIN
    return [*head, *(again if is_another else ()), *change_lines(comparison.changes, comparison.who)]


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


class ComparedObjects:
    """Two objects side by side as they are wanted: of several to compare with, left and right step from one to another.
    A Comparable.
    """

    def __init__(self, first: Compared, others: Sequence[Compared]) -> None:
        self._first = first
        self._others = tuple(others)
        self._place = 0

    @property
    def has_others(self) -> bool:
        return len(self._others) > 1

    def sides(self) -> Sides:
        one, other = self._first, self._others[self._place]
        before, after = (as_wanted(each.object.tree()) for each in (one, other))
        return Sides(one.context, one.resource, one.key, before, after, _told_apart(one, other), "")

    def step(self, by: int) -> bool:
        place = self._place - by
        if not 0 <= place < len(self._others):
            return False
        self._place = place
        return True


@dataclass(frozen=True, slots=True)
class Compared:
    """An object, and where it is; `context` is only told where there are several."""

    context: str
    resource: str
    key: str
    object: KubeObject


def _told_apart(one: Compared, other: Compared) -> tuple[str, str]:
    """By what they differ: their contexts, their keys or both."""
    if one.key == other.key:
        return printable(one.context), printable(other.context)
    if one.context == other.context:
        return printable(one.key), printable(other.key)
    return printable(f"{one.context} {one.key}"), printable(f"{other.context} {other.key}")
