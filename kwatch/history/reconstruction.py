"""What a server still proves of an object's past to a process that was not there: reconstructed, and marked so.

managedFields say who last wrote which fields when; conditions and container states when they came to be; Events what
was reported. Nothing says what the values were before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from kwatch.base.timestamp import time_or_none
from kwatch.history.attribution import SHORT, UNKNOWN, Writer, field_set_words


def event_words(event: Mapping[str, Any]) -> str:
    """`BackOff: Back-off restarting failed container`; of either API group."""
    reason, message = _part(event, "reason"), _part(event, "message") or _part(event, "note")
    return ": ".join(part for part in (reason, " ".join(message.split())) if part)


def _part(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    return value if isinstance(value, str) else ""


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
        _text_of(event.get("type")),
        _source(event),
        event_words(event),
    )


def _first_time(event: Mapping[str, Any], *names: str) -> float | None:
    return next((at for at in (time_or_none(event.get(name)) for name in names) if at is not None), None)


def _source(event: Mapping[str, Any]) -> str:
    for name in ("reportingComponent", "reportingController"):
        if found := _text_of(event.get(name)):
            return found
    for name in ("source", "deprecatedSource"):
        source = event.get(name)
        if isinstance(source, Mapping) and (found := _text_of(source.get("component"))):
            return found
    return ""


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


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


def joined(proofs: Sequence[ReconstructedEntry]) -> Iterator[ReconstructedEntry]:
    """What one source proves of one second is one entry: a pod's conditions change together.

    Whoever wrote in the second of the creation created it, if there was only one.
    """
    created = next((each for each in proofs if each.source == "metadata"), None)
    creators = [each for each in proofs if created is not None and each.at == created.at and _is_creator(each)]
    for (at, source, who), group in groupby(proofs, key=lambda each: (each.at, each.source, each.who)):
        told = [each for each in group if each not in creators or len(creators) > 1]
        if told:
            by = creators[0].who if told[0] is created and len(creators) == 1 else who
            words, detail = (", ".join(dict.fromkeys(texts)) for texts in zip(*map(_texts, told), strict=True))
            count = max(each.count for each in told)
            yield ReconstructedEntry(at, words, source, by, count, detail if detail != words else "")


def _texts(proof: ReconstructedEntry) -> tuple[str, str]:
    return proof.words, proof.detail or proof.words


def _is_creator(proof: ReconstructedEntry) -> bool:
    return proof.source == "managedFields" and not proof.who.subresource


def _metadata(metadata: Mapping[str, Any]) -> Iterator[ReconstructedEntry]:
    for name, words in (("creationTimestamp", "created"), ("deletionTimestamp", "to be deleted by then")):
        at = time_or_none(metadata.get(name))
        if at is not None:
            yield ReconstructedEntry(at, words, "metadata")


def _managed_fields(obj: Mapping[str, Any]) -> Iterator[ReconstructedEntry]:
    for entry in _list(_mapping(obj.get("metadata")).get("managedFields")):
        at = time_or_none(entry.get("time"))
        manager = entry.get("manager")
        if at is None or not isinstance(manager, str):
            continue
        writer = Writer(manager, _text(entry, "operation"), _text(entry, "subresource"), _text(entry, "time"))
        fields = entry.get("fieldsV1")
        words, detail = (f"last wrote {field_set_words(fields, most)}" for most in (SHORT, _LONG))
        yield ReconstructedEntry(at, words, "managedFields", writer, detail=detail if detail != words else "")


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
            name = _text(container, "name")
            for state in (_mapping(container.get("lastState")), _mapping(container.get("state"))):
                running, terminated = _mapping(state.get("running")), _mapping(state.get("terminated"))
                for at in filter(
                    None, (time_or_none(running.get("startedAt")), time_or_none(terminated.get("startedAt")))
                ):
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


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""
