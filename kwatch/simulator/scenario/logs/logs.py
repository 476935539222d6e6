"""The log of a container: nothing is stored, every line follows from the container's id and the line's number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from random import Random
from typing import Any

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.kubelet.behaviour import Behaviour
from kwatch.simulator.scenario.kubelet.report import statuses_of
from kwatch.simulator.scenario.logs.languages import LANGUAGES, Writer
from kwatch.simulator.scenario.objects.kube import POD, Object
from kwatch.simulator.scenario.timestamps import seconds, timestamp
from kwatch.simulator.scenario.world import Key, World

_MOST_LINES = 1_500
"""A node rotates logs: of an old container only the last lines are left."""
_POLL = 0.25
_SHORTEST_WORK = 15.0
"""What failed in less time than this failed while it started."""


class Logs:
    """Reads the logs of pods."""

    def __init__(self, world: World, behaviour: Behaviour) -> None:
        self._world = world
        self._behaviour = behaviour

    def lines(self, pod: Object, container: str, *, previous: bool) -> list[str]:
        """All lines up to now; raises LookupError if the container has not run."""
        status = statuses_of(pod).get(container)
        state = _last_run(status, previous=previous)
        if status is None or state is None:
            raise LookupError(container)
        log = _ContainerLog(pod, status, state, self._writer(pod, container), self._world.now())
        return log.lines(_MOST_LINES)

    async def follow(self, key: Key, container: str) -> AsyncIterator[str]:
        """Lines from now on, until the container ends or its pod is gone."""
        pod = self._world.get(POD, key)
        status = statuses_of(pod).get(container) if pod else None
        if pod is None or status is None or "running" not in status["state"]:
            return
        identity = status["containerID"]
        since = self._world.now()
        while True:
            await asyncio.sleep(_POLL)
            current = self._world.get(POD, key)
            status = statuses_of(current).get(container) if current else None
            if current is None or status is None or status.get("containerID") != identity:
                return
            state = _last_run(status, previous=False)
            if state is None:
                return
            log = _ContainerLog(current, status, state, self._writer(current, container), self._world.now())
            for line in log.lines_after(since):
                yield line
            since = self._world.now()
            if "running" not in status["state"]:
                return

    def _writer(self, pod: Object, container: str) -> Writer:
        main = pod["spec"]["containers"][0]["name"]
        return LANGUAGES[self._behaviour.language(pod) if container == main else "kube"]


def _last_run(status: dict[str, Any] | None, *, previous: bool) -> dict[str, Any] | None:
    """The state (running or terminated) of the run that is asked for."""
    if status is None:
        return None
    states = [status["state"], status["lastState"]]
    runs = [state for state in states if "running" in state or "terminated" in state]
    if previous:
        return status["lastState"] or None
    return runs[0] if runs else None


class _ContainerLog:
    """One run of one container. Its first lines tell of the start, its last ones, if it ended, why."""

    def __init__(self, pod: Object, status: dict[str, Any], state: dict[str, Any], writer: Writer, now: float) -> None:
        run: dict[str, Any] = state.get("running") or state["terminated"]
        self._app = status["name"]
        self._writer = writer
        self._start = seconds(run["startedAt"])
        self._exit_code: int | None = run.get("exitCode")
        self._end = seconds(run["finishedAt"]) if "finishedAt" in run else now
        self._seed = names.stable_number(f"{pod['metadata']['uid']} {status['name']} {run['startedAt']}")
        self._worked = self._exit_code in (None, 0) or self._end - self._start > _SHORTEST_WORK
        self._version = str(status["image"]).rsplit(":", 1)[-1]

    def lines(self, most: int) -> list[str]:
        """The lines up to now."""
        rows = self._startup()
        first = max(0, self._count() - most)
        if first:
            rows = []
        rows += [self._line(number) for number in range(first, self._count())]
        if self._exit_code:
            rows += self._ending()
        return rows[-most:]

    def lines_after(self, since: float) -> list[str]:
        """The lines written after a time."""
        begin = self._count_until(since)
        rows = [self._line(number) for number in range(begin, self._count())]
        if self._exit_code:
            rows += self._ending()
        return rows

    def _count(self) -> int:
        return self._count_until(self._end)

    def _count_until(self, at: float) -> int:
        """How many lines come before a time: they are evenly spread, with some jitter inside their slots."""
        return max(0, int((at - self._start - 1.0) / self._writer.period)) if self._worked else 0

    def _startup(self) -> list[str]:
        random = Random(self._seed)
        rows = self._writer.startup(random, self._app, self._version)
        return [_stamped(self._start + 0.02 * index, row) for index, row in enumerate(rows)]

    def _line(self, number: int) -> str:
        random = Random(self._seed * 1_000_003 + number)
        at = self._start + 1.0 + (number + 0.8 * random.random()) * self._writer.period
        return _stamped(at, self._writer.line(random, self._app, at))

    def _ending(self) -> list[str]:
        random = Random(self._seed + 7)
        rows = self._writer.failure(random, self._app, self._exit_code or 0)
        return [_stamped(self._end - 0.01 * (len(rows) - index), row) for index, row in enumerate(rows)]


def _stamped(at: float, text: str) -> str:
    fraction = int((at - int(at)) * 1_000_000_000) % 1_000_000_000
    return f"{timestamp(at)[:-1]}.{fraction:09d}Z {text}"
