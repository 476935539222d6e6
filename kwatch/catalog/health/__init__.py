"""What is wrong with an object, in words: crash loops, images that cannot be pulled, claims that stay unbound.

An Assessment is made once a version of an object, and holds at any time: what turns into a problem, or ceases to be
one, only because time passes says when. A rule reads the shape of its kind (`kinds`) and yields Problems; it stands in
the file of its family, and its place in `_RULES`. A family is imported when one of its kinds is first assessed.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import Level
from kwatch.catalog.shapes import ConditionsOnly, WholeObject, read_shape
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource

log = logging.getLogger("kwatch.catalog.health")

_RULES = {
    ("", "endpoints"): "cluster.ENDPOINTS",
    ("", "events"): "cluster.EVENTS",
    ("", "namespaces"): "cluster.NAMESPACES",
    ("", "nodes"): "cluster.NODES",
    ("", "persistentvolumeclaims"): "cluster.CLAIMS",
    ("", "persistentvolumes"): "cluster.VOLUMES",
    ("", "pods"): "workloads.PODS",
    ("", "replicationcontrollers"): "workloads.REPLICATION_CONTROLLERS",
    ("", "resourcequotas"): "cluster.RESOURCE_QUOTAS",
    ("", "services"): "cluster.SERVICES",
    ("apiregistration.k8s.io", "apiservices"): "cluster.API_SERVICES",
    ("apps", "daemonsets"): "workloads.DAEMON_SETS",
    ("apps", "deployments"): "workloads.DEPLOYMENTS",
    ("apps", "replicasets"): "workloads.REPLICA_SETS",
    ("apps", "statefulsets"): "workloads.STATEFUL_SETS",
    ("autoscaling", "horizontalpodautoscalers"): "cluster.AUTOSCALERS",
    ("batch", "cronjobs"): "workloads.CRON_JOBS",
    ("batch", "jobs"): "workloads.JOBS",
    ("certificates.k8s.io", "certificatesigningrequests"): "cluster.SIGNING_REQUESTS",
    ("discovery.k8s.io", "endpointslices"): "cluster.ENDPOINT_SLICES",
    ("events.k8s.io", "events"): "cluster.NEW_EVENTS",
    ("policy", "poddisruptionbudgets"): "cluster.DISRUPTION_BUDGETS",
    ("storage.k8s.io", "volumeattachments"): "cluster.ATTACHMENTS",
}

DELETING_AFTER = 300.0
"""Seconds after which a deletion hangs."""
_LONGEST = 240
UNMET_AFTER = 60.0
_WANTED = frozenset({"Ready", "Available", "Healthy", "Established", "NamesAccepted", "Synced", "Reconciled"})
_UNWANTED = frozenset({"Degraded", "Stalled", "Failed", "Failure", "Error", "Dangling"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. It counts from `since` until `until`, in seconds since the epoch; None is unlimited."""

    reason: str
    level: Level = Level.BAD
    since: float | None = None
    until: float | None = None

    def counts_at(self, now: float) -> bool:
        return (self.since is None or self.since <= now) and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Assessment:
    """Every problem, the worst first."""

    problems: tuple[Problem, ...] = ()

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Assessment:
        """Sort them; those of one level stay in order."""
        found = tuple(sorted(problems, key=lambda problem: problem.level is not Level.BAD))
        return cls(found) if found else HEALTHY

    def at(self, now: float) -> Problem | None:
        """The worst problem at a moment (seconds since the epoch)."""
        return next((problem for problem in self.problems if problem.counts_at(now)), None)

    def all_at(self, now: float) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.counts_at(now))

    def coming_at(self, now: float) -> tuple[Problem, ...]:
        """What is none yet at a moment, and will be one if the object stays as it is."""
        return tuple(problem for problem in self.problems if problem.since is not None and problem.since > now)

    @property
    def is_timed(self) -> bool:
        return any(problem.since is not None or problem.until is not None for problem in self.problems)

    def next_due(self, now: float) -> float | None:
        """When the answer may change though the object does not; None for never."""
        moments = (moment for problem in self.problems for moment in (problem.since, problem.until))
        first = min((moment for moment in moments if moment is not None and moment > now), default=math.inf)
        return None if math.isinf(first) else first


HEALTHY = Assessment()


def sentence(*parts: str | None) -> str:
    """`unschedulable: 0/3 nodes are available`: what is known, joined, in one line of bearable length."""
    text = ": ".join([" ".join(part.split()) for part in parts if part])
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def after(start: float | None, seconds: float) -> float | None:
    """The moment so long after a start; at once where the start is unknown."""
    return None if start is None else start + seconds


class Rule(NamedTuple):
    """What is read of an object, and what is found in it. `own_deletion`: the rule looks at deletions itself."""

    shape: type[Any]
    find: Callable[[Any], Iterable[Problem]]
    own_deletion: bool = False


def assess(resource: Resource, obj: KubeObject) -> Assessment:
    """Find what is or may become wrong with the object; what cannot be read is not held against it."""
    rule = _rule(_RULES.get((resource.group, resource.name)))
    found: list[Problem] = []
    try:
        shaped = read_shape(obj, rule.shape)
        if not rule.own_deletion:
            found.extend(_find_stuck_deletion(shaped))
        for problem in rule.find(shaped):
            found.append(problem)
    except (TypeError, ValueError, AttributeError, LookupError, RecursionError) as error:
        log.debug("%s %s cannot be judged further: %s", resource, obj.key, error)
    return Assessment.of(found)


class AnyObject(WholeObject, frozen=True):
    status: ConditionsOnly | None = None


def _find_bad_conditions(obj: AnyObject) -> Iterator[Problem]:
    """Conditions that should hold and do not, and those that hold and should not: the rule of all other kinds."""
    for condition in (obj.status.conditions if obj.status else None) or ():
        unmet = condition.type in _WANTED and condition.status == "False"
        if unmet or (condition.type in _UNWANTED and condition.status == "True"):
            word = f"not {condition.type}" if unmet else condition.type
            reason = sentence(word, condition.reason, condition.message)
            yield Problem(reason, Level.WARNING, since=after(condition.changed, UNMET_AFTER))


def _find_stuck_deletion(obj: WholeObject) -> Iterator[Problem]:
    deleted = parse_time(obj.metadata.deletion_timestamp)
    if deleted is not None:
        keepers = ", ".join(obj.metadata.finalizers or ())
        reason = sentence("being deleted for too long", f"waits for {keepers}" if keepers else None)
        yield Problem(reason, since=deleted + DELETING_AFTER)


_ANY = Rule(AnyObject, _find_bad_conditions)


@cache
def _rule(place: str | None) -> Rule:
    if place is None:
        return _ANY
    module, constant = place.split(".")
    rule: Rule = getattr(import_module(f"{__name__}.{module}"), constant)
    return rule
