"""Nothing that changed is forgotten, nothing is drained twice."""

from __future__ import annotations

import threading

from kwatch.informer.delta import DeletedFinalStateUnknown, Delta, DeltaType
from kwatch.session.dirty_set import DirtySet
from tests.session.fake_cluster import thing


def delta(kind: DeltaType, name: str) -> Delta:
    return Delta(kind, thing(name), 1, 0.0)


def test_drain_takes_what_gathered() -> None:
    dirty = DirtySet()
    dirty.on_delta(delta(DeltaType.ADDED, "a"), None)
    dirty.on_delta(delta(DeltaType.UPDATED, "a"), None)
    dirty.on_delta(Delta(DeltaType.DELETED, DeletedFinalStateUnknown("shop/b", None), 2, 0.0), None)
    dirty.on_gap(0.0, 1.0, "silence")
    assert dirty.drain() == {"shop/a", "shop/b"}
    assert dirty.drain() == frozenset()


def test_a_resync_changes_nothing() -> None:
    dirty = DirtySet()
    dirty.on_delta(delta(DeltaType.SYNC, "a"), None)
    assert len(dirty) == 0


def test_keys_that_come_while_draining_are_not_lost() -> None:
    dirty = DirtySet()
    seen: set[str] = set()
    names = [f"pod-{number}" for number in range(2000)]
    deltas = [delta(DeltaType.ADDED, name) for name in names]

    def write() -> None:
        for each in deltas * 10:
            dirty.on_delta(each, None)

    writing = threading.Thread(target=write)
    writing.start()
    while writing.is_alive():
        seen |= dirty.drain()
    seen |= dirty.drain()
    assert seen == {f"shop/{name}" for name in names}
