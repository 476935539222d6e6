"""How long quitting takes, from the key's byte to the end of the process, from wherever one is."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.program import start
from tests.benchmarks.row import Row
from tests.end_to_end.terminal import Terminal

ROUNDS = 3
SIZES = (10, 10_000)
REACH = "300"
REST = 1.0
"""Seconds in which what the last key began comes to its end."""


def measure() -> list[Row]:
    """Of each place the median."""
    rows = [_row("kwatch demo, the simulator included", 10, [_demo() for _ in range(ROUNDS)])]
    for size in SIZES:
        with _simulator(size) as kubeconfig:
            for place, go in PLACES.items():
                rows.append(_row(place, size, [_quit(kubeconfig, go) for _ in range(ROUNDS)]))
            rows.append(_row("kwatch record, by Ctrl-C", size, [_record(kubeconfig) for _ in range(ROUNDS)]))
    return rows


def _row(place: str, size: int, times: list[float]) -> Row:
    return Row(f"quit: {place}, {size:,} pods", statistics.median(times) * 1000, "ms", REACH, f"{ROUNDS} times")


@contextmanager
def _simulator(objects: int) -> Iterator[str]:
    """The path of its kubeconfig."""
    command = [sys.executable, "-m", "kwatch.simulator", "--objects", str(objects), "--rate", "50", "--seed", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as simulator:
        try:
            assert simulator.stdout is not None
            yield json.loads(simulator.stdout.readline())["kubeconfig"]
        finally:
            simulator.terminate()


def _ended(terminal: Terminal, key: str = "ctrl+c") -> float:
    """Seconds from the key to the end."""
    began = time.perf_counter()
    terminal.press(key)
    terminal.wait_for_exit()
    return time.perf_counter() - began


def _demo() -> float:
    with start("demo") as terminal:
        terminal.wait_for("Running")
        return _ended(terminal, "q")


def _quit(kubeconfig: str, go: Callable[[Terminal], object]) -> float:
    with start("pods", "-A", "--kubeconfig", kubeconfig) as terminal:
        go(terminal)
        return _ended(terminal)


def _record(kubeconfig: str) -> float:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "it.kwatch"
        with start("record", str(file), "pods", "-A", "--kubeconfig", kubeconfig) as terminal:
            while not file.exists() or file.stat().st_size < 1000:
                time.sleep(0.05)
            return _ended(terminal)


def _listed(terminal: Terminal) -> None:
    terminal.wait_for(lambda text: "Running" in text and "live" in text, 180)
    time.sleep(REST)


def _object(tab: str, seen: str) -> Callable[[Terminal], object]:
    def go(terminal: Terminal) -> None:
        _listed(terminal)
        terminal.press("enter", tab)
        terminal.wait_for(seen)
        time.sleep(REST)

    return go


def _filter(terminal: Terminal) -> None:
    _listed(terminal)
    terminal.press("/", "ap")
    terminal.wait_for("ap")


def _syncing(terminal: Terminal) -> None:
    terminal.wait_for(lambda text: "syncing" in text or "Running" in text, 180)


PLACES: Mapping[str, Callable[[Terminal], object]] = {
    "the table": _listed,
    "an object": _object("d", "Overview"),
    "its timeline": _object("T", "Timeline"),
    "its log": _object("l", "Logs"),
    "the filter, in the middle of a word": _filter,
    "while it syncs": _syncing,
}
