"""Records, pages and changes as the bytes that go over the wire: as objects, as their metadata only, or as the Table of
rows and cells that kubectl prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.simulator.api.listing import Page
from kwatch.simulator.api_types import CRD_STORAGE, APIType
from kwatch.simulator.collection import Change, Record, encoded_item
from kwatch.simulator.store import Store

if TYPE_CHECKING:
    from kwatch.catalog.column import Column
    from kwatch.catalog.kind import Kind
    from kwatch.catalog.server_columns import PrinterColumn

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


_AGE = {
    "name": "Age",
    "type": "date",
    "jsonPath": ".metadata.creationTimestamp",
    "description": "CreationTimestamp is a timestamp representing the server time when this object was created. It is "
    "not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It "
    "is represented in RFC3339 form and is in UTC.",
}
"""The column of a definition that names none."""
_DESCRIPTION = "Custom resource definition column (in JSONPath format): {}"


def printed_kind(store: Store, api_type: APIType) -> Kind:
    """The catalogue's kind of a built-in type, or what a CustomResourceDefinition says of its columns."""
    # The catalogue is imported when the first Table is asked for: the demo's own client never does.
    from kwatch.catalog.registry import generic_kind, kind_for
    from kwatch.catalog.server_columns import kind_from_printer_columns

    resource = as_resource(api_type)
    if api_type.custom:
        definition = store.get(CRD_STORAGE, api_type.group_resource)
        assert definition is not None  # a custom type lives as long as its definition
        return kind_from_printer_columns(resource, _printer_columns(definition, api_type.version))
    return kind_for(resource, store.minor) or generic_kind(resource)


def as_resource(api_type: APIType) -> Resource:
    """The type as a client knows it from discovery."""
    return Resource(
        GroupVersionResource(api_type.group, api_type.version, api_type.resource),
        api_type.kind,
        api_type.namespaced,
        singular=api_type.singular_name,
        short_names=api_type.short_names,
        categories=api_type.categories,
        verbs=frozenset(api_type.verbs),
    )


def _printer_columns(definition: dict[str, Any], version: str) -> list[PrinterColumn]:
    from kwatch.catalog.server_columns import PrinterColumn

    declared = next(each for each in definition["spec"]["versions"] if each["name"] == version)
    return [
        PrinterColumn(
            column["name"],
            column["type"],
            column["jsonPath"],
            column.get("priority", 0),
            column.get("description")
            or f"Custom resource definition column (in JSONPath format): {column['jsonPath']}",
            column.get("format", ""),
        )
        for column in declared.get("additionalPrinterColumns") or [_AGE]
    ]


_NAME_DESCRIPTION = (
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a "
    "client to request the generation of an appropriate name automatically. Name is primarily intended for creation "
    "idempotence and configuration definition. Cannot be updated. More info: "
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names"
)
_HEAD = b'{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":%s,"columnDefinitions":%s,"rows":['
_SCALARS = frozenset({"integer", "number", "boolean"})


class TableEncoder(Encoder):
    """Rows by the catalogue's rules. Only the first Table a watch sends names the columns."""

    def __init__(self, kind: Kind, include_object: str, clock: Callable[[], float]) -> None:
        self._kind = kind
        self._include = include_object
        self._clock = clock
        self._columns_sent = False

    def shown(self, record: Record) -> bytes:
        return self._table(str(record.revision), self._columns(), self.item(record))

    def item(self, record: Record) -> bytes:
        api_type = record.api_type
        values = self._kind.read(KubeObject(record.raw, api_type.kind, api_type.api_version))
        cells = self._kind.table_cells(values, self._clock())
        return b'{"cells":%s,"object":%s}' % (msgspec.json.encode(cells), self._object(record))

    def list_frame(self, metadata: bytes) -> tuple[bytes, bytes]:
        return _HEAD % (metadata, self._columns()), b"]}"

    def event(self, change_type: str, record: Record, change: Change | None = None) -> bytes:
        return line(change_type, self._table(str(record.revision), self._columns_once(), self.item(record)))

    def empty(self, metadata: dict[str, Any]) -> bytes:
        """A Table whose only row is empty."""
        cells = msgspec.json.encode([None if column.type in _SCALARS else "" for column in self._kind.columns])
        row = b'{"cells":%s,"object":%s}' % (cells, empty_partial(metadata))
        return self._table(metadata["resourceVersion"], self._columns_once(), row)

    def _table(self, revision: str, columns: bytes, row: bytes) -> bytes:
        return _HEAD % (b'{"resourceVersion":"%s"}' % revision.encode(), columns) + row + b"]}"

    def _columns_once(self) -> bytes:
        if self._columns_sent:
            return b"null"
        self._columns_sent = True
        return self._columns()

    def _columns(self) -> bytes:
        return msgspec.json.encode([_definition(column) for column in self._kind.columns])

    def _object(self, record: Record) -> bytes:
        match self._include:
            case "None":
                return b"null"
            case "Object":
                return record.whole
            case _:
                return partial_metadata(record)


def _definition(column: Column) -> dict[str, Any]:
    description = column.description
    if not description and column.format == "name":
        description = _NAME_DESCRIPTION
    return {
        "name": column.title,
        "type": column.type,
        "format": column.format,
        "description": description,
        "priority": column.priority,
    }
