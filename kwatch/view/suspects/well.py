"""When a workload was well before it failed: what it worked with for a while is hardly the cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from kwatch.base.timestamp import time_or_none
from kwatch.catalog.tree import Tree
from kwatch.history.journal import Journal
from kwatch.history.version import Version
from kwatch.informer.kube_object import KubeObject
from kwatch.view.rollouts import tree_or_none
from kwatch.view.suspects.evidence import Evidence
from kwatch.view.suspects.failure import condition, is_ready, maker, started
from kwatch.view.suspects.surroundings import RelatedObject, Surroundings

LONG_ENOUGH = 60.0
"""Seconds for which something must have been well to count."""
_WITH = 5.0
"""Seconds after a workload up to which something was created with it."""
_FEW_PODS = 5
"""Pods of one template that stand for all."""
_MOST_VERSIONS = 50
"""Versions that are looked at of one object, the last before it failed."""
_CONFIG = frozenset({"configmaps", "secrets", "serviceaccounts"})
"""Resources that pods take as they are when they start."""
ObjectOf = Callable[[Version], KubeObject | None]


class Spell(NamedTuple):
    """A time without a pause, in seconds since the epoch."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class WellTimes:
    """Up to when a workload began to fail."""

    born: float | None = None
    """When it was created."""
    workload: tuple[Spell, ...] = ()
    """When all its replicas were made from its newest template, and ready."""
    by_template: dict[str, tuple[Spell, ...]] = field(default_factory=dict)
    """When pods were ready, by the hash of the template that they were made from."""

    def after_rollout(self, hash_of: str, at: float) -> float:
        """Seconds for which it worked after a rollout."""
        return _longest((*self.workload, *self.by_template.get(hash_of, ())), at)

    def in_all(self) -> float:
        spells = (*self.workload, *(each for spells in self.by_template.values() for each in spells))
        return _longest(spells, self.born) if self.born is not None else 0.0


def is_whole(workload: Tree) -> bool:
    """Whether all replicas that are wanted are made from its newest template, and ready, and there are no others."""
    status, spec = workload["status"], workload["spec"]
    if status["observedGeneration"].number() < workload.at("metadata", "generation").number():
        return False
    if "desiredNumberScheduled" in (status.value or {}):
        wanted = status["desiredNumberScheduled"].number()
        names: tuple[str, ...] = ("updatedNumberScheduled", "numberReady")
    else:
        wanted = 1 if spec["replicas"].value is None else spec["replicas"].number()
        names = ("replicas", "updatedReplicas", "readyReplicas")
    return wanted > 0 and all(status[name].number() == wanted for name in names)


def spells(
    versions: Sequence[Version], object_of: ObjectOf, is_well: Callable[[KubeObject], bool], until: float
) -> Iterator[Spell]:
    """When an object was well, as it was seen."""
    start: float | None = None
    for version, after in pairwise((*[each for each in versions if each.at < until][-_MOST_VERSIONS:], None)):
        assert version is not None, "only what comes after the last is missing"
        obj = None if version.deleted else object_of(version)
        if obj is None or not is_well(obj):
            start = None
            continue
        start = version.at if start is None else start
        yield Spell(start, min(after.at, until) if after is not None else until)


def proved_spell(workload: Tree, until: float, skew: float) -> Iterator[Spell]:
    """What the conditions of a deployment say: since when its newest template was rolled out wholly, and up to when
    enough of its pods were available.
    """
    progressing, available = (condition(workload["status"], name) for name in ("Progressing", "Available"))
    done = time_or_none(progressing["lastUpdateTime"].value)
    if done is None or progressing["reason"].text() != "NewReplicaSetAvailable":
        return
    left = time_or_none(available["lastTransitionTime"].value)
    lost = left + skew if left is not None and available["status"].text() == "False" else until
    if done + skew < min(lost, until):
        yield Spell(done + skew, min(lost, until))


def ready_spell(pod: KubeObject, until: float, skew: float) -> Iterator[Spell]:
    """What a pod says that is ready: since when."""
    ready = condition(Tree(tree_or_none(pod))["status"], "Ready")
    since = time_or_none(ready["lastTransitionTime"].value) if ready["status"].text() == "True" else None
    if since is not None and since + skew < until:
        yield Spell(since + skew, until)


def is_pod_ready(pod: KubeObject) -> bool:
    return is_ready(Tree(tree_or_none(pod)))


class WellReader:
    """For one moment, used by one thread."""

    def __init__(self, journal: Journal | None, context: str, until: int | None = None) -> None:
        self._journal = journal
        self._context = context
        self._until = until

    def judged(self, here: Surroundings, evidence: Iterable[Evidence], onset: float, skew: float) -> Iterator[Evidence]:
        """With how long the workload worked after each change. `skew`: so much is the server's clock behind."""
        given, workload = [*evidence], here.workload
        tree = tree_or_none(workload.obj) if workload is not None else None
        if workload is None or workload.obj is None or tree is None:
            return iter(given)
        place = (str(workload.resource), workload.key)
        born = time_or_none(workload.obj.creation_timestamp)
        seen = self._spells(*place, lambda each: is_whole(Tree(tree_or_none(each))), onset)
        hashes = {maker(pod) for pod in here.pods} | {each.template_hash for each in given if each.rollout is not None}
        times = WellTimes(
            born + skew if born is not None else None,
            (*seen, *proved_spell(Tree(tree), onset, skew)),
            {each: tuple(self._of_pods(here, each, onset, skew)) for each in hashes if each},
        )
        return with_well_times(given, times, place)

    def _of_pods(self, here: Surroundings, template: str, onset: float, skew: float) -> Iterator[Spell]:
        """When pods of a template were ready, those that are gone included."""
        there = sorted((pod for pod in here.pods if maker(pod) == template), key=started)[:_FEW_PODS]
        for pod in there:
            for spell in ready_spell(pod, onset, skew):
                yield spell
                if spell.end - spell.start >= LONG_ENOUGH:
                    return  # the oldest has been ready for longest
        workload = here.workload
        gone: list[str] = []
        if workload is not None and not self._was_seen(workload, onset):  # else its own status tells
            made_by = (f"{workload.key}-{template}", workload.key)
            gone = [key for each in made_by for key in self._gone.get(each, ())[-_FEW_PODS:]]
        for key in (*(pod.key for pod in there), *gone):
            yield from self._spells("pods", key, lambda pod: maker(pod) == template and is_pod_ready(pod), onset)

    def _was_seen(self, workload: RelatedObject, before: float) -> bool:
        versions = self._journal.versions(self._context, str(workload.resource), workload.key) if self._journal else ()
        return bool(versions) and versions[0].at < before

    def _spells(self, resource: str, key: str, is_well: Callable[[KubeObject], bool], onset: float) -> Iterator[Spell]:
        journal, until = self._journal, self._until
        if journal is None:
            return iter(())
        versions = journal.versions(self._context, resource, key)
        upto = [each for each in versions if until is None or each.sequence <= until]
        return spells(upto, journal.object_or_none, is_well, onset)

    @cached_property
    def _gone(self) -> Mapping[str, Sequence[str]]:
        """The keys of pods that are not there any more, by what made them."""
        found: dict[str, list[str]] = {}
        for version in self._journal.former(self._context, "pods", self._until) if self._journal is not None else ():
            found.setdefault(version.key.rpartition("-")[0], []).append(version.key)
        return found


def with_well_times(evidence: Iterable[Evidence], times: WellTimes, workload: tuple[str, str]) -> Iterator[Evidence]:
    """With how long the workload, a resource and a key, worked after each change. Of what pods take as they are when
    they start, a rollout shows it that came after the change.
    """
    given = [*evidence]
    rolled = [each for each in given if each.rollout is not None and each.at is not None]
    worked = {id(each): times.after_rollout(each.template_hash, each.at) for each in rolled if each.at is not None}
    for each in given:
        if each.at is None or each.expired:
            yield each
        elif each.rollout is not None:
            yield _worked(each, worked[id(each)])
        elif times.born is not None and each.at <= times.born + _WITH:
            yield replace(_worked(each, times.in_all()), was_before=True)
        elif (each.resource, each.key) == workload:
            yield _worked(each, _longest(times.workload, each.at))
        elif each.resource in _CONFIG:
            later = (worked[id(other)] for other in rolled if other.at is not None and other.at > each.at + 1)
            yield _worked(each, max(later, default=0.0))
        else:
            yield each


def _worked(evidence: Evidence, seconds: float) -> Evidence:
    return replace(evidence, worked=seconds) if seconds >= LONG_ENOUGH else evidence


def _longest(found: Iterable[Spell], after: float) -> float:
    return max((end - max(start, after) for start, end in found), default=0.0)
