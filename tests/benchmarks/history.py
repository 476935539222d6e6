"""What it costs to forget nothing. Wall time and, where others share the machine, processor time."""

from __future__ import annotations

from statistics import median

from tests.benchmarks import history_memory, history_past, recording
from tests.benchmarks.contenders import run
from tests.benchmarks.flat_out import FlatOut
from tests.benchmarks.row import Row

PODS, CHANGES, PAIRS = 2_000, 60_000, 5


def measure() -> list[Row]:
    """The cost on ingest, then memory, the past and recordings of what is fed directly."""
    return [*_ingest(), *history_memory.measure(), *history_past.measure(), *recording.measure()]


def _ingest() -> list[Row]:
    """With and without by turns, until the background work is done: one pair says little."""
    with FlatOut(PODS, CHANGES) as server:
        arguments = (server.url, str(PODS), str(CHANGES))
        pairs = [
            (run("kwatch_history", *arguments, "none"), run("kwatch_history", *arguments, "history"))
            for _ in range(PAIRS)
        ]
    costs = sorted(100 * (1 - with_["rate"] / without["rate"]) for without, with_ in pairs)
    processor = sorted(100 * (1 - without["processor"] / with_["processor"]) for without, with_ in pairs)
    rate = median(with_["rate"] for _, with_ in pairs)
    note = f"median of {PAIRS} pairs, "
    return [
        Row("changes with full history, background work included", rate, "/s", "", f"median of {PAIRS}"),
        Row("cost of full history", median(costs), "%", "35 or less", note + f"{costs[0]:.0f} to {costs[-1]:.0f}"),
        Row(
            "cost of full history, by processor time",
            median(processor),
            "%",
            "35 or less",
            note + f"{processor[0]:.0f} to {processor[-1]:.0f}",
        ),
    ]
