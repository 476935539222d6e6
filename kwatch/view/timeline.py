"""What versions and the entries of a timeline say: sign, words, who, time, and whether they are worth a line."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.history.attribution import writers
from kwatch.history.comparison import CREATED_AGAIN
from kwatch.history.coverage import Gap
from kwatch.history.diff.change import Change, changed_paths
from kwatch.history.last_lines import ContainerEnd
from kwatch.history.ownership import Relation, RelationType
from kwatch.history.rollouts import Rollout, change_words, within_template
from kwatch.history.timeline import TimelineEntry
from kwatch.informer.delta import DeltaType

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version


_GLYPHS = {RelationType.SELF: "●", RelationType.OWNER: "▲", RelationType.CHILD: "▼", RelationType.NODE: "■"}
_MOST_GLYPHS = 3
_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Rendered:
    """One entry in words, safe to print."""

    sign: str
    """One character: + added, ~ modified, - deleted, = listed, ! warning or gap, • event, ≈ reconstructed."""
    type: str
    level: Level
    who: str
    words: str
    noise: bool = False
    """Whether it says nothing to people: a heartbeat, an Event that expired, a first sight of what had been there."""
    changes: tuple[Change, ...] = ()
    """What the version changed, the most important first."""


class TimelineRenderer:
    """Keeps what it rendered. Used by one thread."""

    def __init__(self, journal: Journal, changes: int = 6) -> None:
        self._journal = journal
        self._changes = changes
        self._rendered: OrderedDict[str, Rendered] = OrderedDict()

    def render(self, entry: TimelineEntry) -> Rendered:
        """An entry in words."""
        if entry.relation is None or entry.end is not None:
            # These grow while more becomes known, and cost nothing to render.
            return self._render(entry)
        # That a version brought a rollout may become known later.
        key = f"{entry.id} {entry.rollout.number}" if entry.rollout is not None else entry.id
        rendered = self._rendered.get(key)
        if rendered is None:
            rendered = self._rendered[key] = self._render(entry)
            if len(self._rendered) > _KEPT:
                self._rendered.popitem(last=False)
        return rendered

    def _render(self, entry: TimelineEntry) -> Rendered:
        if entry.gap is not None:
            return Rendered("!", "gap", Level.WARNING, "", printable(_gap(entry.gap, entry.resources)))
        if entry.end is not None:
            return _end(entry.end)
        if entry.version is None and entry.rollout is not None:
            return _rollout(entry.rollout)
        if entry.version is None and entry.proof is None:
            return Rendered("≈", "watching", Level.NONE, "", printable(_listed(entry)))
        if entry.event is not None:
            return _event(entry)
        return self._proof(entry) if entry.proof is not None else self._version(entry)

    def _version(self, entry: TimelineEntry) -> Rendered:
        version = entry.version
        assert version is not None
        sign, word, level = type_of(version)
        try:
            comparison = self._journal.compare(version)
        except KeyError:
            return Rendered(sign, word, level, "", "no longer kept", noise=entry.first_listed)
        except (msgspec.DecodeError, RecursionError):
            return Rendered(sign, word, level, "", "its content cannot be read")
        is_change = comparison.previous is not None and not version.deleted
        changes = tuple(rank_changes(comparison.changes)) if is_change else ()
        # Of what had been there for a while, the list says no more than that it is there.
        who = "" if entry.first_listed else printable(", ".join(map(str, comparison.writers)))
        words = changed_paths(map(within_template, changes), self._changes) if changes else comparison.words()
        if changes and comparison.beginning == CREATED_AGAIN:
            words = f"{CREATED_AGAIN}: {words}"
        if entry.rollout is not None:
            words = f"revision {entry.rollout.number}: {words}"
        noise = entry.first_listed or (is_change and not changes)
        return Rendered(sign, word, level, who, printable(words), noise, changes)

    def _proof(self, entry: TimelineEntry) -> Rendered:
        proof = entry.proof
        assert proof is not None
        # Who wrote a status is clear from what the status proves itself.
        noise = proof.source == "managedFields" and proof.who.subresource == "status"
        who = str(proof.who) if proof.who.known else ""
        return Rendered("≈", "before", Level.NONE, printable(who), printable(proof.words), noise=noise)


def _rollout(rollout: Rollout) -> Rendered:
    sign = "≈" if rollout.approximate else "~"
    who = printable(", ".join(map(str, writers(rollout.who))))
    number = f"revision {rollout.number}" if rollout.number else "waits"
    words = printable(f"{number}: {change_words(rollout)}")
    return Rendered(sign, "rollout", Level.PROGRESS, who, words, changes=rollout.changes)


def _event(entry: TimelineEntry) -> Rendered:
    facts = entry.event
    assert facts is not None
    if entry.version is not None and entry.version.deleted:
        return Rendered("-", "expired", Level.NONE, "", printable(facts.words), noise=True)
    times = ""
    if facts.count > 1:
        times = f"×{facts.count} " if entry.proof is None else f"first of {facts.count}: "
    warning = facts.type == "Warning"
    sign, word, level = ("!", "warning", Level.WARNING) if warning else ("•", "event", Level.NONE)
    return Rendered(sign, word, level, printable(facts.source), times + printable(facts.words))


def _end(end: ContainerEnd) -> Rendered:
    kept = f"last {end.count} lines" if end.count > 1 else "its last line" if end.count else ""
    words = f"container {end.container} ended: {end.words} · {kept or end.missing or 'it wrote nothing'}"
    return Rendered("!", "ended", Level.BAD, "", printable(words))


def _gap(gap: Gap, resources: Sequence[str]) -> str:
    return f"not watched {clock_time(gap.since)} to {clock_time(gap.until)}: {gap.cause} ({', '.join(resources)})"


def _listed(entry: TimelineEntry) -> str:
    counted = ", ".join(f"{resource} ({count:,})" for resource, count in entry.listed)
    return f"watched since: {counted}; before that, what the server still proves"


def relation_words(entry: TimelineEntry) -> str:
    """`▲ owner`, `▼▼ child`, `▼ event`: a glyph for each owner or child between, and what it is."""
    relation = entry.relation
    if relation is None:
        return f"  {entry.relation_type}"
    place = relation.subject
    glyph = _GLYPHS.get(place.type, " ")
    glyphs = glyph * place.distance if place.distance <= _MOST_GLYPHS else f"{glyph}{place.distance}"
    return f"{glyphs or glyph} {entry.relation_type}"


def object_words(relation: Relation | None) -> str:
    """`Pod/web-1`; of an Event what it is about."""
    if relation is None:
        return ""
    place = relation.subject
    return printable(f"{place.kind or place.resource}/{place.key.rpartition('/')[2]}")


_LEADING = frozenset({"deletionTimestamp", "phase", "nodeName", "restartCount"})
_IMPORTANT = frozenset({"status", "reason", "replicas", "readyReplicas", "exitCode", "ready"})
_DETAILS = frozenset(
    {
        "message",
        "containerID",
        "imageID",
        "image",
        "started",
        "startedAt",
        "startTime",
        "podIP",
        "podIPs",
        "hostIP",
        "hostIPs",
        "deletionGracePeriodSeconds",
        "terminatingReplicas",
        "fullyLabeledReplicas",
    }
)


def rank_changes(changes: Sequence[Change]) -> list[Change]:
    """The most important first: what somebody asked for, then how it is, then why; details last. Stable in a rank."""
    return sorted(changes, key=_rank)


def _rank(change: Change) -> int:
    names = _names(change.steps)
    first, last = names[0] if names else "", names[-1] if names else ""
    if first == "spec" or last in _LEADING:
        return 1 if "metadata" in names else 0
    if first == "status" and last in _DETAILS:
        return 4
    if first == "status" and len(names) > 2 and last in ("reason", "status") and names[1] == "conditions":
        return 1 if last == "status" else 3
    return 1 if last in _IMPORTANT or "state" in names else 2


def _names(steps: Iterable[object]) -> list[str]:
    """The fields on the way, without the items of lists."""
    return [step for step in steps if isinstance(step, str)]


_TYPES = {
    DeltaType.ADDED: ("+", "added", Level.GOOD),
    DeltaType.UPDATED: ("~", "modified", Level.PROGRESS),
    DeltaType.DELETED: ("-", "deleted", Level.BAD),
    DeltaType.REPLACED: ("=", "listed", Level.NONE),
}


def type_of(version: Version) -> tuple[str, str, Level]:
    """Sign, word and level of what happened."""
    if version.departed:
        return "-", "left or deleted", Level.NONE
    if version.inferred:
        return "-", "missed deletion", Level.BAD
    return _TYPES.get(version.type, ("?", str(version.type).casefold(), Level.NONE))


def clock_time(at: float) -> str:
    """`14:02:10.25` in local time."""
    return time.strftime("%H:%M:%S", time.localtime(at)) + f".{int(at * 100) % 100:02d}"
