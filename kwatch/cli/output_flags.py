"""The flags that say how what is watched is shown."""

from __future__ import annotations

import argparse
import os
import sys

from kwatch.cli.arguments import OutputArguments
from kwatch.cli.usage_error import UsageError

FORMATS = ("wide", "name", "json", "yaml", "jsonpath=", "custom-columns=")


def add_output(parser: argparse.ArgumentParser) -> None:
    """The flags that say how it is shown."""
    group = parser.add_argument_group("how")
    group.add_argument(
        "-o", "--output", metavar="FORMAT", help="no screen but a stream of changes: " + ", ".join(FORMATS)
    )
    group.add_argument(
        "-L", "--label-columns", action="append", default=[], metavar="KEY,...", help="labels as columns"
    )
    group.add_argument("--show-labels", action="store_true", help="all labels as the last column")
    group.add_argument("--sort-by", metavar="JSONPATH", help="order of what is there at first, e.g. .metadata.name")
    group.add_argument("--no-headers", action="store_true", help="rows without a header")
    group.add_argument("--watch-only", action="store_true", help="only changes, not what is there at first")
    group.add_argument("--until-synced", action="store_true", help="print what is there now, and end")
    group.add_argument("--show-managed-fields", action="store_true", help="keep metadata.managedFields in -o yaml")
    group.add_argument(
        "--show-secrets", action="store_true", help="do not mask the data of Secrets, and what repeats them"
    )


def output_of(found: argparse.Namespace) -> OutputArguments:
    """What was found of the output; raise UsageError if there is no such format."""
    wanted = found.output
    if wanted is not None and not (
        wanted in ("wide", "name", "json", "yaml") or wanted.startswith(("jsonpath=", "custom-columns="))
    ):
        raise UsageError(f"unknown output format {wanted!r}; there are: {', '.join(FORMATS)}")
    return OutputArguments(
        format=wanted,
        label_columns=tuple(key for keys in found.label_columns for key in keys.split(",") if key),
        show_labels=found.show_labels,
        sort_by=found.sort_by,
        no_headers=found.no_headers,
        watch_only=found.watch_only,
        until_synced=found.until_synced,
        show_secrets=found.show_secrets,
        show_managed_fields=found.show_managed_fields,
    )


def prints_plainly(output: OutputArguments) -> bool:
    """Whether no screen is wanted: a format, an end, or no terminal to draw on."""
    return output.format is not None or output.until_synced or not sys.stdout.isatty()


def cannot_draw() -> str:
    """Why the terminal cannot show a screen; empty if it can."""
    name = os.environ.get("TERM", "")
    if not name:
        return "TERM says nothing about this terminal"
    return f"this terminal cannot show a screen (TERM={name})" if name in ("dumb", "unknown") else ""
