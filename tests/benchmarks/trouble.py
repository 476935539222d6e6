"""A server that refuses, one that is silent, and an object that typed models reject."""

from __future__ import annotations

from tests.benchmarks.contenders import run
from tests.benchmarks.row import Row
from tests.benchmarks.scripted import Scripted, no_headers, one_odd_pod, watches_refused

SECONDS = 10


def measure() -> list[Row]:
    """kwatch.informer and kubernetes.informer, one after the other."""
    rows: list[Row] = []
    for which in ("kwatch", "kubernetes"):
        with Scripted(watches_refused) as server:
            run("endurance", which, server.url, str(SECONDS))
            rows.append(Row(f"requests in {SECONDS} s of watches refused (503): {which}", server.requests, "requests"))
        with Scripted(one_odd_pod) as server:
            figures = run("endurance", which, server.url, "3")
            rows.append(Row(f"cached of 100 pods, one odd: {which}", figures["objects"], "objects"))
        with Scripted(no_headers) as server:
            figures = run("endurance", which, server.url, "3")
            note = "given up after 10 s" if figures["stop"] > 9.9 else ""
            rows.append(Row(f"stop while a watch waits for headers: {which}", figures["stop"] * 1000, "ms", note=note))
    return rows
