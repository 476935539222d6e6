"""`python -m tests.benchmarks [--json] [NAME...]`: figures of the parts; `compare`: the whole beside its peers."""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import platform
import sys
from dataclasses import asdict

from tests.benchmarks.compare import command
from tests.benchmarks.row import Row

BENCHMARKS = (
    *("sync", "background", "events", "trouble", "large_cache", "start", "quit"),
    *("view", "mixed", "history", "timeline", "suspects", "network", "logs"),
)

NAMED_ONLY = ("soak", "soak_screen", "soak_briefly", "contexts")
"""Only run when named."""


def main() -> int:
    """Run the named benchmarks, all without a name; print one table or one JSON object. Or compare."""
    if sys.argv[1:2] == ["compare"]:
        return command.main(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    known = ", ".join((*BENCHMARKS, *NAMED_ONLY, "compare"))
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, *NAMED_ONLY, []], metavar="NAME", help=known)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    arguments = parser.parse_args()
    logging.getLogger("kwatch").addHandler(logging.NullHandler())  # the faults are meant
    rows: list[Row] = []
    for name in arguments.names or BENCHMARKS:
        print(f"{name}...", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"tests.benchmarks.{name}").measure()
    if arguments.json:
        machine = {"python": platform.python_version(), "machine": platform.machine()}
        print(json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}, indent=2))
    else:
        _print_table(rows)
    return 0


def _print_table(rows: list[Row]) -> None:
    width = max(len(row.name) for row in rows)
    for row in rows:
        reach = f"  (reach: {row.reach})" if row.reach else ""
        note = f"  {row.note}" if row.note else ""
        print(f"{row.name:<{width}}  {row.value:>10,.2f} {row.unit:<9}{reach}{note}")


if __name__ == "__main__":
    sys.exit(main())
