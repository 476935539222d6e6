"""`python -m kwatch.simulator`: the command line of simulated clusters in a process of their own.

What serves it is imported once the command line is read: a sentence about a wrong word takes no second.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from kwatch.base.threads import end_process
from kwatch.simulator.api_types import NEWEST_MINOR, OLDEST_MINOR
from kwatch.simulator.faults import FAULTS, FaultSyntaxError, parse_faults


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until stopped; the exit code."""
    parent = os.getppid()
    arguments = parse_arguments(argv)
    # Importing aiohttp reads every certificate authority of the system, for a client that is never used here: a tenth
    # of the time to start.
    os.environ["SSL_CERT_FILE"] = os.devnull
    import asyncio

    from kwatch.simulator.process import Arguments, serve
    from kwatch.simulator.scenario.loader import ScenarioError

    try:
        asyncio.run(serve(Arguments(**vars(arguments)), parent))
    except ScenarioError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"the simulator cannot serve on {arguments.host}:{arguments.port}: {error}\n")
        return 1
    return 0


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The fields of process.Arguments; exit 2 with a sentence if the command line cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m kwatch.simulator",
        description="Serve a simulated Kubernetes cluster on loopback. Prints one line of JSON, {server, kubeconfig, "
        "pid}, and serves until SIGTERM or until its parent dies.",
        epilog="Faults: " + "; ".join(f"{name}: {text}" for name, text in FAULTS.items()) + ".",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0, the default, is any free one")
    parser.add_argument(
        "--contexts",
        type=_names,
        default=("demo",),
        metavar="NAME,...",
        help="a cluster each; what goes wrong goes wrong in the last one (default: demo)",
    )
    parser.add_argument("--scenario", default="", metavar="NAME_OR_FILE", help="what to play (default: as kwatch demo)")
    parser.add_argument("--objects", type=int, default=0, help="about how many pods (default: as the scenario says)")
    parser.add_argument("--rate", type=float, default=4.0, help="about how many changes a second; 0 is a still life")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same cluster")
    parser.add_argument("--faults", type=_faults, default={}, help="what goes wrong: reset=0.01,410=0.02", metavar="F")
    parser.add_argument("--token", default="", help="bearer token to require (default: a random one; see kubeconfig)")
    parser.add_argument(
        "--version",
        type=_minor,
        default=OLDEST_MINOR,
        metavar="V",
        help=f"which Kubernetes to be: 1.{OLDEST_MINOR}, the default, to 1.{NEWEST_MINOR}",
    )
    parser.add_argument("--tls-cert", type=Path, help="PEM certificate to serve HTTPS with")
    parser.add_argument("--tls-key", type=Path, help="its private key")
    parser.add_argument("--tls-ca", type=Path, help="what clients are to trust (default: the certificate)")
    given = parser.parse_args(argv)
    if (given.tls_cert is None) is not (given.tls_key is None):
        parser.error("--tls-cert and --tls-key belong together")
    return given


def _names(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, text.split(",")))
    if not names or len({*names}) < len(names):
        raise argparse.ArgumentTypeError(f"{text!r} does not name different contexts")
    return names


def _minor(text: str) -> int:
    known = {f"1.{minor}": minor for minor in range(OLDEST_MINOR, NEWEST_MINOR + 1)}
    try:
        return known[text.removeprefix("v")]
    except KeyError:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(known)}") from None


def _faults(text: str) -> dict[str, float]:
    try:
        return parse_faults(text)
    except FaultSyntaxError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    end_process(main())
