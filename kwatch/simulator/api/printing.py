"""Objects as rows of cells, the Table that kubectl prints: which columns a type has, and how they are filled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from kwatch.catalog.column import Column
from kwatch.catalog.kind import Kind
from kwatch.catalog.printer_columns import PrinterColumn, kind_from_printer_columns
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.simulator.api.encoders import bookmark_metadata, line, list_metadata, partial_metadata, separated
from kwatch.simulator.api.listing import Page
from kwatch.simulator.api_types import CRD_STORAGE, APIType
from kwatch.simulator.collection import Change, Record
from kwatch.simulator.store import Store

_AGE = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
_AGE_DESCRIPTION = (
    "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed "
    "to be set in happens-before order across separate operations. Clients may not set this value. It is represented "
    "in RFC3339 form and is in UTC."
)


def printed_kind(store: Store, api_type: APIType) -> Kind:
    """The catalogue's kind of a built-in type, or what a CustomResourceDefinition says of its columns."""
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
    declared = next(each for each in definition["spec"]["versions"] if each["name"] == version)
    columns = declared.get("additionalPrinterColumns")
    if not columns:
        return [_printer_column(_AGE, _AGE_DESCRIPTION)]
    return [
        _printer_column(column, f"Custom resource definition column (in JSONPath format): {column['jsonPath']}")
        for column in columns
    ]


def _printer_column(column: dict[str, Any], default_description: str) -> PrinterColumn:
    return PrinterColumn(
        column["name"],
        column["type"],
        column["jsonPath"],
        column.get("priority", 0),
        column.get("description") or default_description,
        column.get("format", ""),
    )


_NAME_DESCRIPTION = (
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a "
    "client to request the generation of an appropriate name automatically. Name is primarily intended for creation "
    "idempotence and configuration definition. Cannot be updated. More info: "
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names"
)
_SCALARS = frozenset({"integer", "number", "boolean"})


class TableEncoder:
    """Rows by the catalogue's rules. Only the first Table a watch sends names the columns."""

    def __init__(self, kind: Kind, include_object: str, clock: Callable[[], float]) -> None:
        self._kind = kind
        self._include = include_object
        self._clock = clock
        self._columns_sent = False

    def one(self, record: Record) -> bytes:
        return self._table(_version(record.revision), self._columns(), self._row(record)) + b"\n"

    def page(self, page: Page) -> Iterator[bytes]:
        yield self._head(list_metadata(page), self._columns())
        yield from separated(self._row(record) for record in page.records)
        yield b"]}\n"

    def event(self, change_type: str, record: Record, change: Change | None = None) -> bytes:
        return line(change_type, self._table(_version(record.revision), self._columns_once(), self._row(record)))

    def bookmark(self, api_type: APIType, revision: int, *, initial_events_end: bool = False) -> bytes:
        """A Table whose only row is empty."""
        metadata = msgspec.json.encode(bookmark_metadata(revision, initial_events_end))
        cells = msgspec.json.encode([None if column.type in _SCALARS else "" for column in self._kind.columns])
        empty = b'{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":%s}' % metadata
        row = b'{"cells":%s,"object":%s}' % (cells, empty)
        return line("BOOKMARK", self._table(_version(revision), self._columns_once(), row))

    def _table(self, metadata: bytes, columns: bytes, row: bytes) -> bytes:
        return self._head(metadata, columns) + row + b"]}"

    def _head(self, metadata: bytes, columns: bytes) -> bytes:
        head = b'{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":%s,"columnDefinitions":%s,"rows":['
        return head % (metadata, columns)

    def _columns_once(self) -> bytes:
        if self._columns_sent:
            return b"null"
        self._columns_sent = True
        return self._columns()

    def _columns(self) -> bytes:
        return msgspec.json.encode([_definition(column) for column in self._kind.columns])

    def _row(self, record: Record) -> bytes:
        api_type = record.api_type
        values = self._kind.read(KubeObject(record.raw, api_type.kind, api_type.api_version))
        cells = self._kind.table_cells(values, self._clock())
        return b'{"cells":%s,"object":%s}' % (msgspec.json.encode(cells), self._object(record))

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


def _version(revision: int) -> bytes:
    return b'{"resourceVersion":"%d"}' % revision
