"""The flags of kwatch's own log."""

from __future__ import annotations

import argparse

from kwatch.cli.arguments import LogArguments


def add_log(parser: argparse.ArgumentParser) -> None:
    """Where it is written, and how much of it."""
    group = parser.add_argument_group("kwatch itself")
    group.add_argument("--log-file", metavar="FILE", help="write kwatch's own log there; only you can read it")
    group.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default="info")


def log_of(found: argparse.Namespace) -> LogArguments:
    """What was found of the log."""
    return LogArguments(found.log_file, found.log_level)
