"""Events, as the core group and as events.k8s.io spell them."""

from __future__ import annotations

from typing import Any

import msgspec

from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import Level
from kwatch.catalog.kind import Field, Kind, age, declare, number, text
from kwatch.catalog.shapes import Shape, WholeObject


class InvolvedObject(Shape, frozen=True):
    kind: str = ""
    name: str = ""
    field_path: str = ""


class EventSource(Shape, frozen=True):
    """Who says so, in the older form."""

    component: str = ""
    host: str = ""


class Series(Shape, frozen=True):
    count: int = 0
    last_observed_time: str | None = None


class CoreEvent(WholeObject, frozen=True):
    """An event of the core group."""

    type: str = ""
    reason: str = ""
    message: str = ""
    count: int = 0
    involved_object: InvolvedObject = InvolvedObject()
    source: EventSource = EventSource()
    first_timestamp: str | None = None
    last_timestamp: str | None = None
    event_time: str | None = None
    series: Series | None = None
    reporting_component: str = ""
    reporting_instance: str = ""


class NewEvent(WholeObject, frozen=True):
    """An event of events.k8s.io."""

    type: str = ""
    reason: str = ""
    message: str = msgspec.field(default="", name="note")
    count: int = msgspec.field(default=0, name="deprecatedCount")
    involved_object: InvolvedObject = msgspec.field(default=InvolvedObject(), name="regarding")
    source: EventSource = msgspec.field(default=EventSource(), name="deprecatedSource")
    first_timestamp: str | None = msgspec.field(default=None, name="deprecatedFirstTimestamp")
    last_timestamp: str | None = msgspec.field(default=None, name="deprecatedLastTimestamp")
    event_time: str | None = None
    series: Series | None = None
    reporting_component: str = msgspec.field(default="", name="reportingController")
    reporting_instance: str = ""


AnyEvent = CoreEvent | NewEvent


def first_seen(event: AnyEvent) -> float | None:
    first = parse_time(event.first_timestamp)
    return parse_time(event.event_time) if first is None else first


def last_seen(event: AnyEvent) -> float | None:
    if event.series is not None:
        return parse_time(event.series.last_observed_time)
    last = parse_time(event.last_timestamp)
    return first_seen(event) if last is None else last


def _times_seen(event: AnyEvent) -> int:
    return event.series.count if event.series is not None else event.count or 1


def target(event: AnyEvent) -> str:
    """`pod/web-1`."""
    about = event.involved_object
    return f"{about.kind.lower()}/{about.name}" if about.name else about.kind.lower()


def _source(event: AnyEvent) -> str:
    """`kubelet, node-1`."""
    component = event.source.component or event.reporting_component
    instance = event.source.host or event.reporting_instance
    return f"{component}, {instance}" if instance else component


def _kind(shape: type[Any]) -> Kind:
    identity: Field[Any] = text("Name", lambda obj: obj.name, wide=True, unique=True, server_format="name")
    return declare(
        "Event",
        shape,
        age("Last Seen", last_seen),
        text("Type", lambda event: event.type, levels={"Normal": Level.GOOD, "Warning": Level.WARNING}),
        text("Reason", lambda event: event.reason),
        text("Object", target, max_width=48),
        text("Subobject", lambda event: event.involved_object.field_path, wide=True),
        text("Source", _source, wide=True),
        text("Message", lambda event: event.message.strip(), unique=True, max_width=200),
        age("First Seen", first_seen, wide=True),
        number("Count", _times_seen, wide=True, server_type="string"),
        Field(identity.column, identity.read, of_head=True),
    )


EVENTS = _kind(CoreEvent)
NEW_EVENTS = _kind(NewEvent)
