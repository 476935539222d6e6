"""The simulator's command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kwatch.simulator.api_types import NEWEST_MINOR, OLDEST_MINOR
from kwatch.simulator.faults import FAULTS, FaultSyntaxError, parse_faults


@dataclass(frozen=True, slots=True)
class Arguments:
    """What `python -m kwatch.simulator` was asked for."""

    host: str
    port: int
    scenario: Path | None
    objects: int
    """About how many pods; 0 is as many as the scenario says."""
    rate: float
    seed: int
    faults: dict[str, float]
    token: str
    version: int
    """The minor version: 36 of 1.36."""
    tls_cert: Path | None
    tls_key: Path | None
    tls_ca: Path | None


def parse_arguments(argv: Sequence[str] | None = None) -> Arguments:
    """Read the command line; exit 2 with a sentence if it cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m kwatch.simulator",
        description="Serve a simulated Kubernetes cluster on loopback. Prints one line of JSON, {server, kubeconfig, "
        "pid}, and serves until SIGTERM or until its parent dies.",
        epilog="Faults: " + "; ".join(f"{name}: {text}" for name, text in FAULTS.items()) + ".",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0, the default, is any free one")
    parser.add_argument("--scenario", type=Path, metavar="FILE", help="scenario to play (default: that of kwatch demo)")
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
    return Arguments(**vars(given))


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
