"""What was there and is not any more, and how things were before they changed: in caches that are asked as those of
what is there, so that what had been related to an object is found.
"""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.indices import indexers_for
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
                try:
                    made.put(version.key, self._journal.object_of(version))
                except KeyError:
                    continue  # it had to make room
        return self._caches[resource]

    def _versions(self, resource: Resource) -> Iterator[Version]:
        if resource.name in _FOLLOW:
            return
        name = str(resource)
        changed = resource.name in _WHOSE_RELATIONS_CHANGE
        found = self._journal.former(self._context, name, self._until, changed=changed)
        recent = [each for each in found if not each.departed and (not each.deleted or each.at >= self._since)]
        yield from sorted(recent, key=lambda each: each.at)[-_MOST:]
