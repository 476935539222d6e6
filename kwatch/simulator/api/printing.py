"""Objects as rows of cells, the Table that kubectl prints: which columns a type has, and how they are filled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from kwatch.catalog.column import Column
from kwatch.catalog.kind import Kind
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.catalog.server_columns import PrinterColumn, kind_from_printer_columns
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.simulator.api.encoders import Encoder, empty_partial, line, partial_metadata
from kwatch.simulator.api_types import CRD_STORAGE, APIType
from kwatch.simulator.collection import Change, Record
from kwatch.simulator.store import Store

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
