"""The books of memory: what is counted on a sample is what Python has allocated."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tracemalloc
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kwatch.base.limits import LIMIT
from kwatch.history.journal import Journal
from kwatch.informer import Indexer, KubeObject, standard_indexers
from kwatch.informer.clock import SystemClock
from kwatch.informer.packing import FreshObjects, ObjectPacker
from kwatch.session import memory
from kwatch.session.memory import Books, Economy, books
from kwatch.session.metrics import Measurements, UsagePool
from kwatch.tui.features.informers_screen import memory_words
from kwatch.view.usage import Amount

COUNT = 4000


def pod(number: int) -> bytes:
    app = f"web-{number % 40}"
    owner = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "name": f"web-{number % 40}",
        "uid": f"uid-{number % 40:032}",
    }
    metadata: dict[str, Any] = {
        "name": f"{app}-{number:x}",
        "namespace": f"ns-{number % 20}",
        "uid": f"{number:036}",
        "resourceVersion": str(100_000 + number),
        "creationTimestamp": f"2026-11-23T03:47:{number % 60:02}Z",
        "labels": {"app": app, "tier": f"tier-{number % 4}"},
        "ownerReferences": [owner],
    }
    spec = {"nodeName": f"node-{number % 50}", "containers": [{"name": "web", "image": f"web:{number * 7919 % 1000}"}]}
    return json.dumps({"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": spec}).encode()


def counted_and_allocated() -> tuple[int, int]:
    """Bytes by the books, and by Python."""
    raw = [pod(number) for number in range(COUNT)]
    empty = books([], [], None)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        packer, indexer = ObjectPacker(), Indexer[KubeObject](indexers=standard_indexers())
        objects = [KubeObject(each) for each in raw]
        del raw
        for obj in objects:
            packer.pack(obj)
        indexer.put_all([(obj.key, obj) for obj in objects])
        del objects, obj
        gc.collect()
        allocated = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    found = books([indexer], [], None)
    counted = found.objects - empty.objects + found.indexes
    fresh = sum(len(pod(number)) for number in range(COUNT))
    # What came last is kept unpacked too: it was allocated before.
    return counted - fresh, allocated


def test_objects_and_indexes_are_counted_as_they_are_allocated() -> None:
    """In a process of its own: what other tests have left in caches is allocated already, or makes them grow."""
    program = "from tests.session.test_memory import counted_and_allocated; print(*counted_and_allocated())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    counted, allocated = map(int, done.stdout.split())
    assert abs(counted - allocated) < 0.1 * allocated


def test_history_is_in_them() -> None:
    journal = Journal()
    assert books([], [], journal).history == journal.bytes + journal.index_bytes
    journal.close()


def test_what_they_say() -> None:
    found = Books(152_000_000, 62_000_000, 31_000_000, 0, 99_000_000, 68_000_000, 420_000_000)
    assert memory_words(found) == (
        "memory 420 MB: objects 152 MB, indexes 62 MB, rows 31 MB, history 99 MB, the program itself 68 MB, "
        "free in between 8.0 MB"
    )
    assert memory_words(Books(objects=1_000_000)) == "memory by count: objects 1.0 MB"


def test_measurements_are_in_them() -> None:
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        measured = Measurements()
        for _ in range(3):
            found = ((f"shop/web-{number:06}", Amount(0.5, 2.0)) for number in range(5000))
            measured = measured.followed_by(found, {})
        allocated = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert abs(measured.bytes - allocated) < 0.15 * allocated
    pool = UsagePool(lambda path: b"", SystemClock())
    assert books([], [], None, [pool]).measurements == pool.bytes == 0
    assert "measurements 2.0 MB" in memory_words(Books(measurements=2_000_000))


def test_at_the_limit_history_goes_first_then_search_texts_then_what_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = 500_000_000
    monkeypatch.setattr(memory, "resident", lambda: taken)
    monkeypatch.setattr(LIMIT, "bytes", 400_000_000)
    monkeypatch.setattr(LIMIT, "is_tight", False)
    monkeypatch.setattr(LIMIT, "is_spent", False)
    monkeypatch.setattr(LIMIT, "spare", 0)
    fresh = FreshObjects()
    monkeypatch.setattr(memory, "FRESH", fresh)
    limits: list[int] = []

    class Full:
        budget_bytes, bytes = 256_000_000, 200_000_000

        def limit(self, budget_bytes: int) -> None:
            limits.append(budget_bytes)
            self.bytes = self.budget_bytes = budget_bytes

    journal = cast("Journal", Full())
    row = SimpleNamespace(known_search_text="web")
    economy = Economy()
    said = [economy.look(journal, lambda: [row], 10.0 * look) for look in range(1, 8)]
    assert limits == [100_000_000, memory.LEAST_HISTORY]
    assert LIMIT.spare == 0
    assert (row.known_search_text, LIMIT.is_tight) == (None, True)
    words = [each.partition(": ")[2] for each in said if each]
    assert [each.split()[0] for each in words] == ["history", "the", "every", "what"]
    assert LIMIT.is_spent
    taken = 300_000_000
    assert economy.look(journal, lambda: [row], 100.0) == ""
    assert not LIMIT.is_spent


def test_without_a_limit_nothing_is_given_up() -> None:
    assert LIMIT.bytes == 0
    assert Economy().look(None, list, 10.0) == ""
