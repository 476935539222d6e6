"""What changed around an object that fails, read from the journal and from what the objects prove of themselves.

For a thread of its own: it takes some milliseconds an object. What is read of an object once is known to every failure
that the same EvidenceReader is asked about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise

import msgspec

from kwatch.base.timestamp import time_or_none
from kwatch.catalog.health import assess
from kwatch.catalog.indices import involved_uid_index
from kwatch.catalog.tree import Tree
from kwatch.history.attribution import UNKNOWN, last_writer, managed_fields
from kwatch.history.comparison import CREATED, CREATED_AGAIN
from kwatch.history.coverage import Scope
from kwatch.history.diff.change import ABSENT, Change
from kwatch.history.journal import Journal
from kwatch.history.rollouts import Rollout
from kwatch.history.version import Version
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.view.rollouts import RolloutReader, images_behind_tags, job_template_changes, tree_or_none
from kwatch.view.suspects.aspect import may_cause
from kwatch.view.suspects.evidence import APART, Evidence, clocks_apart, judged, proved
from kwatch.view.suspects.failure import (
    Failure,
    FailureKind,
    Statement,
    expiry,
    failure_of,
    is_lost,
    is_made_by_controller,
    is_ready,
    maker,
    may_fail,
    oldest_made,
    started,
    statements_in,
    warnings_in,
)
from kwatch.view.suspects.ranking import ALIKE, Found, rank
from kwatch.view.suspects.surroundings import LONG_AGO, RelatedObject, Surroundings
from kwatch.view.suspects.well import WellReader

_MOST_VERSIONS = 50
"""Versions of one object that are compared, the newest."""
_MOST_JUDGED = 300
"""Versions of what fails that are looked at for when it began, the newest."""
_SETTLED = 120.0
"""Seconds that a problem may need to count as one: it is asked what would be wrong by then."""
_TELLING_VERSIONS = 20
_FROM_THE_FIRST = 600.0
_OWN_WORDS = frozenset({"rights", "certificate"})
"""Kinds of statements that are as good from a program as from the server."""
_PODS = Resource(GroupVersionResource("", "v1", "pods"), "Pod", True)


def suspects_of(
    here: Surroundings, journal: Journal | None, context: str, now: float, until: int | None = None
) -> Found:
    """Read what changed, and rank it. `until` is the sequence of the moment in the past that is looked at: nothing that
    came later counts.
    """
    found = EvidenceReader(journal, context, now, until).found(here)
    since = found.failure.since
    if journal is None or since is None or not found.is_failing:
        return found
    return replace(found, seen_late=tuple(_seen_late(here, journal, context, since, now)))


def _seen_late(
    here: Surroundings, journal: Journal, context: str, since: float, now: float
) -> Iterator[tuple[str, float]]:
    """What was not watched at a moment, and from when on it was."""
    latest: dict[str, float] = {}
    for resource, scope in here.asked:
        # All of it may have been watched, or no more than was asked for.
        found = [journal.seen_from(context, str(resource), each, since) for each in {scope, Scope(scope.namespace)}]
        began = min((each for each in found if each is not None), default=now)
        latest[resource.name] = max(began, latest.get(resource.name, since))
    yield from sorted((name, began) for name, began in latest.items() if began > since)


class EvidenceReader:
    """For one moment, used by one thread."""

    def __init__(self, journal: Journal | None, context: str, now: float, until: int | None = None) -> None:
        self._journal = journal
        self._context = context
        self._now = now
        self._until = until
        self._skew = 0.0
        self._evidence: dict[tuple[str, str, bool, bool], tuple[Evidence, ...]] = {}
        self._reader = RolloutReader(journal, context, until)
        self._well = WellReader(journal, context, until)
        self._rollouts: dict[tuple[str, str], tuple[Rollout, ...]] = {}
        self._kinds: dict[tuple[str, str], FailureKind | None] = {}
        """How pods fail, by key and version."""
        self._running: dict[tuple[str, str], bool] = {}

    def found(self, here: Surroundings, alike: Container[str] | None = None) -> Found:
        """The suspects of one failure. `alike` are the keys of the pods that fail in the same way, if that is known:
        else all pods of the workload are read.
        """
        obj = here.failing.obj
        tree = tree_or_none(obj)
        is_pod = here.failing.resource.name == "pods"
        # Its owner may be refused other pods at the same time.
        events = [each for each in here.events if not is_pod or obj is None or obj.uid in involved_uid_index(each)]
        failure = failure_of(here.failing.resource.kind, tree or {}, warnings_in(events))
        if failure.kind is FailureKind.READINESS and _has_lost_its_node(here):
            failure = replace(failure, kind=FailureKind.NODE)
        is_failing = any(
            each.obj is not None and assess(each.resource, each.obj).at(self._now) is not None
            for each in {here.failing.key: here.failing, here.subject.key: here.subject}.values()
        )
        self._skew = self._clocks_apart(here)
        if failure.since is not None:
            failure = replace(failure, since=failure.since + self._skew)
        failure = self._onset(here.failing, failure) if is_failing else replace(failure, since=self._now)
        if is_pod and obj is not None:
            failure = replace(failure, statements=(*failure.statements, *self._last_words(obj)))
        # Without its Events, as the other pods are judged.
        kind = self._kind_of(obj) if is_pod and obj is not None else failure.kind
        same = [pod for pod in here.pods if (self._kind_of(pod) is kind if alike is None else pod.key in alike)]
        pulled = {each["name"].text() for each in Tree(tree).at("spec", "imagePullSecrets")} if is_pod else set()
        evidence = [*self._of_rollouts(here, same, failure.since), *self._of_templates(here)]
        workload = here.workload
        for each in here.objects:
            is_template = workload is not None and (each.resource, each.key) == (workload.resource, workload.key)
            evidence += self._of_object(each, skip_template=is_template and bool(here.kept))
        evidence = [replace(each, pulls=True) if _is_missing_pull_secret(each, pulled) else each for each in evidence]
        skew = self._skew
        times = [(each.at, skew if each.approximate else 0.0) for each in self._rolled_out(here)]
        rolled_out = [at + apart for at, apart in times if at is not None]
        evidence = [each for each in evidence if not _is_part_of_a_rollout(each, workload, rolled_out)]
        survivor = self._last_survivor(here, {pod.key for pod in same})
        nodes, asked = {pod.node for pod in same}, obj.raw if is_pod and obj is not None else b""
        evidence = [judged(each, survivor, nodes, asked) for each in evidence]
        evidence = [
            *self._well.judged(here, evidence, self._now if failure.since is None else failure.since, self._skew)
        ]
        ranked = rank(failure, evidence)
        return Found(failure, is_failing, ranked, len(same) if is_failing else 0, len(here.pods), here.unknown)

    def _last_words(self, pod: KubeObject) -> Iterator[Statement]:
        """What its containers themselves said of the cause before they ended."""
        ends = self._journal.last_lines.of(self._context, pod.uid) if self._journal is not None else ()
        lines = (line for end in ends[-1:] if end.at <= self._now for line in end.lines)
        found = dict.fromkeys(said for line in lines for said in statements_in(line) if said.kind in _OWN_WORDS)
        return iter(found)

    def _last_survivor(self, here: Surroundings, failing: Container[str]) -> float | None:
        """When the newest of the pods started that run."""
        for pod in sorted(here.pods, key=started, reverse=True):
            if pod.key not in failing and self._runs(pod):
                return started(pod) + self._skew
        return None

    def _runs(self, pod: KubeObject) -> bool:
        """Whether it is ready and has no problem: what is between two restarts just now neither fails nor runs."""
        version = (pod.key, pod.resource_version)
        if version not in self._running:
            is_healthy = assess(_PODS, pod).at(self._now) is None
            self._running[version] = is_healthy and is_ready(Tree(tree_or_none(pod)))
        return self._running[version]

    def _kind_of(self, pod: KubeObject) -> FailureKind | None:
        """How a pod fails; None if it does not."""
        version = (pod.key, pod.resource_version)
        if version not in self._kinds:
            tree = tree_or_none(pod)
            kind = failure_of("Pod", tree).kind if tree is not None and may_fail(tree) else None
            # Why an image cannot be pulled is not said all of the time.
            self._kinds[version] = FailureKind.IMAGE if kind is FailureKind.REGISTRY else kind
        return self._kinds[version]

    def _clocks_apart(self, here: Surroundings) -> float:
        """Seconds that the clock of this machine is ahead of the server's; 0 if they agree, or nothing tells."""
        apart = []
        for each in (here.failing, here.subject, *((here.workload,) if here.workload is not None else ())):
            for version in self._versions(each)[-_TELLING_VERSIONS:]:
                tree = None if version.relisted or version.deleted else tree_or_none(self._object(version))
                times = [time_or_none(entry.writer.time) for entry in managed_fields(tree).values()] if tree else []
                written = max((at for at in times if at is not None), default=None)
                if written is not None:
                    apart.append(version.at - written)
        if not apart:
            return self._apart
        least = min(apart, key=abs)
        return least if abs(least) >= APART else 0.0

    @cached_property
    def _apart(self) -> float:
        """The same, as everything that arrived tells."""
        return clocks_apart(self._journal, self._context) if self._journal is not None else 0.0

    def _onset(self, failing: RelatedObject, failure: Failure) -> Failure:
        """Since when it has a problem without a pause, as far as that was seen."""
        since: float | None = None
        versions = self._versions(failing)
        refused = failure.kind is FailureKind.REFUSED and failure.since is not None
        for version in reversed(versions[-_MOST_JUDGED:]):
            obj = self._object(version)
            if obj is None or assess(failing.resource, obj).at(version.at + _SETTLED) is None:
                break
            if refused and failure_of(failing.resource.kind, tree_or_none(obj) or {}).kind is not FailureKind.REFUSED:
                break  # that replicas were missing before is another failure
            since = version.at
        else:
            if not versions or versions[0].relisted or len(versions) > _MOST_JUDGED:
                return failure  # it failed before it was seen for the first time
        return replace(failure, since=since, exact=True) if since is not None else failure

    def _of_rollouts(self, here: Surroundings, alike: Sequence[KubeObject], onset: float | None) -> Iterator[Evidence]:
        workload = here.workload
        if workload is None:
            return
        made = Counter(maker(pod) for pod in here.pods)
        failing = Counter(maker(pod) for pod in alike)
        keys = {pod.key for pod in alike}
        for each in self._rolled_out(here):
            # The first rollout is the beginning of the workload: something to go by where it fails from then on.
            is_first = (
                each.is_oldest and each.at is not None and onset is not None and onset - each.at < _FROM_THE_FIRST
            )
            if (each.is_oldest and not is_first) or (each.at is not None and each.at < self._now - LONG_AGO):
                continue
            hash_of = each.kept_in.rpartition("-")[2]
            share = None
            if each.is_current and made[hash_of]:
                share = 0 < failing[hash_of] == failing.total() and not any(
                    maker(pod) == hash_of and pod.key not in keys and self._runs(pod) for pod in here.pods
                )
            yield Evidence(
                f"rollout {each.number} of {workload.resource.kind}",
                str(workload.resource),
                workload.key,
                each.at + self._skew if each.at is not None and each.approximate else each.at,
                (Change("", ABSENT, {}),) if each.is_oldest else each.changes,
                (UNKNOWN,) if each.is_oldest else each.who,
                each.approximate,
                1.0 if each.is_current else 0.3,
                share,
                rollout=each,
            )

    def _rolled_out(self, here: Surroundings) -> tuple[Rollout, ...]:
        workload = here.workload
        if workload is None or workload.obj is None or not here.kept:
            return ()
        place = (str(workload.resource), workload.key)
        if place not in self._rollouts:
            self._rollouts[place] = self._reader.read(workload.resource, workload.obj, here.kept)
        return self._rollouts[place]

    def _of_object(self, each: RelatedObject, *, skip_template: bool) -> Iterator[Evidence]:
        if each.obj is None:
            yield self._absent(each)
            return
        itself = each.relation in ("itself", "its pod", "its endpoints")
        place = (str(each.resource), each.key, skip_template, itself)
        if place not in self._evidence:
            self._evidence[place] = tuple(self._read(each, itself=itself, skip_template=skip_template))
        for evidence in self._evidence[place]:
            yield replace(evidence, relation=each.relation, closeness=each.closeness)

    def _absent(self, each: RelatedObject) -> Evidence:
        """It is named and not there; when it was deleted, if that was seen."""
        last = next(reversed(self._versions(each)), None)
        gone = last if last is not None and last.deleted else None
        return Evidence(
            each.relation,
            str(each.resource),
            each.key,
            gone.at if gone is not None else None,
            approximate=gone is not None and gone.inferred,
            closeness=each.closeness,
            sequence=gone.sequence if gone is not None else None,
            is_there=False,
        )

    def _read(self, each: RelatedObject, *, itself: bool, skip_template: bool) -> Iterator[Evidence]:
        seen = self._versions(each)[-_MOST_VERSIONS:]
        for older, version in pairwise((None, *seen)):
            if version is not None and self._may_matter(older, version):
                yield from self._version(each, version, itself=itself, skip_template=skip_template)
        if each.obj is not None and (not seen or seen[0].relisted):
            before = seen[0].at if seen else None
            for evidence in map(self._by_own_clock, proved(str(each.resource), each.obj, skip_template=skip_template)):
                # What came after the object was seen first was seen.
                if evidence.at is not None and (before is None or evidence.at < before):
                    yield evidence
        expired = expiry(each.obj) if each.obj is not None and each.resource.name == "secrets" else None
        if expired is not None and expired + self._skew <= self._now:
            yield Evidence(each.relation, str(each.resource), each.key, expired + self._skew, expired=True)

    def _by_own_clock(self, evidence: Evidence) -> Evidence:
        """With the time of this machine's clock; without one if it is too long ago."""
        at = evidence.at + self._skew if evidence.at is not None else None
        return replace(evidence, at=at if at is None or at >= self._now - LONG_AGO else None)

    def _of_templates(self, here: Surroundings) -> Iterator[Evidence]:
        """What the jobs of a cron job prove, unless its own changes were seen; and another image behind a tag."""
        workload, pod = here.workload, here.failing.obj if here.failing.resource.name == "pods" else None
        is_cron = workload is not None and workload.resource.name == "cronjobs" and not self._versions(workload)[1:]
        if workload is not None and workload.obj is not None and is_cron:
            writer = last_writer(tree_or_none(workload.obj) or {})
            made = Evidence("itself", "cronjobs.batch", workload.key, time_or_none(writer.time), approximate=True)
            if changes := job_template_changes(here.jobs):
                yield self._by_own_clock(replace(made, changes=changes, who=(writer,) * len(changes)))
        if pod is not None and (changes := images_behind_tags(pod, oldest_made(here.pods))):
            made = Evidence("its image", "pods", pod.key, started(pod), approximate=True)
            yield self._by_own_clock(replace(made, changes=changes, who=(UNKNOWN,) * len(changes)))

    def _may_matter(self, before: Version | None, version: Version) -> bool:
        """Whether anything changed that may cause something, found without parsing what is the same."""
        if version.deleted or before is None:
            return version.deleted or not version.relisted
        if before.uid != version.uid:
            return True
        old, new = self._object(before), self._object(version)
        return old is not None and new is not None and may_cause(version.resource, old, new)

    def _version(
        self, each: RelatedObject, version: Version, *, itself: bool, skip_template: bool
    ) -> Iterator[Evidence]:
        assert self._journal is not None, "it has versions"
        try:
            comparison = self._journal.compare(version)
        except (KeyError, msgspec.DecodeError, RecursionError):
            return
        is_another = comparison.beginning == CREATED_AGAIN
        is_change = comparison.previous is not None or version.deleted
        if is_another or not is_change:
            follows = is_made_by_controller(each.obj)  # that it was made, and how
            is_change = not follows and (is_another or (comparison.beginning == CREATED and not itself))
        pairs = [*zip(comparison.changes, comparison.who, strict=True)] if is_change else []
        if skip_template and not is_another:  # the rollouts of another object went with it
            pairs = [(change, who) for change, who in pairs if change.steps[:2] != ("spec", "template")]
        if pairs:
            yield Evidence(
                each.relation,
                str(each.resource),
                each.key,
                version.at,
                tuple(change for change, _ in pairs),
                tuple(who for _, who in pairs),
                version.relisted,
                each.closeness,
                sequence=version.sequence,
                is_another=is_another,
            )

    def _versions(self, each: RelatedObject) -> Sequence[Version]:
        if self._journal is None:
            return ()
        versions = self._journal.versions(self._context, str(each.resource), each.key)
        until = self._until
        return versions if until is None else [version for version in versions if version.sequence <= until]

    def _object(self, version: Version) -> KubeObject | None:
        return self._journal.object_or_none(version) if self._journal is not None else None


def _has_lost_its_node(here: Surroundings) -> bool:
    nodes = (each.obj for each in here.objects if each.relation == "its node" and each.obj is not None)
    return any(is_lost(Tree(tree_or_none(node))) for node in nodes)


def _is_missing_pull_secret(each: Evidence, pulled: Container[str]) -> bool:
    return each.resource == "secrets" and not each.is_there and each.key.rpartition("/")[2] in pulled


def _is_part_of_a_rollout(each: Evidence, workload: RelatedObject | None, rolled_out: Iterable[float]) -> bool:
    """Of a write of the workload of which it is not known what it changed: whether that was its template."""
    if workload is None or (each.resource, each.key) != (str(workload.resource), workload.key):
        return False
    is_unread = each.rollout is None and not each.changes and each.is_there
    at = each.at
    return is_unread and at is not None and any(abs(at - other) <= ALIKE for other in rolled_out)
