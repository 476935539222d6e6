"""Records, pages and changes as the bytes that go over the wire: as objects, or as their metadata only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import msgspec

from kwatch.simulator.api.listing import Page
from kwatch.simulator.api_types import APIType
from kwatch.simulator.collection import Change, Record, encoded_item

INITIAL_EVENTS_END = "k8s.io/initial-events-end"
Tree = dict[str, Any]


class Encoder:
    """One form of answers. A form says how an object looks, and what a list and a bookmark of them begin with."""

    def shown(self, record: Record) -> bytes:
        raise NotImplementedError

    def list_frame(self, metadata: bytes) -> tuple[bytes, bytes]:
        """What stands before and after the items of a list."""
        raise NotImplementedError

    def item(self, record: Record) -> bytes:
        """An object as an item of a list."""
        return self.shown(record)

    def one(self, record: Record) -> bytes:
        """An object on its own, with the newline that ends every body."""
        return self.shown(record) + b"\n"

    def page(self, page: Page) -> Iterator[bytes]:
        """A list in parts, so that a large one need not be built at once."""
        metadata: Tree = {"resourceVersion": str(page.revision)}
        if page.continue_token:
            metadata["continue"] = page.continue_token
            if page.remaining is not None:
                metadata["remainingItemCount"] = page.remaining
        before, after = self.list_frame(msgspec.json.encode(metadata))
        yield before
        separator = b""
        for record in page.records:
            yield separator + self.item(record)
            separator = b","
        yield after + b"\n"

    def event(self, change_type: str, record: Record, change: Change | None = None) -> bytes:
        """A line of a watch. `change` is what the record came with, if anything, and keeps what can be shared."""
        return line(change_type, self.shown(record))

    def bookmark(self, revision: int, *, initial_events_end: bool = False) -> bytes:
        """A line of a watch that brings nothing but a version."""
        metadata: Tree = {"resourceVersion": str(revision)}
        if initial_events_end:
            metadata["annotations"] = {INITIAL_EVENTS_END: "true"}
        return line("BOOKMARK", self.empty(metadata))

    def empty(self, metadata: Tree) -> bytes:
        """An object with nothing but metadata."""
        raise NotImplementedError


def line(change_type: str, obj: bytes) -> bytes:
    return b'{"type":"%s","object":%s}\n' % (change_type.encode(), obj)


def in_version(record: Record, api_type: APIType) -> Record:
    """The record as the version asked for shows it; itself, if that is the stored one."""
    if record.api_type is api_type or record.api_type.api_version == api_type.api_version:
        return record
    tree = record.tree()
    convert = _CONVERSIONS.get((api_type.api_version, api_type.kind))
    if convert is not None:
        tree = convert(tree)
    tree["apiVersion"] = api_type.api_version
    return replace(record, api_type=api_type, raw=encoded_item(api_type, tree))


_NEW_EVENT_FIELDS = {
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "reportingComponent": "reportingController",
}


def _new_event(tree: Tree) -> Tree:
    """An Event of events.k8s.io from one of the core group."""
    return {_NEW_EVENT_FIELDS.get(name, name): value for name, value in tree.items()}


def _old_autoscaler(tree: Tree) -> Tree:
    """An autoscaler of autoscaling/v1, which knows no metric but CPU."""
    spec = dict(tree.get("spec", {}))
    status = dict(tree.get("status", {}))
    target = _cpu(spec.pop("metrics", None), "target")
    current = _cpu(status.pop("currentMetrics", None), "current")
    spec.pop("behavior", None)
    status.pop("conditions", None)
    if target is not None:
        spec["targetCPUUtilizationPercentage"] = target
    if current is not None:
        status["currentCPUUtilizationPercentage"] = current
    return {**tree, "spec": spec, "status": status}


def _cpu(metrics: list[Tree] | None, part: str) -> int | None:
    for metric in metrics or ():
        resource = metric.get("resource", {})
        if resource.get("name") == "cpu":
            value: int | None = resource.get(part, {}).get("averageUtilization")
            return value
    return None


_CONVERSIONS: dict[tuple[str, str], Callable[[Tree], Tree]] = {
    ("events.k8s.io/v1", "Event"): _new_event,
    ("autoscaling/v1", "HorizontalPodAutoscaler"): _old_autoscaler,
}


class _Head(msgspec.Struct):
    metadata: msgspec.Raw


_decode_head = msgspec.json.Decoder(_Head).decode
_PARTIAL = b'{"kind":"PartialObjectMetadata%s","apiVersion":"meta.k8s.io/v1","metadata":%s'


def partial_metadata(record: Record) -> bytes:
    """An object without all but its metadata."""
    return _PARTIAL % (b"", bytes(_decode_head(record.raw).metadata)) + b"}"


def empty_partial(metadata: Tree) -> bytes:
    return _PARTIAL % (b"", msgspec.json.encode(metadata)) + b"}"


class MetadataEncoder(Encoder):
    """PartialObjectMetadata, and lists and watches of it."""

    def shown(self, record: Record) -> bytes:
        return partial_metadata(record)

    def list_frame(self, metadata: bytes) -> tuple[bytes, bytes]:
        return _PARTIAL % (b"List", metadata) + b',"items":[', b"]}"

    def empty(self, metadata: Tree) -> bytes:
        return empty_partial(metadata)


_EMPTY_PARTS: dict[str, Tree] = {"Pod": {"spec": {"containers": None}, "status": {}}}
"""What the server's empty object of a kind has in a bookmark beside metadata."""


class ObjectEncoder(Encoder):
    """The plain form: of built-in types as Go's structs are written, of custom ones with sorted keys. Watches of the
    same objects share the bytes of every line.
    """

    def __init__(self, api_type: APIType) -> None:
        self._type = api_type

    def shown(self, record: Record) -> bytes:
        return record.whole

    def item(self, record: Record) -> bytes:
        return record.raw

    def list_frame(self, metadata: bytes) -> tuple[bytes, bytes]:
        kind, api_version = self._type.kind_of_list.encode(), self._type.api_version.encode()
        if self._type.custom:
            return b'{"apiVersion":"%s","items":[' % api_version, b'],"kind":"%s","metadata":%s}' % (kind, metadata)
        return b'{"kind":"%s","apiVersion":"%s","metadata":%s,"items":[' % (kind, api_version, metadata), b"]}"

    def event(self, change_type: str, record: Record, change: Change | None = None) -> bytes:
        if change is None:
            return super().event(change_type, record)
        key = (change_type, record.api_type.api_version)
        return change.encoded(key, lambda: line(change_type, record.whole))

    def empty(self, metadata: Tree) -> bytes:
        bare: Tree = {"kind": self._type.kind, "apiVersion": self._type.api_version, "metadata": metadata}
        if self._type.custom:
            return msgspec.json.encode(bare, order="sorted")
        return msgspec.json.encode(bare | _EMPTY_PARTS.get(self._type.kind, {}))
