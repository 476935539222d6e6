"""10,000 pods of 7.7 KB from a flat-out loopback stream into a synced cache."""

from __future__ import annotations

from tests.benchmarks.contenders import run
from tests.benchmarks.flat_out import FlatOut
from tests.benchmarks.row import Row

PODS = 10_000


def measure() -> list[Row]:
    """kwatch beside reading the same bytes and doing nothing, and beside kubernetes.informer, in one run."""
    with FlatOut(PODS) as server:
        floor = min((run("floor", server.url, "0") for _ in range(3)), key=lambda figures: figures["sync"])
        ours = min((run("kwatch_informer", server.url, "0") for _ in range(3)), key=lambda figures: figures["sync"])
        theirs = run("kubernetes_informer", server.url, str(PODS), "0")
    return [
        Row("sync 10,000 pods: reading and doing nothing", floor["sync"], "s", note="best of 3"),
        Row("sync 10,000 pods: kwatch.informer", ours["sync"], "s", note="best of 3"),
        Row("sync 10,000 pods: kubernetes.informer", theirs["sync"], "s"),
        Row("sync: kwatch / doing nothing", ours["sync"] / floor["sync"], "times", "5"),
        Row("sync: kubernetes.informer / kwatch", theirs["sync"] / ours["sync"], "times", "10 or more"),
        Row("memory growth: kwatch.informer", ours["growth"], "MB", "60"),
        Row("memory growth: kubernetes.informer", theirs["growth"], "MB"),
    ]
