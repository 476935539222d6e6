"""What a server still proves of an object's past to a process that was not there: reconstructed, and marked so.

managedFields say who last wrote which fields when; conditions and container states when they came to be; Events what
was reported. Nothing says what the values were before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

from kwatch.base.timestamp import time_or_none
from kwatch.history.attribution import SHORT, UNKNOWN, Writer, field_set_words, managed_fields
from kwatch.informer.errors import ApiError
from kwatch.informer.protocol import ListOptions, Object, ObjectList

_LONG = 100
"""Fields named where there is room."""


@dataclass(frozen=True, slots=True)
class ReconstructedEntry:
    """Something that happened. `at` in seconds since the epoch, to the second; `words` what is known of it."""

    at: float
    words: str
    source: str
    """What proves it: `metadata`, `managedFields`, `condition`, `container`, `event`."""
    who: Writer = UNKNOWN
    count: int = 1
    """How often, of an Event that repeated."""
    detail: str = ""
    """The words at length, where they were shortened."""


class Lister(Protocol):
    """Lists what it is about."""

    def list(self, options: ListOptions) -> ObjectList:
        """A page of it."""


def reconstruct(obj: Mapping[str, Any], events: Iterable[Mapping[str, Any]] = ()) -> tuple[ReconstructedEntry, ...]:
    """What an object and the Events about it prove, oldest first."""
    found = [
        *_metadata(_mapping(obj.get("metadata"))),
        *_managed_fields(obj),
        *_conditions(_mapping(obj.get("status"))),
        *_containers(_mapping(obj.get("status"))),
        *(entry for event in events for entry in _event(event)),
    ]
    return tuple(sorted(found, key=lambda entry: entry.at))


MOST_EVENTS = 5_000
"""About one object; a server keeps them for an hour."""
_PAGE = 500


def events_about(lister: Lister) -> tuple[tuple[Object, ...], bool]:
    """The Events that it lists, page by page, and whether there are more. Raise ApiError, Closed."""
    found: list[Object] = []
    token: str | None = None
    while True:
        try:
            page = lister.list(ListOptions(limit=_PAGE, continue_token=token))
        except ApiError as error:
            if token is None or error.status != 410:
                raise
            return tuple(found), True  # a token may expire
        found += page.items
        token = page.continue_token
        if not token or len(found) >= MOST_EVENTS:
            return tuple(found), bool(token)


def joined(proofs: Sequence[ReconstructedEntry]) -> Iterator[ReconstructedEntry]:
    """What one source proves of one second is one entry: a pod's conditions change together.

    A manager that wrote in the second of the creation is the creator, if it is the only one.
    """
    created = next((each for each in proofs if each.source == "metadata"), None)
    creators = [each for each in proofs if created is not None and each.at == created.at and _is_creator(each)]
    for (at, source, who), group in groupby(proofs, key=lambda each: (each.at, each.source, each.who)):
        same = [each for each in group if each not in creators or len(creators) > 1]
        if same:
            by = creators[0].who if same[0] is created and len(creators) == 1 else who
            words = ", ".join(dict.fromkeys(each.words for each in same))
            detail = ", ".join(dict.fromkeys(each.detail or each.words for each in same))
            count = max(each.count for each in same)
            yield ReconstructedEntry(at, words, source, by, count, detail if detail != words else "")


def _is_creator(proof: ReconstructedEntry) -> bool:
    return proof.source == "managedFields" and not proof.who.subresource


def _metadata(metadata: Mapping[str, Any]) -> Iterator[ReconstructedEntry]:
    for name, words in (("creationTimestamp", "created"), ("deletionTimestamp", "to be deleted by then")):
        at = time_or_none(metadata.get(name))
        if at is not None:
            yield ReconstructedEntry(at, words, "metadata")


def _managed_fields(obj: Mapping[str, Any]) -> Iterator[ReconstructedEntry]:
    for entry in managed_fields(obj).values():
        at = time_or_none(entry.writer.time)
        if at is not None:
            words, detail = (f"last wrote {field_set_words(entry.fields, most)}" for most in (SHORT, _LONG))
            yield ReconstructedEntry(at, words, "managedFields", entry.writer, detail=detail if detail != words else "")


def _conditions(status: Mapping[str, Any]) -> Iterator[ReconstructedEntry]:
    for condition in _list(status.get("conditions")):
        at = time_or_none(condition.get("lastTransitionTime"))
        if at is not None:
            reason = _text(condition, "reason")
            words = f"{_text(condition, 'type')} became {_text(condition, 'status')}"
            yield ReconstructedEntry(at, f"{words}: {reason}" if reason else words, "condition")


def _containers(status: Mapping[str, Any]) -> Iterator[ReconstructedEntry]:
    for group in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
        for container in _list(status.get(group)):
            for name in ("lastState", "state"):
                yield from _container_state(_text(container, "name"), _mapping(container.get(name)))


def _container_state(name: str, state: Mapping[str, Any]) -> Iterator[ReconstructedEntry]:
    running, terminated = _mapping(state.get("running")), _mapping(state.get("terminated"))
    for at in filter(None, (time_or_none(each.get("startedAt")) for each in (running, terminated))):
        yield ReconstructedEntry(at, f"container {name} started", "container")
    at_end = time_or_none(terminated.get("finishedAt"))
    if at_end is not None:
        reason = _text(terminated, "reason") or "ended"
        words = f"container {name} {reason}, exit code {terminated.get('exitCode', '?')}"
        yield ReconstructedEntry(at_end, words, "container")


def _event(event: Mapping[str, Any]) -> Iterator[ReconstructedEntry]:
    facts = event_facts(event)
    if facts.first is not None and facts.last is not None and facts.last > facts.first:
        yield ReconstructedEntry(facts.first, facts.words, "event", Writer(facts.source))
    if facts.last is not None:
        yield ReconstructedEntry(facts.last, facts.words, "event", Writer(facts.source), facts.count)


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What an Event says. `first` and `last` in seconds since the epoch, None where it gives no time."""

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
    """Read an Event of either API group; what is missing or odd counts as not given."""
    series = _mapping(event.get("series"))
    first = _first_time(event, "firstTimestamp", "deprecatedFirstTimestamp", "eventTime")
    last = _first_time(event, "lastTimestamp", "deprecatedLastTimestamp")
    last = time_or_none(series.get("lastObservedTime")) if last is None else last
    counts = (event.get("count"), series.get("count"), event.get("deprecatedCount"))
    return EventFacts(
        first,
        first if last is None else last,
        next((each for each in counts if isinstance(each, int)), 1),
        _text(event, "type"),
        _source(event),
        event_words(event),
    )


def event_words(event: Mapping[str, Any]) -> str:
    """Reason and message of an Event: `BackOff: Back-off restarting failed container`."""
    reason, message = _text(event, "reason"), _text(event, "message") or _text(event, "note")
    return ": ".join(part for part in (reason, " ".join(message.split())) if part)


def _first_time(event: Mapping[str, Any], *names: str) -> float | None:
    return next((at for at in (time_or_none(event.get(name)) for name in names) if at is not None), None)


def _source(event: Mapping[str, Any]) -> str:
    reporting = (_text(event, name) for name in ("reportingComponent", "reportingController"))
    source = (_text(_mapping(event.get(name)), "component") for name in ("source", "deprecatedSource"))
    return next(filter(None, (*reporting, *source)), "")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""
