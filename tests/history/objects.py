"""Objects and deltas for the tests of history."""

from __future__ import annotations

import gc
import itertools
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from kwatch.history.packing import Keyframe
from kwatch.informer.delta import DeletedFinalStateUnknown, Delta, DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.sink import Sink


def pod(name: str = "web", version: int = 1, *, uid: str = "u1", namespace: str = "shop", **status: Any) -> KubeObject:
    """A small pod; `status` as keywords."""
    return KubeObject.of(
        {
            "metadata": {"name": name, "namespace": namespace, "uid": uid, "resourceVersion": str(version)},
            "spec": {"containers": [{"name": "web", "image": "web:1"}]},
            "status": dict(status),
        }
    )


def bytes_behind(*roots: object, without: Iterable[object] = ()) -> int:
    """What everything that can be reached takes, by its own word, in the steps in which it is allocated: but not the
    objects that the cache holds, nor what is in `without`.
    """
    seen = {id(each) for each in without}
    waiting, found = list(roots), 0
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, (type, ModuleType, KubeObject)):
            continue
        seen.add(id(each))
        found += -sys.getsizeof(each) // 16 * -16
        # A Keyframe is none of the collector's business, and so tells it of nothing.
        waiting += [each.packed] if isinstance(each, Keyframe) else gc.get_referents(each)
    return found


class Feeder:
    """Feeds a sink as an informer would, and keeps what the cache would hold."""

    _sequences = itertools.count(1)

    def __init__(self, sink: Sink, at: float = 1000.0) -> None:
        self.sink = sink
        self.at = at
        self.cache: dict[str, KubeObject] = {}

    def feed(self, type_: DeltaType, obj: KubeObject, *, sequence: int | None = None) -> int:
        """One delta; returns its sequence. Time goes on by a second."""
        number = next(self._sequences) if sequence is None else sequence
        self.at += 1.0
        old = self.cache.get(obj.key)
        if type_ is DeltaType.DELETED:
            self.cache.pop(obj.key, None)
        else:
            self.cache[obj.key] = obj
        self.sink.on_delta(obj.key, Delta(type_, obj, number, self.at), old)
        return number

    def add(self, obj: KubeObject) -> int:
        """ADDED."""
        return self.feed(DeltaType.ADDED, obj)

    def update(self, obj: KubeObject) -> int:
        """UPDATED."""
        return self.feed(DeltaType.UPDATED, obj)

    def replace(self, obj: KubeObject) -> int:
        """REPLACED, by a list."""
        return self.feed(DeltaType.REPLACED, obj)

    def delete(self, obj: KubeObject) -> int:
        """DELETED."""
        return self.feed(DeltaType.DELETED, obj)

    def tombstone(self, key: str) -> int:
        """A deletion that was missed."""
        number = next(self._sequences)
        self.at += 1.0
        old = self.cache.pop(key)
        self.sink.on_delta(key, Delta(DeltaType.DELETED, DeletedFinalStateUnknown(key, old), number, self.at), old)
        return number
