"""What a recording hands out: deltas with their objects, gaps, and the streams they belong to."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.history.recording.format import ColumnRow, StreamInfo
from kwatch.informer.delta import DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource


@dataclass(frozen=True, slots=True)
class RecordedStream:
    """A resource that was recorded, with the selection it was watched in."""

    number: int
    context: str
    resource: Resource
    namespace: str | None = None
    label_selector: str | None = None
    field_selector: str | None = None
    columns: tuple[ColumnRow, ...] = ()
    """The server's, if the objects carry cells."""

    @classmethod
    def of(cls, info: StreamInfo) -> RecordedStream:
        """From the file's own words."""
        resource = Resource(
            GroupVersionResource(info.group, info.version, info.resource),
            info.kind,
            info.namespaced,
            info.singular,
            info.short_names,
            info.categories,
            frozenset({"get", "list", "watch"}),
        )
        return cls(
            info.number,
            info.context,
            resource,
            info.namespace,
            info.label_selector,
            info.field_selector,
            info.columns,
        )

    @property
    def info(self) -> StreamInfo:
        """In the file's own words."""
        resource = self.resource
        return StreamInfo(
            self.number,
            self.context,
            resource.group,
            resource.version,
            resource.name,
            resource.kind,
            resource.namespaced,
            resource.singular,
            resource.short_names,
            resource.categories,
            self.namespace,
            self.label_selector,
            self.field_selector,
            self.columns,
        )


@dataclass(frozen=True, slots=True)
class Recorded:
    """One delta. `at` is its receipt in seconds since the epoch, `sequence` as it was then."""

    stream: RecordedStream
    key: str
    sequence: int
    at: float
    type: DeltaType
    object: KubeObject
    inferred: bool = False
    departed: bool = False
    """A deletion that may be none: the object left the selection, or was deleted."""

    @property
    def deleted(self) -> bool:
        """Whether the object ended here."""
        return self.type is DeltaType.DELETED


@dataclass(frozen=True, slots=True)
class RecordedGap:
    """A time when a stream was not watched, in seconds since the epoch."""

    stream: RecordedStream
    since: float
    until: float
    cause: str

    @property
    def at(self) -> float:
        """When it was known."""
        return self.until
