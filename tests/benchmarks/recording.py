"""A recording: its size, opening it, and going to a moment in it."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from kwatch.history.recording.reader import Recording
from kwatch.history.recording.recorder import Recorder
from kwatch.informer.metadata import deletion_handling_key
from kwatch.informer.resource import GroupVersionResource, Resource
from tests.benchmarks.changing_pods import changing_pods
from tests.benchmarks.row import Row

PODS = Resource(GroupVersionResource("", "v1", "pods"), "Pod", True)
OBJECTS, DELTAS, HOUR, RATE = 1_000, 90_000, 360_000, 100.0


def measure() -> list[Row]:
    """A quarter of an hour of 1,000 pods at 100 changes a second; the size for a whole one is four times that."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tape.kwatch"
        _record(path)
        size = path.stat().st_size / 1e6
        began = time.perf_counter()
        recording = Recording(path)
        opened = time.perf_counter() - began
        start, end = recording.span
        seeks = [_seek(recording, start + (end - start) * part / 10) for part in range(11)]
        assert recording.count == OBJECTS + DELTAS
        assert recording.problems == []
        recording.close()
    note = f"from {DELTAS:,} changes of {OBJECTS:,} pods"
    return [
        Row("a recording of an hour at 100 events/s", size * HOUR / DELTAS, "MB", "100 or less", note),
        Row("opening a recording", opened * 1000, "ms"),
        Row("going to a moment in a recording, slowest of 11", max(seeks) * 1000, "ms"),
    ]


def _record(path: Path) -> None:
    recorder = Recorder(path)
    sink = recorder.sink("benchmark", PODS)
    for number, delta in enumerate(changing_pods(OBJECTS, DELTAS, rate=RATE), 1):
        sink.on_delta(deletion_handling_key(delta.object), delta, None)
        while number - recorder.records > 20_000:
            time.sleep(0.01)
    recorder.close()
    assert recorder.stopped == ""


def _seek(recording: Recording, moment: float) -> float:
    began = time.perf_counter()
    assert len(recording.state_at(moment)) == OBJECTS
    return time.perf_counter() - began
