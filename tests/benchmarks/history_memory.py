"""What a million deltas take, from fewer of them: as many of each object, of fewer objects."""

from __future__ import annotations

import gc
import time

from kwatch.base.allocator import give_back_free_memory
from kwatch.history.journal import Journal
from kwatch.informer.kube_object import KubeObject
from tests.benchmarks.changing_pods import changing_pods
from tests.benchmarks.contenders import resident
from tests.benchmarks.row import Row

OBJECTS, DELTAS, MILLION = 2_000, 200_000, 1_000_000


def measure() -> list[Row]:
    """Memory by what the system says and by what the journal says, and the sink's share of the informer's time."""
    journal = Journal()
    sink = journal.sink("benchmark", "pods")
    cache: dict[str, KubeObject] = {}
    taken: list[tuple[float, float]] = []
    processor = 0.0
    for number, delta in enumerate(changing_pods(OBJECTS, DELTAS)):
        if number in (OBJECTS, OBJECTS + DELTAS // 2):
            taken.append(_taken(journal))
        assert isinstance(delta.object, KubeObject)
        cache[delta.object.key] = delta.object
        began = time.thread_time()
        sink.on_delta(delta.object.key, delta, None)
        processor += time.thread_time() - began
        if number % 10_000 == 0:
            journal.catch_up()
    taken.append(_taken(journal))
    assert journal.evicted.versions == 0
    journal.close()
    # The first half grows by what deltas take and by what is taken once; the second may find room that was left.
    (start, _), (half, books_at_half), (end, books) = taken
    each = max(end - half, books - books_at_half) * 2 / DELTAS
    million = max(0.0, half - start - each * DELTAS / 2) + each * MILLION
    note = f"from {DELTAS:,} of {OBJECTS:,} pods"
    return [
        Row("journalling a delta, in the informer's thread", processor / (OBJECTS + DELTAS) * 1e6, "us"),
        Row("memory for 1,000,000 deltas of 7.7 KB pods", million, "MB", "400 or less", note),
        Row("of that, by the journal's own books", books * MILLION / DELTAS, "MB", "", "what its budget bounds"),
        Row("memory of the process / the journal's books", (end - start) / books, "times", "", note),
    ]


def _taken(journal: Journal) -> tuple[float, float]:
    """Megabytes by what the system says, and by what the journal says, when everything is packed."""
    journal.catch_up(compacted=True)
    gc.collect()
    give_back_free_memory()
    return resident(), journal.bytes / 2**20
