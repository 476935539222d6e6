"""`python -m tests.benchmarks soak_screen`: a quarter of an hour of 100 changes a second among 10,000 objects, on the
screen; then what the process grew by, against what the program itself says that history takes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.program import start
from tests.benchmarks.row import Row
from tests.end_to_end.terminal import Terminal

OBJECTS, RATE, SECONDS = 10_000, 100, 900.0
WARM_UP = 4_000
"""Changes after which what is bounded is full: what came last is kept as it came, in 12 MB, and split, in 16 MB."""
LOOK_EVERY = 10.0
_BOOKS = re.compile(r"history ([\d.,]+ .?B) of .*?, ([\d,]+) versions?.*?index ([\d.,]+ .?B)", re.DOTALL)
_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}


def measure(seconds: float = SECONDS) -> list[Row]:
    """Growth after the warm-up."""
    command = [sys.executable, "-m", "kwatch.simulator", "--objects", str(OBJECTS), "--rate", str(RATE), "--seed", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as simulator:
        try:
            assert simulator.stdout is not None
            kubeconfig = json.loads(simulator.stdout.readline())["kubeconfig"]
            with start("pods", "-A", "--kubeconfig", kubeconfig) as terminal:
                terminal.wait_for("Running", 60)
                while (before := _taken(terminal))[-1] < OBJECTS + WARM_UP:
                    time.sleep(LOOK_EVERY)
                began = time.monotonic()
                time.sleep(seconds)
                after = _taken(terminal)
                seconds = time.monotonic() - began
        finally:
            simulator.terminate()
    resident, history, index, versions = (end - begin for begin, end in zip(before, after, strict=True))
    note = f"{versions:,.0f} changes in {seconds:.0f} s"
    return [
        Row("soak on the screen: memory growth after warm-up", resident, "MB", "what the books say", note),
        Row(
            "of that, by the program's own books",
            history + index,
            "MB",
            "",
            f"history {history:.1f}, index {index:.1f}",
        ),
        Row("growth beyond the books", resident - history - index, "MB", "8 or less"),
        Row("memory in the end", after[0], "MB"),
    ]


def _taken(terminal: Terminal) -> tuple[float, float, float, float]:
    """Megabytes that are resident, of history, of its index, by the screen of informers; and its versions."""
    terminal.press(*":informers", "enter")
    text = terminal.wait_for(lambda text: _BOOKS.search(" ".join(text.split())), 20)
    found = _BOOKS.search(" ".join(text.split()))
    assert found is not None
    terminal.press("escape")
    history, versions, index = found.groups()
    return _resident(terminal.process.pid), _megabytes(history), _megabytes(index), float(versions.replace(",", ""))


def _megabytes(text: str) -> float:
    number, unit = text.split()
    return float(number.replace(",", "")) * _UNITS[unit] / 2**20


def _resident(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise OSError("the program has ended")
