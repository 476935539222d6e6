"""What watching costs while nothing changes, and while 150 objects a second do: processor time of kwatch alone."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.benchmarks.program import start
from tests.benchmarks.row import Row

SECONDS = 60
PODS, CHANGES = 10_000, 150


def measure() -> list[Row]:
    """CPU of the kwatch process alone, without the simulator's; all threads, nothing pressed."""
    changes = ("--objects", str(PODS), "--rate", str(CHANGES), "-A")
    return [
        Row(f"CPU over {SECONDS} s when nothing changes", _share("--rate", "0"), "% of one", "0.5"),
        Row(f"CPU at {CHANGES} changes/s over {PODS:,} rows", _share(*changes), "% of one", "10"),
    ]


def _share(*words: str) -> float:
    """Per cent of a core, once all is listed and read."""
    with start("demo", *words) as terminal:
        terminal.wait_for("Running")
        time.sleep(3 if "0" in words else 20)
        before = _cpu_seconds(terminal.process.pid)
        time.sleep(SECONDS)
        used = _cpu_seconds(terminal.process.pid) - before
        terminal.press("q")
        terminal.wait_for_exit()
    return used / SECONDS * 100


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
