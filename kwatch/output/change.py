"""One thing to print: what a delta or a gap means to a reader of a stream."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.catalog.kind import Kind
from kwatch.informer.delta import DeletedFinalStateUnknown, Delta, DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import ADDED, DELETED, MODIFIED, Object
from kwatch.informer.resource import Resource


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """An object appeared (ADDED), changed (MODIFIED) or went (DELETED, with its last known state)."""

    type: str
    resource: Resource
    kind: Kind
    object: KubeObject
    old: KubeObject | None
    at: float
    """When it was received, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing was watched between these moments, in seconds since the epoch."""

    resource: Resource
    since: float
    until: float
    cause: str


def change_of(resource: Resource, kind: Kind, delta: Delta, old: Object | None) -> ObjectChange | None:
    """What to print for a delta; None where nothing happened: a resync, a relist that found the same version."""
    thing = delta.object
    if isinstance(thing, DeletedFinalStateUnknown):
        thing = thing.object if thing.object is not None else old  # type: ignore[assignment]
    if not isinstance(thing, KubeObject):
        return None
    before = old if isinstance(old, KubeObject) else None
    if delta.type is DeltaType.DELETED:
        return ObjectChange(DELETED, resource, kind, thing, before, delta.received_at)
    if delta.type is DeltaType.SYNC:
        return None
    if before is None:
        return ObjectChange(ADDED, resource, kind, thing, None, delta.received_at)
    if before.resource_version == thing.resource_version:
        return None
    return ObjectChange(MODIFIED, resource, kind, thing, before, delta.received_at)
