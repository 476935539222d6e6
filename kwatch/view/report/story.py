"""Tells one story of a report: what fails, what may have caused it, what happened, rollouts, Events, logs."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, Protocol, TypeVar

import msgspec

from kwatch.catalog.column import Level
from kwatch.catalog.go_text import go_text
from kwatch.history.attribution import Writer, writers
from kwatch.history.diff.change import ABSENT, Change
from kwatch.history.journal import Journal
from kwatch.history.rollouts import rollout_words, rollouts, seen_templates, within_template
from kwatch.history.timeline import TimelineEntry
from kwatch.history.version import Moment, Version
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.query import Query
from kwatch.view.problem_past import past_of
from kwatch.view.problems import UnhealthyObject
from kwatch.view.report import Affected, Cause, Diff, Happening, Log, Reported, Revision, Story
from kwatch.view.report.masking import NameMask, withheld
from kwatch.view.suspects import FailureKind, Found, Surroundings, Suspect, clocks_apart, suspects_of
from kwatch.view.timeline import Rendered, TimelineRenderer, object_words, relation_words
from kwatch.view.yaml_text import to_yaml

_MOST_MEMBERS = 12
_MOST_CAUSES = 6
_MOST_HAPPENINGS = 160
_MOST_READ = 1500
"""Entries of a timeline that are compared with the version before."""
_MOST_EVENTS = 40
_MOST_REVISIONS = 8
_MOST_CHANGES = 12
"""Changed paths of one suspect or rollout."""
_MOST_LINES = 24
"""Of one changed value."""
_MOST_COMPARED = 400
_MOST_PASTS = 20
"""Objects of a story whose past is read."""
_MOST_PODS = 3
"""Pods whose logs are shown."""
BEFORE, SHORTEST, LONGEST = 600.0, 1800.0, 86_400.0
"""Seconds: shown before what happened first; told of at least; and after which a beginning is too long ago."""


class _Timed(Protocol):
    @property
    def at(self) -> float: ...


T = TypeVar("T", bound=_Timed)
LogsOf = Callable[[KubeObject], Iterable[Log]]
"""The last lines of a pod's containers."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the report is of: one object, or everything that has a problem and matches. `since`: seconds before the
    moment; None: as long as it takes to tell what happened.
    """

    subject: tuple[Resource, str] | None = None
    namespace: str | None = None
    query: Query | None = None
    words: str = ""
    since: float | None = None
    mask_names: bool = False
    """Pseudonyms for names; and of changes on one line which paths they are and not to what: that may be any name."""


@dataclass(slots=True)
class Group:
    """What has a problem below one owner."""

    resource: Resource
    key: str
    members: list[tuple[UnhealthyObject, KubeObject]] = field(default_factory=list)
    also: list[tuple[Resource, str]] = field(default_factory=list)
    """Further owners, of which something fails for the same likely cause."""

    @property
    def worst(self) -> UnhealthyObject | None:
        """A pod's says more than that of what owns it."""
        ordered = sorted(self.members, key=lambda one: (-one[0].problem.level, one[0].resource.name != "pods"))
        return ordered[0][0] if ordered else None


def start_of(now: float, asked: float | None, since: float | None, causes: Sequence[Cause]) -> float:
    """From when on a story is told: a while before its cause, where nobody asked for another time."""
    if asked is not None:
        return now - asked
    known = [at for at in (since, *(cause.at for cause in causes[:1])) if at is not None and at >= now - LONGEST]
    return min([now - SHORTEST, *(at - BEFORE for at in known)])


class Teller:
    """Reads the journal. `until` is a moment in the past: nothing that came later is told."""

    def __init__(
        self,
        journal: Journal,
        context: str,
        now: float,
        until: Moment | None,
        asked: Asked,
        logs: LogsOf | None,
        mask: NameMask | None,
    ) -> None:
        self._journal = journal
        self._context = context
        self._now = now
        self._until = until
        self._sequence = until.sequence if until is not None else None
        self._apart = clocks_apart(journal, context)
        self._asked = asked
        self._logs_of = logs
        self._mask = mask

    def tell(self, group: Group, here: Surroundings) -> Story:
        if self._mask is not None:
            self._learn(self._mask, here)
        found = suspects_of(here, self._journal, self._context, self._now, self._sequence)
        objects = {unhealthy.id: obj for unhealthy, obj in group.members}
        members = [unhealthy for unhealthy, _ in group.members]
        how = (lambda one: objects.get(one.id), self._journal, self._context, self._until, self._apart)
        pasts = [past_of([each], *how).at(self._now) for each in members[:_MOST_PASTS]]
        began = [(past.since, past.approximate) for past in pasts if past.since is not None]
        if found.is_failing and found.failure.since is not None:
            began.append((found.failure.since, not found.failure.exact))
        since, is_approximate = min(began, default=(None, True))
        worst = group.worst
        causes = tuple(self._cause(each, is_failing=found.is_failing) for each in found.suspects[:_MOST_CAUSES])
        start = start_of(self._now, self._asked.since, since, causes)
        entries = self._entries(group, start)
        happenings, left_out = self._happenings(entries, since)
        events, events_left_out = self._events(entries)
        said = found.failure.kind.value if worst is not None and found.failure.kind is not FailureKind.OTHER else ""
        return Story(
            kind=group.resource.kind,
            name=group.key,
            what=said or (worst.problem.reason if worst is not None else "nothing is known to be wrong with it"),
            reason=worst.problem.reason if worst is not None else "",
            level=_level(worst.problem.level) if worst is not None else "good",
            since=since,
            is_exact=not is_approximate,
            alike=_alike(found),
            also=tuple(f"{resource.kind} {key}" for resource, key in group.also[:_MOST_MEMBERS]),
            also_left_out=max(0, len(group.also) - _MOST_MEMBERS),
            before=next((past.before for past in pasts if past.before), ""),
            times=max((past.times for past in pasts), default=1),
            said=found.failure.message,
            affected=tuple(
                affected(unhealthy, past.since) for unhealthy, past in zip(members[:_MOST_MEMBERS], pasts, strict=False)
            ),
            affected_count=len(members),
            causes=causes,
            unknown=found.unknown,
            happenings=happenings,
            happenings_left_out=left_out,
            revisions=tuple(self._revisions(here)),
            events=events,
            events_left_out=events_left_out,
            logs=tuple(self._logs(group)),
            is_failing=worst is not None,
        )

    def _learn(self, mask: NameMask, here: Surroundings) -> None:
        for each in (*(related.obj for related in here.objects), *here.kept, *here.pods, *here.events):
            if (tree := tree_of(each)) is not None:
                mask.know_object(tree)

    def _cause(self, suspect: Suspect, *, is_failing: bool) -> Cause:
        evidence = suspect.evidence
        if evidence is None:
            return Cause(suspect.what, suspect.why, suspect.what, "")
        diffs, left_out = diffs_of(evidence.changes, evidence.who, withholds=self._asked.mask_names)
        what = suspect.what
        if self._asked.mask_names and evidence.changes:
            what = _paths(map(within_template, evidence.changes))
        return Cause(
            what,
            suspect.why if is_failing else "",
            f"{evidence.relation} {evidence.key.rpartition('/')[2]}",
            f"{evidence.resource} {evidence.key}",
            evidence.at,
            evidence.approximate,
            ", ".join(map(str, writers(evidence.who))),
            diffs,
            left_out,
        )

    def _entries(self, group: Group, start: float) -> list[TimelineEntry]:
        entries = self._journal.timeline(self._context, str(group.resource), group.key)
        return [each for each in entries if start <= each.at <= self._now and self._is_told(each)]

    def _happenings(self, entries: Sequence[TimelineEntry], since: float | None) -> tuple[tuple[Happening, ...], int]:
        """What happened; where it is too much, what was around the beginning and what came last."""
        renderer = TimelineRenderer(self._journal, 4)
        read = _around(entries, since, _MOST_READ)
        found = [self._happening(each, made) for each in read if not (made := renderer.render(each)).noise]
        kept = _around(found, since, _MOST_HAPPENINGS)
        for each in read if self._mask is not None else ():
            if (
                self._mask is not None
                and each.version is not None
                and (tree := self._tree_of(each.version)) is not None
            ):
                self._mask.know_object(tree)
        return tuple(kept), len(entries) - len(read) + len(found) - len(kept)

    def _is_told(self, entry: TimelineEntry) -> bool:
        return self._sequence is None or entry.version is None or entry.version.sequence <= self._sequence

    def _happening(self, entry: TimelineEntry, rendered: Rendered) -> Happening:
        relation = entry.relation.subject if entry.relation is not None else None
        signs = {"owner": -1, "child": 1, "node": 9}
        words = rendered.words
        if self._asked.mask_names and rendered.changes:
            words = _paths(rendered.changes)
        return Happening(
            entry.at,
            rendered.sign,
            rendered.type,
            _level(rendered.level),
            object_words(entry.relation),
            signs.get(str(relation.type), 0) * max(1, relation.distance) if relation is not None else 0,
            relation_words(entry).strip(),
            words,
            rendered.who,
            entry.approximate,
            entry.gap.until if entry.gap is not None else None,
        )

    def _revisions(self, here: Surroundings) -> Iterator[Revision]:
        workload = here.workload
        tree = tree_of(workload.obj) if workload is not None else None
        if workload is None or tree is None or not here.kept:
            return
        versions = self._journal.versions(self._context, str(workload.resource), workload.key)
        upto = [each for each in versions if self._sequence is None or each.sequence <= self._sequence]
        kept = [found for each in here.kept if (found := tree_of(each)) is not None]
        for each in rollouts(tree, kept, tuple(seen_templates(upto, self._tree_of)))[:_MOST_REVISIONS]:
            diffs, left_out = diffs_of(each.changes, each.who, withholds=self._asked.mask_names)
            yield Revision(
                each.at,
                each.approximate,
                rollout_words(each),
                each.kept_in,
                each.cause,
                ", ".join(map(str, writers(each.who))),
                each.is_current,
                diffs,
                left_out,
            )

    def _tree_of(self, version: Version) -> Mapping[str, Any] | None:
        obj = self._journal.object_or_none(version)
        return tree_of(obj) if obj is not None else None

    def _events(self, entries: Iterable[TimelineEntry]) -> tuple[tuple[Reported, ...], int]:
        """The Warnings, as they were last; the newest, where there is no room for all. Others are happenings."""
        found: dict[tuple[str, str], Reported] = {}
        for each in entries:
            if (facts := each.event) is not None and facts.type == "Warning":
                about = object_words(each.relation)
                said = Reported(facts.first, facts.last, facts.count, about, facts.words, facts.source)
                found[about, facts.words] = said
        ordered = sorted(found.values(), key=lambda each: (each.last or 0.0, each.about, each.words))
        return tuple(ordered[-_MOST_EVENTS:]), max(0, len(ordered) - _MOST_EVENTS)

    def _logs(self, group: Group) -> Iterator[Log]:
        if self._logs_of is None:
            return
        pods = [pod for unhealthy, pod in group.members if unhealthy.resource.name == "pods"]
        for pod in pods[:_MOST_PODS]:
            yield from self._logs_of(pod)


def _around(items: Sequence[T], since: float | None, most: int) -> Sequence[T]:
    """At most so many: half of them the last ones, the others up to the beginning of the failure."""
    if len(items) <= most:
        return items
    begun = sum([since is not None and each.at <= since + BEFORE / 10 for each in items])
    late = min(most // 2 if begun else most, len(items) - begun)
    return [*items[max(0, begun - (most - late)) : begun], *items[len(items) - late :]]


def affected(unhealthy: UnhealthyObject, since: float | None = None) -> Affected:
    problem, healing = unhealthy.problem, unhealthy.healing
    until = healing.ended if healing is not None else None
    since = healing.began if healing is not None else since
    return Affected(unhealthy.resource.kind, unhealthy.key, problem.reason, _level(problem.level), since, until)


def _level(level: Level) -> str:
    return level.name.lower()


def _alike(found: Found) -> str:
    if found.alike > 1:
        return f"{found.alike} of {found.pods} pods fail alike"
    return f"the only one of {found.pods} pods" if found.alike == 1 < found.pods else ""


def _paths(changes: Iterable[Change]) -> str:
    """Which paths changed, without a value."""
    paths = [change.path or change.words for change in changes]
    return ", ".join(paths[:4]) + (f", {len(paths) - 4} more" if len(paths) > 4 else "")


def diffs_of(
    changes: Sequence[Change], who: Sequence[Writer], *, withholds: bool = False
) -> tuple[tuple[Diff, ...], int]:
    """The changes to be read one below the other, and how many more there are. `withholds` values of free choice."""
    pairs = [*zip(changes, who, strict=False)]
    found = [
        Diff(
            within_template(change).path,
            tuple(_diff_lines(change, withholds=withholds)),
            str(writer) if writer.known else "",
        )
        for change, writer in pairs[:_MOST_CHANGES]
    ]
    return tuple(found), len(pairs) - len(found)


def _diff_lines(change: Change, *, withholds: bool) -> Iterator[tuple[str, str]]:
    if not change.path:
        yield ("+", "created") if change.old is ABSENT else ("-", "deleted")
        return
    values = (change.old, change.new)
    old, new = (_lines_of(withheld(value, change.path) if withholds else value) for value in values)
    lines = [("-", line) for line in old] + [("+", line) for line in new]
    if old and new and len(old) + len(new) > 2:
        lines = [*_unified(old, new)]
    yield from lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES:
        yield "…", f"{len(lines) - _MOST_LINES:,} more lines"


def _unified(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """What both begin with is not compared, and of the rest no more than is good for anybody."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    start = max(0, same - 2)
    before, after = (each[start : start + _MOST_COMPARED] for each in (old, new))
    if start:
        yield "…", f"{start:,} lines that are the same"
    for line in [*difflib.unified_diff(before, after, n=2, lineterm="")][3:]:
        yield ("…", "") if line.startswith("@@") else (line[:1], line[1:])
    rest = max(len(old), len(new)) - start - _MOST_COMPARED
    if rest > 0:
        yield "…", f"{rest:,} more lines are not compared"


def _lines_of(value: Any) -> list[str]:
    if value is ABSENT:
        return []
    if isinstance(value, Mapping):
        return to_yaml(value).splitlines()
    if isinstance(value, list) and value:
        return to_yaml({"items": value}).splitlines()[1:]
    text = value if isinstance(value, str) else "null" if value is None else go_text(value)
    return text.splitlines() or ['""']


def tree_of(obj: KubeObject | None) -> Mapping[str, Any] | None:
    """None where there is none, or it cannot be read."""
    try:
        return obj.tree() if obj is not None else None
    except (msgspec.DecodeError, RecursionError):
        return None
