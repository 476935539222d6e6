"""From the process's start to what a person sees."""

from __future__ import annotations

import statistics
import time

from tests.benchmarks.program import start
from tests.benchmarks.row import Row

ROUNDS = 5


def measure() -> list[Row]:
    """Medians of a few starts of `kwatch demo`."""
    frames, rows = zip(*(_once() for _ in range(ROUNDS)), strict=True)
    return [
        Row("kwatch demo: frame and header", statistics.median(frames) * 1000, "ms", "500", f"{ROUNDS} starts"),
        Row("kwatch demo: first rows", statistics.median(rows) * 1000, "ms", "1500", f"{ROUNDS} starts"),
    ]


def _once() -> tuple[float, float]:
    began = time.perf_counter()
    with start("demo") as terminal:
        terminal.wait_for("kwatch")
        frame = time.perf_counter() - began
        terminal.wait_for("Running")
        rows = time.perf_counter() - began
        terminal.press("q")
        terminal.wait_for_exit()
    return frame, rows
