"""What a million deltas take, from fewer of them: as many of each object, of fewer objects."""

from __future__ import annotations

import gc
import time

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
    processor = before = 0.0
    for number, delta in enumerate(changing_pods(OBJECTS, DELTAS)):
        if number == OBJECTS:
            gc.collect()
            before = resident()
        assert isinstance(delta.object, KubeObject)
        cache[delta.object.key] = delta.object
        began = time.thread_time()
        sink.on_delta(delta, None)
        processor += time.thread_time() - began
        if number % 10_000 == 0:
            journal.catch_up()
    journal.catch_up(compacted=True)
    gc.collect()
    growth, kept = resident() - before, journal.bytes / 2**20
    assert journal.evicted.versions == 0
    journal.close()
    scale, note = MILLION / DELTAS, f"from {DELTAS:,} of {OBJECTS:,} pods"
    return [
        Row("journalling a delta, in the informer's thread", processor / (OBJECTS + DELTAS) * 1e6, "us"),
        Row("memory for 1,000,000 deltas of 7.7 KB pods", growth * scale, "MB", "400 or less", note),
        Row("the same by the journal's own books", kept * scale, "MB", "within 15 %", note),
    ]
