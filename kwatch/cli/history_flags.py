"""The flags that say how much history is kept."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from kwatch.config.history_limits import DEFAULT_BUDGET, check_age, check_budget


def add_history(parser: argparse.ArgumentParser) -> None:
    """The flags; what is not given is as in config.yaml."""
    group = parser.add_argument_group("history")
    group.add_argument(
        "--history-budget",
        type=_checked(check_budget),
        metavar="SIZE",
        help=f"memory for history, e.g. 512Mi; the oldest makes room (default: {DEFAULT_BUDGET})",
    )
    group.add_argument(
        "--history-age",
        type=_checked(check_age),
        metavar="TIME",
        help="forget what is older, e.g. 2h (default: when there is no room)",
    )


def _checked(check: Callable[[str], str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        try:
            return check(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read
