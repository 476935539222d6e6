"""Warnings of the last hour."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.column import Level
from kwatch.catalog.health.assessment import Problem, sentence
from kwatch.catalog.kinds.events import AnyEvent, last_seen, target

WARNING_COUNTS_FOR = 3600.0


def find_problems(event: AnyEvent) -> Iterator[Problem]:
    """A warning, while it is fresh."""
    if event.type == "Warning":
        seen = last_seen(event)
        until = None if seen is None else seen + WARNING_COUNTS_FOR
        yield Problem(sentence(target(event), event.reason, event.message), Level.WARNING, until=until)
