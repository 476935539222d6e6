"""The rollouts of an object's workload: found in the caches, read from the journal, and put on a timeline. For a thread
of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from kwatch.base.printable import printable
from kwatch.catalog.names import ResourceNames
from kwatch.catalog.tree import Tree
from kwatch.history.diff.change import Change
from kwatch.history.diff.compare import diff
from kwatch.history.diff.path import ItemKey, path_text
from kwatch.history.journal import Journal
from kwatch.history.rollouts import KEPT_IN, Rollout, SeenTemplate, rollouts, seen_templates
from kwatch.history.timeline import TimelineEntry
from kwatch.history.version import Version
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.view.relations import Around, Relation, owned, owners
from kwatch.view.relations.related import CacheOf

_GENERATIONS = 5
"""How far up a workload is looked for: a chain of owners may be a circle."""


@dataclass(frozen=True, slots=True)
class WorkloadRollouts:
    """The newest rollout first; where there is none, `waits_for` or `why` says why."""

    resource: Resource
    """The resource of the workload, or of what was found on the way up to it."""
    workload: KubeObject | None = None
    kept: Relation | None = None
    """What keeps its templates."""
    rollouts: tuple[Rollout, ...] = ()
    waits_for: Relation | None = None
    """What cannot be asked, or not yet."""
    why: str = ""


class RolloutReader:
    """Of a workload only the versions that came since are searched for new templates. Used by one thread at a time."""

    def __init__(self, journal: Journal | None, context: str, until: int | None = None) -> None:
        """`until` is the sequence of the moment in the past that is looked at; None for now."""
        self._journal = journal
        self._context = context
        self._until = until
        self._seen: dict[tuple[str, str], tuple[int, list[SeenTemplate]]] = {}
        """Up to which version each workload was searched, and what was found."""

    def of(self, resource: Resource, obj: KubeObject, names: ResourceNames, cache_of: CacheOf) -> WorkloadRollouts:
        """Those of the object itself, or of the owner that is rolled out."""
        for _ in range(_GENERATIONS):
            if str(resource) in KEPT_IN:
                return self._of_workload(resource, obj, names, cache_of)
            relation = next(filter(None, owners(Around(resource, obj, names))), None)
            if relation is None:
                return WorkloadRollouts(resource, why=f"Nothing that is rolled out owns {printable(obj.name)}")
            cache = cache_of(relation)
            if cache is None:
                return WorkloadRollouts(resource, waits_for=relation)
            owner = next((cache.get_by_key(key) for key in relation.find(cache)), None)
            if not isinstance(owner, KubeObject):
                return WorkloadRollouts(resource, why=f"{relation.resource.kind} {relation.name} is not there")
            resource, obj = relation.resource, owner
        return WorkloadRollouts(resource, why="Its owners own each other")

    def _of_workload(
        self, resource: Resource, workload: KubeObject, names: ResourceNames, cache_of: CacheOf
    ) -> WorkloadRollouts:
        kept = keeper_of(resource, workload, names)
        if kept is None:
            return WorkloadRollouts(resource, workload, why=f"The server does not offer {KEPT_IN[str(resource)]}")
        cache = cache_of(kept)
        if cache is None:
            return WorkloadRollouts(resource, workload, kept, waits_for=kept)
        found = (cache.get_by_key(key) for key in kept.find(cache))
        made = self.read(resource, workload, (each for each in found if isinstance(each, KubeObject)))
        return WorkloadRollouts(resource, workload, kept, made)

    def read(self, resource: Resource, workload: KubeObject, kept: Iterable[KubeObject]) -> tuple[Rollout, ...]:
        """Those of a workload, by what keeps its templates."""
        tree = tree_or_none(workload)
        if tree is None:
            return ()
        trees = [found for each in kept if (found := tree_or_none(each)) is not None]
        return rollouts(tree, trees, self._seen_of(str(resource), workload.key))

    def _seen_of(self, resource: str, key: str) -> Iterable[SeenTemplate]:
        journal, until = self._journal, self._until
        if journal is None:
            return ()
        searched, seen = self._seen.get((resource, key), (-1, []))
        versions = journal.versions(self._context, resource, key)
        upto = [each for each in versions if until is None or each.sequence <= until]

        def object_of(version: Version) -> Mapping[str, Any] | None:
            return tree_or_none(journal.object_or_none(version))

        if upto and upto[-1].sequence != searched:
            # The last one that was searched is what the next is compared with.
            seen += seen_templates([each for each in upto if each.sequence >= searched], object_of)
            self._seen[resource, key] = (upto[-1].sequence, seen)
        return seen


def with_rollouts(entries: Sequence[TimelineEntry], found: WorkloadRollouts) -> list[TimelineEntry]:
    """A timeline with the rollouts whose moment is known: each with the version of the workload that brought it, or as
    an entry of its own. Oldest first, as the timeline is.
    """
    place = (str(found.resource), found.workload.key if found.workload is not None else "")
    subjects = (entry.relation.subject for entry in entries if entry.relation is not None)
    workload = next((each for each in subjects if (each.resource, each.key) == place), None)
    if workload is None:
        return [*entries]
    seen = {each.sequence: each for each in found.rollouts if each.sequence is not None}
    told = [_told(entry, seen) for entry in entries]
    there = {entry.rollout.sequence for entry in told if entry.rollout is not None}
    alone = [
        TimelineEntry(each.at, workload, approximate=each.approximate, rollout=each)
        for each in found.rollouts
        if each.at is not None and (each.sequence is None or each.sequence not in there)
    ]
    return sorted([*told, *alone], key=lambda entry: entry.order)


def _told(entry: TimelineEntry, seen: Mapping[int, Rollout]) -> TimelineEntry:
    rollout = seen.get(entry.version.sequence) if entry.version is not None else None
    return replace(entry, rollout=rollout) if rollout is not None else entry


def keeper_of(resource: Resource, workload: KubeObject, names: ResourceNames) -> Relation | None:
    """The question for what keeps the templates of a workload; None where nothing does."""
    wanted = KEPT_IN.get(str(resource))
    relations = owned(Around(resource, workload, names)) if wanted is not None else ()
    return next((each for each in relations if each is not None and str(each.resource) == wanted), None)


def tree_or_none(obj: KubeObject | None) -> Mapping[str, Any] | None:
    """None for nothing, and for what cannot be read."""
    try:
        return obj.tree() if obj is not None else None
    except (msgspec.DecodeError, RecursionError):
        return None


def job_template_changes(jobs: Iterable[KubeObject]) -> tuple[Change, ...]:
    """Of the jobs of a cron job: the template of the last that went well, against that of the last that failed."""
    trees = [Tree(tree_or_none(job)) for job in sorted(jobs, key=lambda job: job.creation_timestamp)]
    well = [tree for tree in trees if tree.at("status", "succeeded").number()]
    bad = [tree for tree in trees if tree.at("status", "failed").number()]
    if not well or not bad:
        return ()
    specs = [each[-1].at("spec", "template", "spec").value for each in (well, bad)]
    return tuple(diff(*({"spec": {"template": {"spec": spec}}} for spec in specs)))


def images_behind_tags(pod: KubeObject, others: Iterable[KubeObject]) -> tuple[Change, ...]:
    """Where a pod runs another image than other pods of its workload, though both say the same."""
    known: dict[tuple[str, str], str] = {}
    for other in others:
        if other.key != pod.key:
            known |= _digests(other)
    changes = []
    for (name, image), digest in _digests(pod).items():
        if known.get((name, image), digest) != digest:
            path = path_text(("status", "containerStatuses", ItemKey((("name", name),)), "imageID"))
            changes.append(Change(path, known[name, image], digest, ("spec", "containers", name, "image")))
    return tuple(changes)


def _digests(pod: KubeObject) -> dict[tuple[str, str], str]:
    """By container and image."""
    statuses = Tree(tree_or_none(pod)).at("status", "containerStatuses")
    found = {
        (each["name"].text(), each["image"].text()): each["imageID"].text().rpartition("@")[2] for each in statuses
    }
    return {place: digest for place, digest in found.items() if digest}
