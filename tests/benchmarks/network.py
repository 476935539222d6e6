"""What compression costs and what it saves, at each speed of the network: 10,000 pods of 7.5 KB as a streaming list.

The server writes at a pace that the kernel keeps, so this runs on Linux only, and compresses while it writes, as
kube-apiserver does: at level 1, a gzip member a flush.
"""

from __future__ import annotations

from statistics import median

from tests.benchmarks.contenders import run
from tests.benchmarks.flat_out import FlatOut
from tests.benchmarks.row import Row

PODS = 10_000
MEGABITS = (50, 200, 500, 1000, 0)
"""A second; 0 is as fast as loopback goes."""
RUNS = 3


def measure() -> list[Row]:
    """Seconds to a synced cache, plain and compressed in turn, and the CPU time of the client; medians."""
    rows: list[Row] = []
    for megabits in MEGABITS:
        with FlatOut(PODS, megabits=megabits) as server:
            pairs = [[run("kwatch_informer", server.url, "0", how) for how in ("plain", "gzip")] for _ in range(RUNS)]
        speed = f"{megabits:,} Mbit/s" if megabits else "loopback"
        for how, figures in zip(("plain", "gzip"), zip(*pairs, strict=True), strict=True):
            sync, cpu = (median(each[figure] for each in figures) for figure in ("sync", "cpu"))
            rows.append(Row(f"sync 10,000 pods at {speed}, {how}", sync, "s", note=f"{cpu:.2f} s of CPU"))
    return rows
