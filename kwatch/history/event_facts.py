"""What an Event says of itself, of either API group: when, how often, who noticed, how bad it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kwatch.base.timestamp import time_or_none
from kwatch.history.event_words import event_words


@dataclass(frozen=True, slots=True)
class EventFacts:
    """`first` and `last` in seconds since the epoch, None where it gives no time."""

    first: float | None
    last: float | None
    count: int
    type: str
    """`Normal` or `Warning`."""
    source: str
    """The component that reported it."""
    words: str
    """Reason and message."""


def event_facts(event: Mapping[str, Any]) -> EventFacts:
    """Read an Event; what is missing or odd is taken for not given."""
    series = event.get("series")
    series = series if isinstance(series, Mapping) else {}
    first = _first_time(event, "firstTimestamp", "deprecatedFirstTimestamp", "eventTime")
    last = _first_time(event, "lastTimestamp", "deprecatedLastTimestamp")
    last = time_or_none(series.get("lastObservedTime")) if last is None else last
    counts = (event.get("count"), series.get("count"), event.get("deprecatedCount"))
    return EventFacts(
        first,
        first if last is None else last,
        next((each for each in counts if isinstance(each, int)), 1),
        _text(event.get("type")),
        _source(event),
        event_words(event),
    )


def _first_time(event: Mapping[str, Any], *names: str) -> float | None:
    return next((at for at in (time_or_none(event.get(name)) for name in names) if at is not None), None)


def _source(event: Mapping[str, Any]) -> str:
    for name in ("reportingComponent", "reportingController"):
        if found := _text(event.get(name)):
            return found
    for name in ("source", "deprecatedSource"):
        source = event.get(name)
        if isinstance(source, Mapping) and (found := _text(source.get("component"))):
            return found
    return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
