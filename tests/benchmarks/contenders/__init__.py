"""Programs that do the same work in different ways, each in a process of its own, so that memory can be compared."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def run(contender: str, *arguments: str, timeout: float = 300.0) -> dict[str, float]:
    """The figures a contender prints: seconds, megabytes, or counts."""
    command = [sys.executable, "-m", f"tests.benchmarks.contenders.{contender}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def resident() -> float:
    """Megabytes of this process that are in memory."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise OSError("no VmRSS in /proc/self/status")
