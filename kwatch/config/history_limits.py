"""What may be said of how much history is kept; the command line, which imports nothing slow, asks too."""

from __future__ import annotations

from kwatch.base.duration import parse_span
from kwatch.base.quantity import parse_size

DEFAULT_BUDGET = "256Mi"
SMALLEST = 1 << 20
"""Bytes below which a budget is taken for a mistake."""


def check_budget(text: str) -> str:
    """The text itself; raise ValueError if it is no size, or too small for a history."""
    if parse_size(text) < SMALLEST:
        raise ValueError(f"{text} is too little for a history; write 64Mi or more")
    return text


def check_age(text: str) -> str:
    """The text itself; raise ValueError if it is no time, or none at all."""
    if not parse_span(text):
        raise ValueError(f"{text} keeps nothing; write 30m or 2h")
    return text
