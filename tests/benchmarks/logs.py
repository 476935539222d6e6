"""Ten logs of 1,000 lines a second, over HTTP, merged: how much of a core that takes."""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

from kwatch.informer.clock import SystemClock
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.session.container_log import LogWish
from kwatch.session.log_pods import ChosenPods, LogChoice
from kwatch.session.logs import LogPlace, MergedLogs
from kwatch.session.session import Session
from kwatch.simulator.store import Store
from kwatch.view.log_lines import nano_timestamp
from tests.benchmarks.row import Row
from tests.cluster.samples import cluster_at
from tests.simulator.objects import pod
from tests.simulator.simulator_server import SimulatorServer
from tests.waiting import wait_until

LOGS, RATE, SECONDS = 10, 1_000, 10.0
PODS = Resource(GroupVersionResource("", "v1", "pods"), "Pod", True)
_BATCH = 0.01
_LINE = "GET /api/cart/items?page=2 HTTP/1.1 200 1234 0.012 trace_id=4bf92f3577b34da6a3ce929d0e0e4736"


class Chatter:
    """Every container writes a line a millisecond."""

    def logs(self, namespace: str, pod: str, container: str, previous: bool) -> list[str]:
        return []

    async def follow(self, namespace: str, pod: str, container: str) -> AsyncIterator[str]:
        began, written = time.time(), 0
        while True:
            due = int((time.time() - began) * RATE)
            for _ in range(due - written):
                yield f"{nano_timestamp(time.time_ns())} {_LINE}"
            written = due
            await asyncio.sleep(_BATCH)


def serve() -> None:
    """In a process of its own, until stdin ends."""
    store = Store()
    for number in range(LOGS):
        made: dict[str, Any] = pod(f"chatter-{number}")
        made["status"]["containerStatuses"] = [{"name": "web", "restartCount": 0, "state": {"running": {}}}]
        store.create(made, manager="test")
    with SimulatorServer(store, logs=Chatter()) as server:
        print(server.url, flush=True)
        sys.stdin.read()


def measure() -> list[Row]:
    command = [sys.executable, "-c", "from tests.benchmarks.logs import serve; serve()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None and server.stdin is not None
        url = server.stdout.readline().strip()
        session = Session(lambda: cluster_at(url))
        session.start()
        wait_until(lambda: session.names is not None)
        clock = SystemClock()
        pods = ChosenPods(session, [LogChoice(PODS, "shop")], clock)
        logs = MergedLogs([LogPlace(session.logs, pods)], LogWish(), clock, drops=False)
        wait_until(lambda: logs.state.reading == LOGS and bool(logs.take()))
        rows = _measure(logs)
        logs.close()
        session.close()
        server.stdin.close()
    return rows


def _measure(logs: MergedLogs) -> list[Row]:
    lines = disordered = 0
    latest, lags = 0, []
    began, used = time.monotonic(), _used()
    pause = threading.Event()
    while (elapsed := time.monotonic() - began) < SECONDS:
        pause.wait(0.05)
        taken = logs.take(100_000)
        lines += len(taken)
        for line in taken:
            disordered += line.at < latest
            latest = max(latest, line.at)
        if taken:
            lags.append(time.time() - taken[-1].at / 1e9)
    share = 100 * (_used() - used) / elapsed
    lags.sort()
    note = f"{lines / elapsed:,.0f} lines/s, {disordered:,} out of order"
    return [
        Row("logs: ten of 1,000 lines/s merged", share, "% of a core", "50", note),
        Row("logs: from written to shown, p95", lags[int(len(lags) * 0.95)] * 1000, "ms"),
    ]


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
