"""The log of a container: nothing is stored, every line follows from the container's id and the line's number."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from functools import lru_cache
from random import Random
from typing import Any

from kwatch.base.timestamp import micro_timestamp, parse_timestamp, timestamp
from kwatch.simulator import names
from kwatch.simulator.engine.objects import POD, Object
from kwatch.simulator.engine.pod_status import main_container, statuses_of
from kwatch.simulator.engine.world import Key, World
from kwatch.simulator.scenario.loader import LOGS, read_yaml
from kwatch.simulator.scenario.plan import Behaviour
from kwatch.simulator.scenario.spec import LogCatalog, Program

_MOST_LINES = 1_500
"""A node rotates logs: of an old container only the last lines are left."""
_POLL = 0.1
"""Seconds."""
_SHORTEST_WORK = 15.0
"""What failed in less time than this failed while it started."""


_MOST_DIGITS = 64
_WORD = re.compile(r"<(\w+)((?: [-\w.]+)*)>")


@lru_cache(maxsize=1)
def log_catalog() -> LogCatalog:
    """How the programs that every scenario knows write; read when the first log is asked for."""
    read: LogCatalog = read_yaml(LOGS, LogCatalog)
    return read


class Writer:
    """Writes the lines of one run of a program; a word in angle brackets stands for something else, see logs.yaml."""

    def __init__(self, program: Program, app: str, version: str) -> None:
        self.period = program.period
        self._program = program
        self._words = {
            "app": app,
            "version": version,
            "module": app.replace("-", "_"),
            "package": app.replace("-", ""),
        }

    def startup(self, random: Random) -> list[str]:
        """What it writes when it starts."""
        return [self._written(line, random, {}) for line in self._program.startup]

    def line(self, random: Random, at: float) -> str:
        time = timestamp(at)
        plain = time.replace("T", " ")[:-1]
        micro = micro_timestamp(at)
        times = {
            "time": time,
            "plain": plain,
            "micro": micro,
            "clock": micro[11:-1],
            "day": time[5:10].replace("-", ""),
        }
        return self._written(random.choice(self._program.lines), random, times) if self._program.lines else ""

    def failure(self, random: Random, code: int) -> list[str]:
        """What it writes when it ends with an exit code."""
        lines = self._program.failure.get(str(code), self._program.failure.get("other", ()))
        return [self._written(line, random, {"code": str(code)}) for line in lines]

    def _written(self, line: str, random: Random, more: Mapping[str, str]) -> str:
        def word(found: re.Match[str]) -> str:
            name, arguments = found[1], found[2].split()
            known = more.get(name) or self._words.get(name)
            if known is not None:
                return known
            try:
                return _random_word(random, name, arguments)
            except (ValueError, LookupError):
                return found[0]  # not a word of ours

        return _WORD.sub(word, line)


def _random_word(random: Random, name: str, arguments: list[str]) -> str:
    """A random text; raise ValueError or LookupError if that is not how one is asked for."""
    match name, arguments:
        case "int", [low, high]:
            return str(random.randrange(int(low), int(high)))
        case "hex", [digits]:
            count = min(int(digits), _MOST_DIGITS)
            return f"{random.getrandbits(4 * count):0{count}x}"
        case "float", [low, high, decimals]:
            return f"{random.uniform(float(low), float(high)):.{int(decimals)}f}"
        case "lognormal", [mean, deviation, decimals]:
            return f"{random.lognormvariate(float(mean), float(deviation)):.{int(decimals)}f}"
        case "pick", [listed]:
            return random.choice(log_catalog().lists[listed])
        case _:
            raise ValueError(name)


class Logs:
    def __init__(self, world: World, behaviour: Behaviour, programs: Mapping[str, Program]) -> None:
        self._world = world
        self._behaviour = behaviour
        self._programs = programs

    def lines(self, pod: Object, container: str, *, previous: bool) -> list[str]:
        """All lines up to now; raises LookupError if the container has not run."""
        status = statuses_of(pod).get(container)
        state = _last_run(status, previous=previous)
        if status is None or state is None:
            raise LookupError(container)
        log = _ContainerLog(pod, status, state, self._program(pod, container), self._world.now())
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
            log = _ContainerLog(current, status, state, self._program(current, container), self._world.now())
            for line in log.lines_after(since):
                yield line
            since = self._world.now()
            if "running" not in status["state"]:
                return

    def _program(self, pod: Object, container: str) -> Program:
        main = main_container(pod)["name"]
        language = self._behaviour.language(pod) if container == main else "kube"
        return self._programs.get(language) or log_catalog().programs[language]


def _last_run(status: dict[str, Any] | None, *, previous: bool) -> dict[str, Any] | None:
    if status is None:
        return None
    states = [status["state"], status["lastState"]]
    runs = [state for state in states if "running" in state or "terminated" in state]
    if previous:
        return status["lastState"] or None
    return runs[0] if runs else None


class _ContainerLog:
    """One run of one container: the lines of a start, lines while it works, and, if it failed, those of a failure."""

    def __init__(
        self, pod: Object, status: dict[str, Any], state: dict[str, Any], program: Program, now: float
    ) -> None:
        run: dict[str, Any] = state.get("running") or state["terminated"]
        self._writer = Writer(program, status["name"], str(status["image"]).rsplit(":", 1)[-1])
        self._start = parse_timestamp(run["startedAt"])
        self._exit_code: int | None = run.get("exitCode")
        self._end = parse_timestamp(run["finishedAt"]) if "finishedAt" in run else now
        self._seed = names.stable_number(f"{pod['metadata']['uid']} {status['name']} {run['startedAt']}")
        self._worked = self._exit_code in (None, 0) or self._end - self._start > _SHORTEST_WORK

    def lines(self, most: int) -> list[str]:
        rows = self._startup()
        first = max(0, self._count() - most)
        if first:
            rows = []
        rows += [self._line(number) for number in range(first, self._count())]
        if self._exit_code:
            rows += self._ending()
        return rows[-most:]

    def lines_after(self, since: float) -> list[str]:
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
        rows = self._writer.startup(random)
        return [_stamped(self._start + 0.02 * index, row) for index, row in enumerate(rows)]

    def _line(self, number: int) -> str:
        random = Random(self._seed * 1_000_003 + number)
        at = self._start + 1.0 + (number + 0.8 * random.random()) * self._writer.period
        return _stamped(at, self._writer.line(random, at))

    def _ending(self) -> list[str]:
        random = Random(self._seed + 7)
        rows = self._writer.failure(random, self._exit_code or 0)
        return [_stamped(self._end - 0.01 * (len(rows) - index), row) for index, row in enumerate(rows)]


def _stamped(at: float, text: str) -> str:
    fraction = int((at - int(at)) * 1_000_000_000) % 1_000_000_000
    return f"{timestamp(at)[:-1]}.{fraction:09d}Z {text}"
