"""Records, pages and changes as the bytes that go over the wire: as objects, or as their metadata only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Protocol

import msgspec

from kwatch.simulator.api.listing import Page
from kwatch.simulator.api_types import APIType
from kwatch.simulator.collection import Change, Record

INITIAL_EVENTS_END = "k8s.io/initial-events-end"


class Encoder(Protocol):
    def one(self, record: Record) -> bytes:
        """An object on its own, with the newline that ends every body."""
        ...

    def page(self, page: Page) -> Iterator[bytes]:
        """A list in parts, so that a large one need not be built at once."""
        ...

    def event(self, change_type: str, record: Record, change: Change | None = None) -> bytes:
        """A line of a watch. `change` is what the record came with, if anything, and keeps what can be shared."""
        ...

    def bookmark(self, api_type: APIType, revision: int, *, initial_events_end: bool = False) -> bytes: ...


def list_metadata(page: Page) -> bytes:
    metadata: dict[str, Any] = {"resourceVersion": str(page.revision)}
    if page.continue_token:
        metadata["continue"] = page.continue_token
        if page.remaining is not None:
            metadata["remainingItemCount"] = page.remaining
    return msgspec.json.encode(metadata)


def bookmark_metadata(revision: int, initial_events_end: bool) -> dict[str, Any]:
    metadata: dict[str, Any] = {"resourceVersion": str(revision)}
    if initial_events_end:
        metadata["annotations"] = {INITIAL_EVENTS_END: "true"}
    return metadata


def separated(items: Iterator[bytes]) -> Iterator[bytes]:
    first = next(items, None)
    if first is not None:
        yield first
    for item in items:
        yield b"," + item


def line(change_type: str, obj: bytes) -> bytes:
    return b'{"type":"%s","object":%s}\n' % (change_type.encode(), obj)


Tree = dict[str, Any]


def in_version(record: Record, api_type: APIType) -> Record:
    """The record as the version asked for shows it; itself, if that is the stored one."""
    if record.api_type is api_type or record.api_type.api_version == api_type.api_version:
        return record
    tree = record.tree()
    convert = _CONVERSIONS.get((api_type.api_version, api_type.kind))
    if convert is not None:
        tree = convert(tree)
    tree["apiVersion"] = api_type.api_version
    if api_type.custom:
        return replace(record, api_type=api_type, raw=msgspec.json.encode(tree, order="sorted"))
    rest = {name: value for name, value in tree.items() if name not in ("kind", "apiVersion")}
    return replace(record, api_type=api_type, raw=msgspec.json.encode(rest))


def _new_event(tree: Tree) -> Tree:
    """An Event of events.k8s.io from one of the core group."""
    renamed = {
        "involvedObject": "regarding",
        "message": "note",
        "source": "deprecatedSource",
        "firstTimestamp": "deprecatedFirstTimestamp",
        "lastTimestamp": "deprecatedLastTimestamp",
        "count": "deprecatedCount",
        "reportingComponent": "reportingController",
    }
    return {renamed.get(name, name): value for name, value in tree.items()}


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
_KIND = b'{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":%s}'


def partial_metadata(record: Record) -> bytes:
    """An object without all but its metadata."""
    return _KIND % bytes(_decode_head(record.raw).metadata)


class MetadataEncoder:
    """PartialObjectMetadata, and lists and watches of it."""

    def one(self, record: Record) -> bytes:
        return partial_metadata(record) + b"\n"

    def page(self, page: Page) -> Iterator[bytes]:
        head = b'{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":%s,"items":['
        yield head % list_metadata(page)
        yield from separated(partial_metadata(record) for record in page.records)
        yield b"]}\n"

    def event(self, change_type: str, record: Record, change: Change | None = None) -> bytes:
        return line(change_type, partial_metadata(record))

    def bookmark(self, api_type: APIType, revision: int, *, initial_events_end: bool = False) -> bytes:
        metadata = msgspec.json.encode(bookmark_metadata(revision, initial_events_end))
        return line("BOOKMARK", _KIND % metadata)


_EMPTY_PARTS: dict[str, dict[str, Any]] = {"Pod": {"spec": {"containers": None}, "status": {}}}
"""What the server's empty object of a kind has in a bookmark beside metadata."""


class ObjectEncoder:
    """The plain form. Watches of the same objects share the bytes of every line."""

    def __init__(self, api_type: APIType) -> None:
        self._type = api_type

    def one(self, record: Record) -> bytes:
        return record.whole + b"\n"

    def page(self, page: Page) -> Iterator[bytes]:
        """A list: of built-in types as Go's structs are written, of custom ones with sorted keys."""
        metadata = list_metadata(page)
        items = separated(record.raw for record in page.records)
        kind, api_version = self._type.kind_of_list.encode(), self._type.api_version.encode()
        if self._type.custom:
            yield b'{"apiVersion":"%s","items":[' % api_version
            yield from items
            yield b'],"kind":"%s","metadata":%s}\n' % (kind, metadata)
        else:
            yield b'{"kind":"%s","apiVersion":"%s","metadata":%s,"items":[' % (kind, api_version, metadata)
            yield from items
            yield b"]}\n"

    def event(self, change_type: str, record: Record, change: Change | None = None) -> bytes:
        if change is None:
            return line(change_type, record.whole)
        return change.encoded((change_type, record.api_type.api_version), lambda: line(change_type, record.whole))

    def bookmark(self, api_type: APIType, revision: int, *, initial_events_end: bool = False) -> bytes:
        """An empty object with nothing but a version."""
        metadata = bookmark_metadata(revision, initial_events_end)
        bookmark: dict[str, Any] = {"kind": api_type.kind, "apiVersion": api_type.api_version, "metadata": metadata}
        if api_type.custom:
            return line("BOOKMARK", msgspec.json.encode(bookmark, order="sorted"))
        return line("BOOKMARK", msgspec.json.encode(bookmark | _EMPTY_PARTS.get(api_type.kind, {})))
