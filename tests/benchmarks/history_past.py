"""The way back: any version, the table as of a moment, steps, and how long an informer waits meanwhile."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from functools import partial

from kwatch.catalog.kinds.pods import PODS
from kwatch.history.as_of import AsOf
from kwatch.history.journal import Journal
from kwatch.informer.metadata import deletion_handling_key
from tests.benchmarks.changing_pods import changing_pods
from tests.benchmarks.row import Row

OBJECTS, DELTAS, VERSIONS = 10_000, 80_000, 1_000


def measure() -> list[Row]:
    """Everything is packed as small as it gets, and every object changed after the moment."""
    journal = Journal()
    sink = journal.sink("benchmark", "pods")
    for delta in changing_pods(OBJECTS, DELTAS):
        sink.on_delta(deletion_handling_key(delta.object), delta, None)
    journal.catch_up(compacted=True)
    past = journal.as_of("benchmark", "pods", sequence=OBJECTS + DELTAS // 2)
    assert journal.as_of("benchmark", "pods").move_to(past.sequence) == set(past.list_keys())
    rows = [*_versions(journal, past), *_tables(past), *_steps(past), _wait(journal, past)]
    journal.close()
    return rows


def _versions(journal: Journal, past: AsOf) -> list[Row]:
    chance = random.Random(1)
    keys = chance.sample(past.list_keys(), VERSIONS)
    versions = [chance.choice(journal.versions("benchmark", "pods", key)) for key in keys]
    seconds = sorted(_seconds(lambda version=version: journal.object_of(version).labels)[0] for version in versions)  # type: ignore[misc]
    return [
        Row("any version of any object, 99th percentile", seconds[VERSIONS * 99 // 100] * 1000, "ms", "5 or less"),
        Row(f"any version of any object, slowest of {VERSIONS:,}", seconds[-1] * 1000, "ms", "5 or less"),
    ]


def _tables(past: AsOf) -> list[Row]:
    rows = []
    for name, work in (
        (f"{OBJECTS:,} objects as of a moment", lambda: sum(1 for _ in past.objects())),
        ("the same with every column of every row", lambda: sum(len(PODS.read(obj)) for _, obj in past.objects())),
    ):
        wall, processor = min(_seconds(work) for _ in range(3))
        note = f"all changed since; {processor * 1000:.0f} of processor time"
        rows.append(Row(name, wall * 1000, "ms", "500 or less", note))
    return rows


def _steps(past: AsOf) -> list[Row]:
    here = past.sequence
    near = max(_seconds(partial(past.move_to, here + step))[0] for step in range(1, 50))
    far = max(_seconds(partial(past.move_to, sequence))[0] for sequence in (OBJECTS, OBJECTS + DELTAS, here))
    return [
        Row("a step from delta to delta, slowest of 49", near * 1000, "ms", "16 or less"),
        Row(f"a move over {DELTAS:,} deltas", far * 1000, "ms", "", "in slices, cancellable"),
    ]


def _wait(journal: Journal, past: AsOf) -> Row:
    """What an informer waits for the journal while tables are made, beyond the interpreter's own lock."""
    waits: list[float] = []
    done = threading.Event()

    def inform() -> None:
        while not done.wait(0.001):
            began = time.thread_time(), time.perf_counter()
            with journal._store.lock:
                waits.append(time.perf_counter() - began[1])

    informer = threading.Thread(target=inform)
    informer.start()
    for _ in past.objects():
        pass
    past.move_to(OBJECTS)
    journal.as_of("benchmark", "pods").move_to(past.sequence)
    done.set()
    informer.join()
    waits.sort()
    return Row(
        "an informer's wait for the journal meanwhile, 99th percentile",
        waits[len(waits) * 99 // 100] * 1000,
        "ms",
        "1 or less",
        f"slowest of {len(waits):,}: {waits[-1] * 1000:.1f}",
    )


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    began, processor = time.perf_counter(), time.thread_time()
    work()
    return time.perf_counter() - began, time.thread_time() - processor
