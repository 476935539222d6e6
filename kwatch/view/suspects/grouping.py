"""Many failing objects by what may have caused it: ranked once for those that fail alike and have one owner.

Ten thousand pods of a few hundred workloads are a few hundred rankings, over what is read once of what they share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from kwatch.catalog.names import ResourceNames
from kwatch.history.journal import Journal
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.view.relations.related import CacheOf
from kwatch.view.suspects.failure import Failure
from kwatch.view.suspects.gathering import Asking
from kwatch.view.suspects.ranking import Suspect
from kwatch.view.suspects.reading import EvidenceReader

_OF_CLUSTER = ("webhook", "storageclass")
"""Kinds that a server names as the cause and that have no namespace."""


class FailingObject(NamedTuple):
    """`reason` as the health of its kind words it: what comes before the first colon says how it fails."""

    resource: Resource
    obj: KubeObject
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CauseGroup:
    """What one cause explains. `failure` and `suspect` are those of the object that stands for the group."""

    suspect: Suspect | None
    """The likeliest cause; None where nothing that is known explains them."""
    failure: Failure
    objects: tuple[FailingObject, ...]
    """In the order in which they were given."""
    unknown: tuple[str, ...]
    """Resources that could not be asked, so that a cause among them is not found."""

    @property
    def words(self) -> str:
        """The cause on one line: `rollout 3 of Deployment shop/web: containers[web].image 1 -> 2`."""
        suspect = self.suspect
        if suspect is None:
            return f"nothing known: {self.failure.kind.value}"
        evidence = suspect.evidence
        if evidence is None:
            return suspect.what
        what = evidence.relation if evidence.number else evidence.resource
        return f"{what} {evidence.key}: {suspect.what}"


def group_by_cause(
    failing: Iterable[FailingObject],
    names: ResourceNames,
    cache_of: CacheOf,
    journal: Journal | None,
    context: str,
    now: float,
    until: int | None = None,
    *,
    is_stopped: Callable[[], bool] = lambda: False,
) -> tuple[CauseGroup, ...]:
    """The groups, the largest first; every object is in one of them, unless it `is_stopped` before it is done.

    For a thread of its own: about 0.1 s a thousand objects. `cache_of` is called in that thread, and returns None for
    what is not there; that is then named in `unknown`. On screen it is that of `RelationCaches(session,
    only_running=True)`, which opens nothing that is not watched anyway.

    Objects with the same owner and the same kind of reason are ranked once, by the oldest of them. `now` is the moment
    that is looked at, in seconds since the epoch, and `until` its sequence in the journal; None for the present.
    """
    asking, reader = Asking(names, cache_of), EvidenceReader(journal, context, now, until)
    given = [*failing]
    alike: dict[tuple[str, str], list[int]] = {}
    for place, each in enumerate(given):
        alike.setdefault(_likeness(each), []).append(place)
    groups: dict[tuple[object, ...], list[int]] = {}
    firsts: dict[tuple[object, ...], tuple[Suspect | None, Failure]] = {}
    for batch in alike.values():
        if is_stopped():
            break
        oldest = min((given[place] for place in batch), key=lambda each: each.obj.creation_timestamp)
        found = reader.found(asking.surroundings(oldest.resource, oldest.obj, now))
        suspect = found.suspects[0] if found.suspects and found.is_failing else None
        cause = _identity(suspect, oldest.obj.namespace) or (found.failure.kind,)
        groups.setdefault(cause, []).extend(batch)
        firsts.setdefault(cause, (suspect, found.failure))
    unknown = tuple(sorted(asking.unknown))
    made = [
        CauseGroup(*firsts[cause], tuple(given[place] for place in sorted(places)), unknown)
        for cause, places in groups.items()
    ]
    return tuple(sorted(made, key=lambda group: -len(group.objects)))


def _likeness(failing: FailingObject) -> tuple[str, str]:
    """What objects have in common that fail for one reason: the owner, else themselves, and the kind of reason. Each
    replica set has a template of its own.
    """
    obj = failing.obj
    owner = next((each.uid for each in obj.owners if each.controller), "")
    if not owner or failing.resource.name == "replicasets":
        owner = obj.uid or f"{failing.resource} {obj.key}"
    return owner, failing.reason.partition(":")[0]


def _identity(suspect: Suspect | None, namespace: str) -> tuple[object, ...] | None:
    """The same for one cause whoever it is a suspect of."""
    if suspect is None:
        return None
    evidence, said = suspect.evidence, suspect.statement
    if evidence is None:
        is_of_cluster = said is not None and said.kind in _OF_CLUSTER
        return suspect.what, "" if is_of_cluster else namespace
    return evidence.resource, evidence.key, evidence.number, evidence.sequence, evidence.at
