"""Several clusters at once: going back to a context seen before, keys while all change in one table, and quitting.

`python -m tests.benchmarks.contexts [--contexts N] [--objects N] [--rate N] [--times N] [--cores N]` prints one line a
figure. Each context is a simulated cluster of its own; `--rate` is the changes a second of all together, `--cores` how
many cores kwatch may use. On a machine that does other work the figures to read are those without the time in which
the screen's thread waited for a core.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.compare.cluster import Simulated
from tests.benchmarks.compare.measuring import memory, processor_seconds
from tests.benchmarks.keys import KINDS, Answer, Pressed, measure_kind
from tests.benchmarks.row import Row

CONTEXTS, OBJECTS, RATE, TIMES, CORES = 5, 10_000, 150.0, 200, 1
KEYS = ("row", "scroll", "page", "letter")
_PARTS = 50, 90, 99
_SETTLED = 8.0
"""Seconds in which what came last comes to rest."""
_PAUSE = 1.0
"""Seconds between two switches."""
_STYLE = re.compile(rb"\x1b\[[\d;]*m")


@contextlib.contextmanager
def clusters(count: int, objects: int) -> Iterator[tuple[Sequence[Simulated], Path]]:
    """So many, and a kubeconfig of which each is a context."""
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(Simulated(objects)) for _ in range(count)]
        path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kwatch-benchmark-"))) / "kubeconfig"
        path.write_text(json.dumps(_united([Path(each.kubeconfig) for each in running])))
        yield running, path


def _name(number: int) -> str:
    return f"cluster-{number + 1}"


def _united(paths: Sequence[Path]) -> dict[str, Any]:
    """One kubeconfig of several that name one cluster each."""
    found: dict[str, list[Any]] = {"clusters": [], "users": [], "contexts": []}
    for number, path in enumerate(paths):
        tree, name = json.loads(path.read_text()), _name(number)
        found["clusters"].append(tree["clusters"][0] | {"name": name})
        found["users"].append(tree["users"][0] | {"name": name})
        context = tree["contexts"][0]["context"] | {"cluster": name, "user": name}
        found["contexts"].append({"name": name, "context": context})
    return {"apiVersion": "v1", "kind": "Config", "current-context": _name(0), **found}


@contextlib.contextmanager
def on_screen(kubeconfig: Path, contexts: Sequence[str], cores: int) -> Iterator[Pressed]:
    """All pods of these contexts, from so many cores on."""
    command = [sys.executable, "-m", "kwatch", "-A", "--kubeconfig", str(kubeconfig), "--context", ",".join(contexts)]
    with tempfile.TemporaryDirectory(prefix="kwatch-benchmark-") as home:
        env = {**os.environ, "HOME": home, "KWATCH_CONFIG": str(Path(home) / "config")}
        env.pop("PYTHONDONTWRITEBYTECODE", None)  # who installs kwatch has it compiled: a start takes half as long
        with Pressed(command, env=env) as driver:
            os.sched_setaffinity(driver.pid, sorted(os.sched_getaffinity(0))[-cores:])
            yield driver


def switch(driver: Pressed, name: str, longest: float = 5.0) -> Answer:
    """Enter after `:ctx NAME`, answered by the first rows below that name."""
    driver.press(":")
    driver.press(f"ctx {name}", quiet=0.3)
    driver.read_for(_PAUSE)
    shown = re.compile(rb"%s \xe2\x80\xba.*Running" % name.encode(), re.DOTALL)
    answer = driver.press("enter", lambda data: shown.search(_STYLE.sub(b"", data)), longest=longest)
    if answer is None:
        raise TimeoutError(f"there are no rows of {name} after {longest} s:\n{driver.text()}")
    return answer


def measure(
    contexts: int = CONTEXTS, objects: int = OBJECTS, rate: float = RATE, times: int = TIMES, cores: int = CORES
) -> list[Row]:
    """Milliseconds of each, processor and memory; five contexts of 10,000 pods by default."""
    names = [_name(number) for number in range(contexts)]
    with clusters(contexts, objects) as (running, kubeconfig):
        for each in running:
            each.change(rate / contexts)
        with on_screen(kubeconfig, names[:1], cores) as driver:
            rows = _switches(driver, names[:2], objects, times // 8)
        with on_screen(kubeconfig, names, cores) as driver:
            return rows + _keys(driver, f"{contexts} × {objects:,} pods", rate, times)


def _switches(driver: Pressed, names: Sequence[str], objects: int, times: int) -> list[Row]:
    for name in names:
        switch(driver, name, 60.0)
        driver.read_for(_SETTLED)
    took = [switch(driver, names[number % len(names)]) for number in range(times)]
    return _rows(f"{objects:,} pods, to a context seen before", took, "33")


def _keys(driver: Pressed, what: str, rate: float, times: int) -> list[Row]:
    driver.wait_for("Running", 120)
    driver.read_for(2 * _SETTLED)
    rows = []
    before, began = processor_seconds(driver.pid), time.perf_counter()
    driver.read_for(_SETTLED)
    used = (processor_seconds(driver.pid) - before) / (time.perf_counter() - began) * 100
    rows.append(Row(f"contexts: {what}, {rate:g} changes/s, CPU", used, "% of one"))
    for name in KEYS:
        answers = measure_kind(driver, KINDS[name], times)
        rows += _rows(f"{what}, {rate:g} changes/s, {name}", answers, "16")
    rows.append(Row(f"contexts: {what}, resident", memory(driver.pid, "VmRSS"), "MB"))
    return [*rows, Row(f"contexts: {what}, quit", _quit(driver) * 1000, "ms", "300")]


def _quit(driver: Pressed) -> float:
    """Seconds from Ctrl-C to when nothing can be written any more."""
    began = time.perf_counter()
    driver.press("ctrl+c", lambda data: False, longest=20.0)
    if not driver.has_ended:
        raise TimeoutError(f"it has not ended after 20 s:\n{driver.text()}")
    return time.perf_counter() - began


def _rows(name: str, answers: Sequence[Answer], reach: str) -> list[Row]:
    note = f"{len(answers)} times, load {os.getloadavg()[0]:.0f}"
    rows = []
    for words, seconds in (
        ("", [each.first for each in answers]),
        (", without waiting for a core", [each.first - each.waited for each in answers]),
    ):
        cuts = statistics.quantiles(seconds, n=100, method="inclusive")
        rows += [Row(f"contexts: {name}, p{at}{words}", cuts[at - 1] * 1000, "ms", reach, note) for at in _PARTS]
    return rows


def main() -> None:
    """Print one line a figure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.contexts", description=__doc__)
    parser.add_argument("--contexts", type=int, default=CONTEXTS)
    parser.add_argument("--objects", type=int, default=OBJECTS)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--cores", type=int, default=CORES)
    given = parser.parse_args()
    for row in measure(given.contexts, given.objects, given.rate, given.times, given.cores):
        print(f"{row.name:<90} {row.value:8.1f} {row.unit}  {row.note}")


if __name__ == "__main__":
    main()
