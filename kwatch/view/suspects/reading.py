"""What changed around an object that fails, read from the journal and from what the objects prove of themselves.

For a thread of its own: it takes some milliseconds an object. What is read of an object once is known to every failure
that the same EvidenceReader is asked about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from kwatch.base.timestamp import time_or_none
from kwatch.catalog.health import assess
from kwatch.history.attribution import managed_fields
from kwatch.history.comparison import CREATED
from kwatch.history.journal import Journal
from kwatch.history.reconstruction import event_facts
from kwatch.history.rollouts import Rollout, rollouts, seen_templates
from kwatch.history.version import Version
from kwatch.informer.kube_object import KubeObject
from kwatch.view.suspects.failure import Failure, FailureKind, failure_of
from kwatch.view.suspects.gathering import RelatedObject, Surroundings
from kwatch.view.suspects.ranking import Evidence, Found, rank

LONG_AGO = 86_400.0
"""Seconds before now after which what is only reconstructed is no evidence any more."""
_MOST_VERSIONS = 50
"""Versions of one object that are compared, the newest."""
_SETTLED = 120.0
"""Seconds that a problem may need to count as one: it is asked what would be wrong by then."""
_HASHES = ("pod-template-hash", "controller-revision-hash")
_OF_ITSELF = ("itself", "its pod")


def suspects_of(
    here: Surroundings, journal: Journal | None, context: str, now: float, until: int | None = None
) -> Found:
    """Read what changed, and rank it. `until` is the sequence of the moment in the past that is looked at: nothing that
    came later counts.
    """
    return EvidenceReader(journal, context, now, until).found(here)


class EvidenceReader:
    """For one moment, used by one thread."""

    def __init__(self, journal: Journal | None, context: str, now: float, until: int | None = None) -> None:
        self._journal = journal
        self._context = context
        self._now = now
        self._until = until
        self._evidence: dict[tuple[str, str, bool, bool], tuple[Evidence, ...]] = {}
        self._rollouts: dict[tuple[str, str], tuple[Rollout, ...]] = {}
        self._kinds: dict[tuple[str, str], FailureKind | None] = {}
        """How a pod fails, by its key and version."""

    def found(self, here: Surroundings) -> Found:
        """The suspects of one failure."""
        obj = here.failing.obj
        tree = tree_or_none(obj)
        failure = failure_of(here.failing.resource.kind, tree or {}, self._warnings(here.events))
        is_failing = obj is not None and assess(here.failing.resource, obj).at(self._now) is not None
        failure = self._onset(here.failing, failure) if is_failing else replace(failure, since=self._now)
        alike = [pod for pod in here.pods if self._kind_of(pod) is failure.kind]
        evidence = [*self._of_rollouts(here, alike)]
        for each in here.objects:
            is_template = here.workload is not None and each.key == here.workload.key
            evidence += self._of_object(each, skip_template=is_template and bool(here.kept))
        ranked = rank(failure, evidence)
        return Found(failure, is_failing, ranked, len(alike) if is_failing else 0, len(here.pods), here.unknown)

    def _kind_of(self, pod: KubeObject) -> FailureKind | None:
        version = (pod.key, pod.resource_version)
        if version not in self._kinds:
            tree = tree_or_none(pod)
            self._kinds[version] = failure_of("Pod", tree).kind if tree is not None else None
        return self._kinds[version]

    def _warnings(self, events: Iterable[KubeObject]) -> list[str]:
        """Reasons and messages, the newest first."""
        facts = [event_facts(tree) for each in events if (tree := tree_or_none(each)) is not None]
        facts.sort(key=lambda fact: fact.last or 0.0, reverse=True)
        return list(dict.fromkeys(fact.words for fact in facts if fact.type == "Warning"))

    def _onset(self, failing: RelatedObject, failure: Failure) -> Failure:
        """Since when it has a problem without a pause, as far as that was seen."""
        since: float | None = None
        for version in reversed(self._versions(failing)):
            obj = self._object(version)
            if obj is None or assess(failing.resource, obj).at(version.at + _SETTLED) is None:
                break
            since = version.at
        else:
            return failure  # it failed before it was seen for the first time
        if since is None:
            return failure
        return replace(failure, since=since, exact=True)

    def _of_rollouts(self, here: Surroundings, alike: Sequence[KubeObject]) -> Iterator[Evidence]:
        workload = here.workload
        if workload is None:
            return
        made = Counter(_maker(pod) for pod in here.pods)
        failing = Counter(_maker(pod) for pod in alike)
        for each in self._rolled_out(here):
            if each.is_oldest or (each.at is not None and each.at < self._now - LONG_AGO):
                continue
            hash_of = each.kept_in.rpartition("-")[2]
            share = None
            if each.is_current and made[hash_of]:
                share = failing[hash_of] == made[hash_of] and failing.total() == failing[hash_of]
            yield Evidence(
                f"rollout {each.number} of {workload.resource.kind}",
                str(workload.resource),
                workload.key,
                each.at,
                each.changes,
                each.who,
                each.approximate,
                1.0 if each.is_current else 0.3,
                share,
                number=each.number,
            )

    def _rolled_out(self, here: Surroundings) -> tuple[Rollout, ...]:
        workload = here.workload
        tree = tree_or_none(workload.obj) if workload is not None else None
        if workload is None or tree is None or not here.kept:
            return ()
        place = (str(workload.resource), workload.key)
        if place not in self._rollouts:

            def object_of(version: Version) -> Mapping[str, Any] | None:
                return tree_or_none(self._object(version))

            kept = [found for each in here.kept if (found := tree_or_none(each)) is not None]
            seen = tuple(seen_templates(self._versions(workload), object_of))
            self._rollouts[place] = rollouts(tree, kept, seen)
        return self._rollouts[place]

    def _of_object(self, each: RelatedObject, *, skip_template: bool) -> Iterator[Evidence]:
        if each.obj is None:
            yield Evidence(each.relation, str(each.resource), each.key, None, closeness=each.closeness, is_there=False)
            return
        itself = each.relation in _OF_ITSELF
        place = (str(each.resource), each.key, skip_template, itself)
        if place not in self._evidence:
            self._evidence[place] = tuple(self._read(each, itself=itself, skip_template=skip_template))
        for evidence in self._evidence[place]:
            yield replace(evidence, relation=each.relation, closeness=each.closeness)

    def _read(self, each: RelatedObject, *, itself: bool, skip_template: bool) -> Iterator[Evidence]:
        seen = self._versions(each)[-_MOST_VERSIONS:]
        for version in seen:
            yield from self._version(each, version, itself=itself, skip_template=skip_template)
        if not seen or seen[0].relisted:
            yield from self._proved(each, before=seen[0].at if seen else None, skip_template=skip_template)

    def _version(
        self, each: RelatedObject, version: Version, *, itself: bool, skip_template: bool
    ) -> Iterator[Evidence]:
        assert self._journal is not None, "it has versions"
        try:
            comparison = self._journal.compare(version)
        except (KeyError, msgspec.DecodeError, RecursionError):
            return
        is_new = comparison.beginning == CREATED and not itself
        is_change = comparison.previous is not None or version.deleted or is_new
        pairs = [*zip(comparison.changes, comparison.who, strict=True)] if is_change else []
        if skip_template:
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
            )

    def _proved(self, each: RelatedObject, before: float | None, *, skip_template: bool) -> Iterator[Evidence]:
        """What its managedFields prove of before it was seen: who wrote it last, and when."""
        tree = tree_or_none(each.obj)
        if tree is None or skip_template or str(each.resource) == "pods":
            return
        for entry in managed_fields(tree).values():
            at = time_or_none(entry.writer.time)
            is_late = at is not None and before is not None and at >= before
            if entry.writer.subresource or at is None or is_late or at < self._now - LONG_AGO:
                continue
            yield Evidence(
                each.relation,
                str(each.resource),
                each.key,
                at,
                who=(entry.writer,),
                approximate=True,
                closeness=each.closeness,
            )

    def _versions(self, each: RelatedObject) -> Sequence[Version]:
        if self._journal is None:
            return ()
        versions = self._journal.versions(self._context, str(each.resource), each.key)
        until = self._until
        return versions if until is None else [version for version in versions if version.sequence <= until]

    def _object(self, version: Version) -> KubeObject | None:
        try:
            return self._journal.object_of(version) if self._journal is not None else None
        except KeyError:
            return None


def _maker(pod: KubeObject) -> str:
    """The hash of the template that a pod was made from."""
    found = next((pod.labels[name] for name in _HASHES if name in pod.labels), "")
    return found.rpartition("-")[2]


def tree_or_none(obj: KubeObject | None) -> Mapping[str, Any] | None:
    """None for nothing, and for what cannot be read."""
    try:
        return obj.tree() if obj is not None else None
    except (msgspec.DecodeError, RecursionError):
        return None
