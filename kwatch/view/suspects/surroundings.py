"""What is known around an object that fails, what had been related to it included: objects that are gone, or that were
otherwise before they changed, are in caches that are asked as those of what is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kwatch.catalog.indices import indexers_for
from kwatch.history.coverage import Scope
from kwatch.history.journal import Journal
from kwatch.history.version import Version
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource

LONG_AGO = 86_400.0
"""Seconds before now from which on what is gone, or only reconstructed, is no evidence any more."""
_FOLLOW = frozenset(
    {"pods", "replicasets", "controllerrevisions", "jobs", "events", "endpoints", "endpointslices", "leases"}
)
"""They come and go with others, which tell more."""
_WHOSE_RELATIONS_CHANGE = frozenset({"rolebindings", "clusterrolebindings", "networkpolicies", "services"})
"""They name what they are about, and may have named something else before."""
_MOST = 2000
"""Of one resource, the newest."""


TITLES: Mapping[str, tuple[str, float]] = {
    "controlled by": ("its owner", 1.0),
    "owned by": ("its owner", 1.0),
    "uses": ("what it uses", 1.0),
    "mounts": ("what it mounts", 1.0),
    "bound to": ("its volume", 0.8),
    "class": ("its class", 0.8),
    "runs as": ("its service account", 0.8),
    "runs on": ("its node", 0.7),
    "scaled by": ("what scales it", 0.7),
    "scales": ("what it scales", 0.9),
    "limited by": ("the quota of its namespace", 0.8),
    "guarded by": ("a network policy", 0.6),
    "node": ("a node", 0.6),
    "selects": ("what it selects", 0.8),
    "of service": ("its owner", 1.0),
    "leads to": ("what it uses", 0.9),
    "certificate": ("what it uses", 0.9),
    "granted by": ("what it may do", 0.8),
    "grants": ("what it may do", 0.8),
    "in": ("its namespace", 0.8),
    "changes pods": ("a webhook that changes pods", 0.5),
}
"""By the titles of relations: what it is to the object, and how closely that is related. Others explain nothing."""


@dataclass(frozen=True, slots=True)
class RelatedObject:
    """`obj` None: it is named, or it was there, and is not. `was`: how it was when it was related, if it is not now."""

    relation: str
    resource: Resource
    key: str
    obj: KubeObject | None
    closeness: float
    was: KubeObject | None = None

    @property
    def states(self) -> tuple[KubeObject, ...]:
        """As it is, and as it was."""
        return tuple(each for each in (self.obj, self.was) if each is not None)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around an object when it is asked."""

    subject: RelatedObject
    failing: RelatedObject
    """What is looked at: the object itself, or a pod of it that fails."""
    objects: tuple[RelatedObject, ...]
    events: tuple[KubeObject, ...]
    workload: RelatedObject | None
    kept: tuple[KubeObject, ...]
    """What keeps the templates of the workload."""
    pods: tuple[KubeObject, ...]
    """The pods of the workload."""
    jobs: tuple[KubeObject, ...]
    """The jobs of a cron job."""
    unknown: tuple[str, ...]
    """Resources whose answer is not there, with why: not listed yet, or refused."""
    asked: AbstractSet[tuple[Resource, Scope]] = frozenset()
    """What answered."""


class FormerObjects:
    """For one moment, used by one thread. `until` is the sequence of that moment; None is now."""

    def __init__(self, journal: Journal, context: str, now: float, until: int | None = None) -> None:
        self._journal = journal
        self._context = context
        self._since = now - LONG_AGO
        self._until = until
        self._caches: dict[Resource, Indexer[KubeObject]] = {}

    def cache(self, resource: Resource) -> Indexer[KubeObject]:
        """Those of a resource as they were last before they went, or first before they changed."""
        if resource not in self._caches:
            made = self._caches[resource] = Indexer(indexers=indexers_for(resource))
            for version in self._versions(resource):
                obj = self._journal.object_or_none(version)
                if obj is not None:
                    made.put(version.key, obj)
        return self._caches[resource]

    def _versions(self, resource: Resource) -> Iterator[Version]:
        if resource.name in _FOLLOW:
            return
        name = str(resource)
        changed = resource.name in _WHOSE_RELATIONS_CHANGE
        found = self._journal.former(self._context, name, self._until, changed=changed)
        recent = [each for each in found if not each.departed and (not each.deleted or each.at >= self._since)]
        yield from sorted(recent, key=lambda each: each.at)[-_MOST:]
