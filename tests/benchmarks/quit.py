"""How long quitting takes."""

from __future__ import annotations

import statistics
import time

from tests.benchmarks.program import start
from tests.benchmarks.row import Row

ROUNDS = 5


def measure() -> list[Row]:
    """From the key to the end of the process, simulator included."""
    times = [_once() for _ in range(ROUNDS)]
    return [Row("quit: from the key to the shell", statistics.median(times) * 1000, "ms", "1000", f"{ROUNDS} times")]


def _once() -> float:
    with start("demo") as terminal:
        terminal.wait_for("Running")
        began = time.perf_counter()
        terminal.press("q")
        terminal.wait_for_exit()
        return time.perf_counter() - began
