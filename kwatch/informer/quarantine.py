"""Objects that the cache could not take, kept with the reason, so that they are shown and not lost."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass

from kwatch.informer.clock import Clock
from kwatch.informer.delta import DeletedFinalStateUnknown
from kwatch.informer.kube_object import KubeObject, Unreadable
from kwatch.informer.metadata import name_of, namespace_of
from kwatch.informer.protocol import Object
from kwatch.informer.status import StatusRecorder

log = logging.getLogger("kwatch.informer.quarantine")

KEPT = 100
"""Objects that are kept; the ones before them are only counted."""
KEPT_BYTES = 8 << 20
"""The most bytes of them, but the last one is always kept."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One object: `at` in seconds since the epoch, `name` as far as it is known, `object` as it came."""

    at: float
    name: str
    reason: str
    object: Object | DeletedFinalStateUnknown

    @property
    def size(self) -> int:
        """Bytes that are kept of it."""
        obj = self.object
        if isinstance(obj, KubeObject):
            return obj.stored_size
        return len(obj.raw) if isinstance(obj, Unreadable) else 0

    @property
    def raw(self) -> bytes:
        """The bytes as they came; empty for an object that came without."""
        return self.object.raw if isinstance(self.object, KubeObject | Unreadable) else b""


class Quarantine:
    """Thread-safe. An object that arrives again replaces the one before."""

    def __init__(self, clock: Clock, recorder: StatusRecorder) -> None:
        self._clock = clock
        self._recorder = recorder
        self._lock = threading.Lock()
        self._objects: OrderedDict[str, Quarantined] = OrderedDict()

    def put(self, obj: Object | DeletedFinalStateUnknown, error: Exception | str) -> None:
        name = _name(obj)
        reason = str(error) or type(error).__name__
        with self._lock:
            self._recorder.quarantined += 1
            self._objects[name or f"#{self._recorder.quarantined}"] = Quarantined(self._clock.time(), name, reason, obj)
            kept = sum(each.size for each in self._objects.values())
            while len(self._objects) > KEPT or (kept > KEPT_BYTES and len(self._objects) > 1):
                kept -= self._objects.popitem(last=False)[1].size
        self._recorder.error("quarantine", f"{name or 'an object without a name'}: {reason}")
        log.warning("quarantined %s: %s", name or "an object without a name", reason)

    def objects(self) -> tuple[Quarantined, ...]:
        """Oldest first."""
        with self._lock:
            return tuple(self._objects.values())


def _name(obj: Object | DeletedFinalStateUnknown) -> str:
    if isinstance(obj, DeletedFinalStateUnknown):
        return obj.key
    try:
        return f"{namespace_of(obj)}/{name_of(obj)}".strip("/")
    except Exception:  # noqa: BLE001 - a Mapping of the user's may do anything, and is here because it did
        return ""
