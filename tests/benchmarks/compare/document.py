"""What a run measured, as JSON: made, read, and compared with that of another commit."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import kwatch
from tests.benchmarks.compare.contestants import Contestant
from tests.benchmarks.compare.measuring import Measured, Plan

SCHEMA = 1
CHECKOUT = Path(__file__).parents[3]
_NOISE = 0.10
"""What two runs of the same program differ by, as a share, even where the values of each lie closer together."""
_TOO_SMALL = {"s": 0.02, "ms": 1.0, "%": 0.2, "MB": 2.0, "/s": 0.0}
"""A difference that no one feels, in a figure's unit."""


class Figure(NamedTuple):
    """One figure of one contestant on one cluster: its median, and the values it is the median of."""

    contestant: str
    size: int
    name: str
    unit: str
    median: float
    values: tuple[float, ...]

    @property
    def spread(self) -> float:
        """From the lowest value to the highest, as a share of the median."""
        return (max(self.values) - min(self.values)) / self.median if self.median else 0.0


class Document:
    """The JSON, and how to find something in it."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        """Raise ValueError with a sentence if this is not such a document."""
        if not isinstance(tree, Mapping) or tree.get("schema") != SCHEMA:
            raise ValueError(f"it is no JSON of this benchmark (schema {SCHEMA})")
        self.tree = tree

    @classmethod
    def load(cls, path: Path) -> Document:
        """Raise ValueError with a sentence, or OSError."""
        try:
            return cls(json.loads(path.read_text()))
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None

    def figures(self) -> Iterator[Figure]:
        """Every figure, in the order in which they were measured."""
        for result in self.tree["results"]:
            for name, figure in result["figures"].items():
                values = tuple(figure["values"])
                yield Figure(result["contestant"], result["size"], name, figure["unit"], figure["median"], values)

    def median(self, contestant: str, size: int, name: str) -> float | None:
        """One of them, if it was measured."""
        wanted = (contestant, size, name)
        return next((each.median for each in self.figures() if each[:3] == wanted), None)

    def said(self, contestant: str, size: int) -> str:
        """Why a contestant has no figures there, or not all: a sentence; empty if nothing went wrong."""
        results = self.tree["results"]
        found = (each["said"] for each in results if (each["contestant"], each["size"]) == (contestant, size))
        return next(found, "")

    @property
    def sizes(self) -> list[int]:
        """How many objects were asked for, in rising order."""
        return sorted({each["size"] for each in self.tree["results"]})

    @property
    def contestants(self) -> list[str]:
        """Those that were there."""
        return [name for name, each in self.tree["contestants"].items() if not each["missing"]]


def head(plan: Plan, contestants: Sequence[Contestant]) -> dict[str, Any]:
    """All but the results: what was measured, where, and how. Nothing in it tells whose machine that was."""
    return {
        "schema": SCHEMA,
        "measured": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "kwatch": {"version": kwatch.__version__, "commit": _git("rev-parse", "HEAD"), "changed": _is_changed()},
        "python": f"{platform.python_version()}{'' if _has_gil() else ' without the GIL'}",
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "cores": len(os.sched_getaffinity(0)),
            "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
            "load": os.getloadavg()[0],
        },
        "plan": asdict(plan),
        "contestants": {
            each.name: {
                "command": each.published(),
                "version": each.version_text() if each.path() else "",
                "missing": "" if each.path() else f"{each.executable} is not on PATH",
            }
            for each in contestants
        },
        "results": [],
    }


def result(contestant: str, size: int, objects: int, measured: Measured) -> dict[str, Any]:
    """One entry of `results`: `size` is what was asked for, `objects` what was there."""
    figures = {
        name: {"unit": unit_of(name), "median": statistics.median(values), "values": values}
        for name, values in measured.values.items()
        if values
    }
    return {"contestant": contestant, "size": size, "objects": objects, "figures": figures, "said": measured.said}


def unit_of(name: str) -> str:
    """What a figure is in."""
    for beginning, unit in (("CPU", "%"), ("changes", "/s"), ("key", "ms"), ("resident", "MB"), ("peak", "MB")):
        if name.startswith(beginning):
            return unit
    return "s"


def difference(new: Document, old: Document) -> list[str]:
    """A line a figure that both have: new by old, and what got worse by more than noise."""
    before = {each[:3]: each for each in old.figures()}
    lines = []
    for figure in new.figures():
        other = before.get(figure[:3])
        if other is None or not other.median:
            continue
        ratio = figure.median / other.median
        noise = max(_NOISE, figure.spread, other.spread)
        more_is_better = figure.unit == "/s"
        worse = ratio < 1 - noise if more_is_better else ratio > 1 + noise
        better = ratio > 1 + noise if more_is_better else ratio < 1 / (1 + noise)
        felt = abs(figure.median - other.median) > _TOO_SMALL[figure.unit]
        verdict = "WORSE" if worse and felt else "better" if better and felt else ""
        what = f"{figure.contestant}, {figure.size:,}: {figure.name}"
        change = f"{other.median:>10,.4g} -> {figure.median:>10,.4g} {figure.unit:<3} {ratio:>6.2f}"
        lines.append(f"{what:<58} {change} {verdict}".rstrip())
    return lines


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=CHECKOUT, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def _is_changed() -> bool:
    return bool(_git("status", "--porcelain", "--untracked-files=no"))


def _has_gil() -> bool:
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())
