"""Many failing objects by their cause: what fails alike is ranked once, so that ten thousand pods of a few hundred
workloads are a few hundred rankings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kwatch.catalog.names import ResourceNames
from kwatch.history.journal import Journal
from kwatch.view.relations.related import CacheOf
from kwatch.view.suspects.failure import FailingObject, Failure, likeness
from kwatch.view.suspects.gathering import Asking
from kwatch.view.suspects.ranking import Suspect
from kwatch.view.suspects.reading import EvidenceReader
from kwatch.view.suspects.surroundings import FormerObjects

_OF_CLUSTER = ("webhook", "storageclass")
"""Kinds that a server names as the cause and that have no namespace."""


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
        what = evidence.relation if evidence.rollout is not None else evidence.resource
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
    is_whole: bool = False,
    is_stopped: Callable[[], bool] = lambda: False,
) -> tuple[CauseGroup, ...]:
    """The groups, the largest first; every object is in one of them, unless it `is_stopped` before it is done.

    `cache_of` is called in this thread, and returns None for what is not there, which is then named in `unknown`: on
    screen that of `RelationCaches(session, only_running=True)`. `is_whole`: all that fails is given, so that no other
    pod need be looked at; else one may stand for all that have its owner. Objects with the same owner and the same kind
    of reason are ranked once, by the oldest of them. `now` and `until`, a sequence, are the moment that is looked at.
    """
    former = FormerObjects(journal, context, now, until) if journal is not None else None
    asking, reader = Asking(names, cache_of, former=former), EvidenceReader(journal, context, now, until)
    given = [*failing]
    alike: dict[tuple[str, str], list[int]] = {}
    failing_as: dict[str, set[str]] = {}
    for place, each in enumerate(given):
        owner, how = likeness(each)
        alike.setdefault((owner, how), []).append(place)
        failing_as.setdefault(how, set()).add(each.obj.key)
    groups: dict[tuple[object, ...], list[int]] = {}
    firsts: dict[tuple[object, ...], tuple[Suspect | None, Failure]] = {}
    for (_, how), batch in alike.items():
        if is_stopped():
            break
        oldest = min((given[place] for place in batch), key=lambda each: each.obj.creation_timestamp)
        here = asking.surroundings(oldest.resource, oldest.obj, now)
        is_known = is_whole and here.failing is here.subject
        found = reader.found(here, failing_as[how] if is_known else None)
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


def _identity(suspect: Suspect | None, namespace: str) -> tuple[object, ...] | None:
    """The same for one cause whoever it is a suspect of."""
    if suspect is None:
        return None
    evidence, said = suspect.evidence, suspect.statement
    if evidence is None:
        is_of_cluster = said is not None and said.kind in _OF_CLUSTER
        return suspect.what, "" if is_of_cluster else namespace
    number = evidence.rollout.number if evidence.rollout is not None else 0
    return evidence.resource, evidence.key, number, evidence.sequence, evidence.at
