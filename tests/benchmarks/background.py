"""What the background watch costs beside a table of 10,000 pods: kwatch with it and without, in turn."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.idle import _cpu_seconds
from tests.benchmarks.program import start
from tests.benchmarks.row import Row

PODS, ROUNDS = 10_000, 3
SETTLED, QUIET = 20.0, 30.0
"""Seconds until all is listed and read, and in which nothing happens after it."""


class Cost(NamedTuple):
    """Of one run: seconds, seconds of a processor, MB, per cent of a core, seconds."""

    rows: float
    sync: float
    resident: float
    quiet: float
    quit: float


def measure() -> list[Row]:
    """Of the kwatch process alone, all threads; nothing changes in the cluster. Medians."""
    taken = [(_cost("--no-background"), _cost()) for _ in range(ROUNDS)]
    without, with_ = (Cost(*map(statistics.median, zip(*each, strict=True))) for each in zip(*taken, strict=True))
    more = (with_.sync / without.sync - 1) * 100
    of = f"{without.sync:.2f} s without, {with_.sync:.2f} s with"
    return [
        Row(f"background: more CPU during the sync of {PODS:,} pods", more, "%", "25", of),
        Row(
            "background: more memory", with_.resident - without.resident, "MB", "40", f"{with_.resident:.0f} MB in all"
        ),
        Row("background: first rows", with_.rows, "s", "", f"{without.rows:.2f} s without"),
        Row("background: CPU while nothing changes", with_.quiet, "% of one", "0.5", f"{without.quiet:.2f} % without"),
        Row("background: quit", with_.quit, "s", "0.3", f"{without.quit:.2f} s without"),
    ]


def _cost(*words: str) -> Cost:
    with start("demo", "--objects", str(PODS), "--rate", "0", "-A", *words) as terminal:
        # The simulated cluster takes its time; what comes after its first rows is kwatch's.
        began = time.monotonic()
        terminal.wait_for("Running")
        rows = time.monotonic() - began
        time.sleep(SETTLED)
        sync, resident = _cpu_seconds(terminal.process.pid), _resident(terminal.process.pid)
        time.sleep(QUIET)
        quiet = (_cpu_seconds(terminal.process.pid) - sync) / QUIET * 100
        pressed = time.monotonic()
        terminal.press("q")
        terminal.wait_for_exit()
        return Cost(rows, sync, resident, quiet, time.monotonic() - pressed)


def _resident(pid: int) -> float:
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) / 1024
