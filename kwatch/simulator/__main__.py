"""`python -m kwatch.simulator`: a simulated cluster in a process of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from kwatch.simulator.arguments import parse_arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until stopped; the exit code."""
    parent = os.getppid()
    arguments = parse_arguments(argv)
    # Importing aiohttp reads every certificate authority of the system, for a client that is never used here: a tenth
    # of the time to start.
    os.environ["SSL_CERT_FILE"] = os.devnull
    import asyncio

    from kwatch.simulator.process import serve
    from kwatch.simulator.scenario.loader import ScenarioError

    try:
        asyncio.run(serve(arguments, parent))
    except ScenarioError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"the simulator cannot serve on {arguments.host}:{arguments.port}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
