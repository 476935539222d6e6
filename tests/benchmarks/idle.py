"""What watching costs while nothing changes."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.benchmarks.program import start
from tests.benchmarks.row import Row

SECONDS = 60


def measure() -> list[Row]:
    """CPU of the kwatch process alone, without the simulator's."""
    with start("demo", "--rate", "0") as terminal:
        terminal.wait_for("Running")
        time.sleep(3)
        before = _cpu_seconds(terminal.process.pid)
        time.sleep(SECONDS)
        used = _cpu_seconds(terminal.process.pid) - before
        terminal.press("q")
        terminal.wait_for_exit()
    return [Row(f"CPU over {SECONDS} s when nothing changes", used / SECONDS * 100, "% of one", "3")]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
