"""One contestant on one cluster: from its start to its end, some times over, with a look at it while it lives."""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.benchmarks.compare.cluster import Cluster
from tests.benchmarks.compare.contestants import Aside, Contestant
from tests.benchmarks.compare.terminal import Ended, Late, Program, ScreenSight, WordSight

_SLOW = 15.0
"""Seconds that a start takes that is not repeated."""
_SETTLED = 3.0, 60.0
"""Seconds from the last row to when a program is looked at: at least, and at most if it does not come to rest."""
_AT_REST = 5.0
"""Percent of one core that a program takes at most in a second in which it rests."""
_PAUSE = (0.02, 0.12)
"""Seconds between two keys, by chance: no key stands always at the same place between two ticks."""
_LONGEST_ANSWER = 2.0
"""Seconds after which a key counts as answered, so that one that is not answered is not left out."""
_WALK = ("down",) * 20 + ("up",) * 20


@dataclass(frozen=True, slots=True)
class Plan:
    """`seconds` are for each look at the processor, `patience` for all rows and for the end."""

    rates: tuple[float, ...]
    """Changes a second, in rising order; the keys are pressed at none and at the last."""
    seconds: float
    repeats: int
    keys: int
    patience: float
    flood: int
    """Changes that are sent as fast as they are read."""


@dataclass(slots=True)
class Measured:
    """Every value of each figure (seconds, MB, % of a core, ms), and a sentence where it ended before its time."""

    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    said: str = ""


class Run:
    """One contestant on one cluster, with a home of its own: nobody's settings, nobody's discovery cache."""

    def __init__(self, contestant: Contestant, cluster: Cluster, plan: Plan) -> None:
        self.contestant = contestant
        self.measured = Measured()
        self._cluster = cluster
        self._plan = plan
        self.left = plan.repeats
        """Starts that are still to come."""
        self._home = tempfile.TemporaryDirectory(prefix="kwatch-compare-")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._home.cleanup()

    def once(self, asides: bool) -> None:
        """Start it once more, if that is still to be done; the last time, look at how it works.

        A program that ends before its time, or does not answer, ends only its own run; the sentence is kept.
        """
        if not self.left:
            return
        self.left -= 1
        try:
            for aside in self.contestant.asides if asides else ():
                self.measured.values[aside.figure].append(self._aside(aside))
            command = self.contestant.command(self._cluster)
            with Program(command, self.contestant.sight(), env=self._environment()) as program:
                self._measure(program)
        except (Ended, Late) as error:
            self.measured.said, self.left = str(error), 0
        except OSError as error:
            self.measured.said, self.left = f"it cannot be run: {error}", 0
        finally:
            if self._cluster.can_change:
                self._cluster.change(0)

    def _measure(self, program: Program) -> None:
        took = _start(program, self.contestant, self._cluster, self._plan, self.measured)
        if took > _SLOW:
            self.left = 0
        if self.contestant.lives:
            if not self.left:
                _look(program, self.contestant, self._cluster, self._plan, self.measured)
            program.rest(0.5)
            self.measured.values["quit"].append(program.quit(self.contestant.quit, self._plan.patience))

    def _aside(self, aside: Aside) -> float:
        """Seconds."""
        command = self.contestant.command(self._cluster, aside.words)
        sight = ScreenSight() if aside.is_on_screen else WordSight()
        with Program(command, sight, env=self._environment()) as program:
            if aside.is_on_screen:
                return program.until(lambda: sight.has_rows(1), self._plan.patience)
            return program.ends(self._plan.patience)

    def _environment(self) -> dict[str, str]:
        home = Path(self._home.name)
        folders = {"XDG_CONFIG_HOME": ".config", "XDG_CACHE_HOME": ".cache", "XDG_STATE_HOME": ".state"}
        own = {name: str(home / folder) for name, folder in folders.items()}
        terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        env = {**os.environ, **own, **terminal, "HOME": str(home), "KWATCH_CONFIG": str(home / "kwatch")}
        env.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled: a start takes half as long
        return env


def _start(program: Program, contestant: Contestant, cluster: Cluster, plan: Plan, measured: Measured) -> float:
    """Seconds until all rows were there."""
    objects = cluster.objects
    if contestant.shows_rows:
        first = program.until(lambda: program.sight.has_rows(objects), plan.patience)
        measured.values["first rows"].append(first)
        measured.values["work to first rows"].append(processor_seconds(program.pid))
    took = 0.0
    if contestant.shows_rows and program.sight.has_all(objects):
        took = first
    else:
        took = program.until(lambda: program.sight.has_all(objects), plan.patience)
    measured.values["all rows"].append(took)
    if contestant.lives:
        measured.values["work to all rows"].append(processor_seconds(program.pid))
    return took


def _look(program: Program, contestant: Contestant, cluster: Cluster, plan: Plan, measured: Measured) -> None:
    """Memory and processor at rest and under changes, and the keys."""
    values = measured.values
    values["settled"].append(_settle(program))
    values["CPU quiet" if cluster.can_change else "CPU as it changes"].append(_processor(program, plan.seconds))
    values["resident"].append(memory(program.pid, "VmRSS"))
    if contestant.answers_keys:
        _press(program, plan, measured, "quiet")
    for rate in plan.rates if cluster.can_change else ():
        cluster.change(rate)
        program.rest(1.0)
        before, began = cluster.made(), time.perf_counter()
        values[f"CPU at {rate:g}/s"].append(_processor(program, plan.seconds))
        values[f"changes at {rate:g}/s"].append((cluster.made() - before) / (time.perf_counter() - began))
        if contestant.answers_keys and rate == plan.rates[-1]:
            _press(program, plan, measured, f"at {rate:g}/s")
    values["resident in the end"].append(memory(program.pid, "VmRSS"))
    values["peak"].append(memory(program.pid, "VmHWM"))


def _settle(program: Program) -> float:
    """Seconds until it rests."""
    least, most = _SETTLED
    began = time.perf_counter()
    while True:
        busy = _processor(program, 1.0) > _AT_REST
        took = time.perf_counter() - began
        if took >= most or (took >= least and not busy):
            return took


def _processor(program: Program, seconds: float) -> float:
    """Percent of one core."""
    before, began = processor_seconds(program.pid), time.perf_counter()
    program.rest(seconds)
    return (processor_seconds(program.pid) - before) / (time.perf_counter() - began) * 100


def processor_seconds(pid: int) -> float:
    """Of all threads of a process, to the nanosecond; Linux's name for that clock is made of the process id."""
    return time.clock_gettime(~pid << 3 | 2)


def memory(pid: int, name: str) -> float:
    """Megabytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _press(program: Program, plan: Plan, measured: Measured, when: str) -> None:
    """Milliseconds from keys that move the cursor to when it stands elsewhere, down and up, for a bounded time."""
    sight = program.sight
    assert isinstance(sight, ScreenSight)
    chance, times = random.Random(1), list[float]()
    until = time.perf_counter() + plan.seconds * 3
    for number in range(plan.keys):
        program.rest(chance.uniform(*_PAUSE))
        times.append(program.answer(_WALK[number % len(_WALK)], _moves(sight), _LONGEST_ANSWER) * 1000)
        if time.perf_counter() > until:
            break
    cuts = statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    for part in (50, 90, 99):
        measured.values[f"key p{part} {when}"].append(cuts[part - 1])


def _moves(sight: ScreenSight) -> Callable[[], bool]:
    before = sight.cursor()
    return lambda: sight.cursor() != before
