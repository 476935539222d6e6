"""The command line of the comparison."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.benchmarks.compare import page
from tests.benchmarks.compare.cluster import Cluster, Given, Simulated
from tests.benchmarks.compare.contestants import CONTESTANTS, Contestant
from tests.benchmarks.compare.document import CHECKOUT, Document, difference, head, result
from tests.benchmarks.compare.measuring import Plan, Run
from tests.benchmarks.compare.reach import FLOOD
from tests.benchmarks.contenders import run as run_contender
from tests.benchmarks.flat_out import FlatOut

_SERVER_KILOBYTES = 40.0
"""What the simulator needs for an object."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, or read what was measured; print, compare, publish. The exit code."""
    given = _arguments(argv)
    try:
        old = Document.load(given.against) if given.against else None
        document = Document.load(given.read) if given.read else _measure(given)
        if given.publish:
            for path in page.publish(document, CHECKOUT, Document.load(given.real) if given.real else None):
                print(f"written: {path.relative_to(CHECKOUT)}", file=sys.stderr)
    except (OSError, ValueError, page.PageError) as error:
        print(f"compare: {error}", file=sys.stderr)
        return 2
    print(page.text(document))
    if old is not None:
        print("\n".join(["", f"against {old.tree['kwatch']['commit'][:10]}:", *difference(document, old)]))
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks compare", description=__doc__)
    parser.add_argument("--sizes", type=_list_of(int), default=[1_000, 10_000, 100_000], help="pods, as 1000,10000")
    parser.add_argument("--rates", type=_list_of(float), default=[150.0, 2_000.0], help="changes a second, rising")
    parser.add_argument("--seconds", type=float, default=8.0, help="for each look at the processor")
    parser.add_argument("--repeats", type=int, default=3, help="starts of what does not take long")
    parser.add_argument("--keys", type=int, default=120, help="keys that are pressed at rest, and under changes")
    parser.add_argument("--patience", type=float, default=120.0, help="seconds for all rows, and for the end")
    parser.add_argument("--flood", type=int, default=60_000, help="changes as fast as they are read; 0: leave it out")
    parser.add_argument("--only", default="", help=f"of {', '.join(each.name for each in CONTESTANTS)}")
    parser.add_argument("--kubeconfig", help="a cluster to watch in place of the simulator; nothing is written to it")
    parser.add_argument("--context", default="", help="a context of it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write what was measured")
    parser.add_argument("--from", type=Path, metavar="FILE", dest="read", help="measure nothing, read this")
    parser.add_argument("--against", type=Path, metavar="FILE", help="say what got worse since this one")
    parser.add_argument("--publish", action="store_true", help="rewrite the README's tables and pictures")
    parser.add_argument("--real", type=Path, metavar="FILE", help="publish what was measured with a kubeconfig, too")
    return parser.parse_args(argv)


def _list_of(kind: Callable[[str], Any]) -> Callable[[str], list[Any]]:
    def parse(text: str) -> list[Any]:
        return sorted(kind(part.replace("_", "")) for part in text.split(",") if part)

    parse.__name__ = f"list of {kind.__name__}"
    return parse


def _measure(given: argparse.Namespace) -> Document:
    plan = Plan(tuple(given.rates), given.seconds, given.repeats, given.keys, given.patience, given.flood)
    contestants = [each for each in CONTESTANTS if not given.only or each.name in given.only.split(",")]
    if not contestants:
        raise ValueError(f"none of {given.only} is known")
    tree = head(plan, contestants)
    there = [each for each in contestants if each.path()]
    if given.kubeconfig:
        cluster = Given(given.kubeconfig, given.context)
        _measure_on(cluster, cluster.objects, there, plan, tree, given.json, asides=True)
    for size in [] if given.kubeconfig else given.sizes:
        _say(f"{size:,} pods")
        if (left := _available() - size * _SERVER_KILOBYTES / 1024) < 500:
            raise ValueError(f"{size:,} pods need {500 - left:,.0f} MB more than there are")
        with Simulated(size) as simulated:
            _measure_on(simulated, size, there, plan, tree, given.json, asides=size == given.sizes[0])
    return Document(tree)


def _measure_on(
    cluster: Cluster,
    size: int,
    contestants: Sequence[Contestant],
    plan: Plan,
    tree: dict[str, Any],
    file: Path | None,
    *,
    asides: bool,
) -> None:
    """All of them on one cluster, by turns; what was measured is written after each cluster."""
    with ExitStack() as stack:
        runs = [stack.enter_context(Run(each, cluster, plan)) for each in contestants]
        for number in range(plan.repeats):
            for each in runs:
                needed = each.contestant.kilobytes * cluster.objects / 1024
                if needed > _available():
                    each.measured.said = f"left out: it may need {needed:,.0f} MB"
                    continue
                if each.left:
                    _say(f"  {each.contestant.name}, {number + 1} of {plan.repeats}")
                    each.once(asides)
    for each in runs:
        if each.contestant.name == "kwatch.informer" and cluster.can_change and plan.flood:
            _say("  kwatch.informer, flooded")
            each.measured.values[FLOOD].append(_flood(size, plan.flood))
        tree["results"].append(result(each.contestant.name, size, cluster.objects, each.measured))
    if file is not None:
        file.write_text(json.dumps(tree, indent=1) + "\n")


def _flood(size: int, changes: int) -> float:
    """Changes a second through cache, four indices and journal, from a server that is only fast."""
    with FlatOut(size, changes) as server:
        return run_contender("kwatch_history", server.url, str(size), str(changes), "history")["ingest"]


def _available() -> float:
    """Megabytes of memory that are free, or could be at once."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 1024
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")) / 2**20


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
