"""`python -m tests.benchmarks soak_briefly`: the same as soak_screen, in two minutes."""

from __future__ import annotations

from tests.benchmarks import soak_screen
from tests.benchmarks.row import Row


def measure() -> list[Row]:
    """Growth after the warm-up."""
    return soak_screen.measure(100.0)
