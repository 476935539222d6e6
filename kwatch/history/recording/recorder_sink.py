"""The informer's way into a recording: what of its deltas is recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kwatch.informer.delta import DeletedFinalStateUnknown, Delta, DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import resource_version_of
from kwatch.informer.protocol import Object


@dataclass(frozen=True, slots=True)
class Seen:
    """A delta of a stream, with its object or the last that was known of it."""

    stream: int
    resource: str
    delta: Delta
    object: KubeObject
    inferred: bool


@dataclass(frozen=True, slots=True)
class Unwatched:
    """A time when a stream was not watched, or not recorded, in seconds since the epoch."""

    stream: int
    since: float
    until: float
    cause: str


class RecorderSink:
    """Hands what one informer sees to the recorder."""

    def __init__(self, stream: int, resource: str, put: Callable[[Seen | Unwatched], None]) -> None:
        self._stream = stream
        self._resource = resource
        self._put = put

    def on_delta(self, delta: Delta, old: Object | None) -> None:
        """Record a delta; resyncs and versions that were there already are none."""
        if delta.type is DeltaType.SYNC:
            return
        thing = delta.object
        inferred = isinstance(thing, DeletedFinalStateUnknown)
        last = thing.object if isinstance(thing, DeletedFinalStateUnknown) else thing
        obj = last if last is not None else old
        if obj is None:
            return
        whole = obj if isinstance(obj, KubeObject) else KubeObject.of(obj)
        if delta.type is DeltaType.REPLACED and old is not None and resource_version_of(old) == whole.resource_version:
            return
        self._put(Seen(self._stream, self._resource, delta, whole, inferred))

    def on_gap(self, since: float, until: float, cause: str) -> None:
        """Record that nothing was watched between these moments."""
        self._put(Unwatched(self._stream, since, until, cause))
