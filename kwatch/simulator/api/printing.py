"""Which columns a Table of a type has."""

from __future__ import annotations

from typing import Any

from kwatch.catalog.kind import Kind
from kwatch.catalog.printer_columns import PrinterColumn, kind_from_printer_columns
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.simulator.api_types import APIType
from kwatch.simulator.custom_types import CRD_STORAGE
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
