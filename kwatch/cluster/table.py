"""The server's Table: the rows it would print, with the objects they are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from kwatch.base.limits import MB
from kwatch.informer.decoding import (
    UNDECODABLE,
    decode_list,
    decode_object,
    decode_watch_event,
    error_from_answer,
    page_of,
    type_in,
    why_too_much,
    why_undecodable,
)
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject, ServerColumn, TableSample, Unreadable
from kwatch.informer.protocol import BOOKMARK, ERROR, Object, ObjectList, WatchEvent

ACCEPT = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


class _Column(msgspec.Struct, gc=False):
    name: str
    type: str = "string"
    format: str = ""
    priority: int = 0
    description: str = ""


class _Row(msgspec.Struct, gc=False):
    cells: list[Any] | None = None
    object: msgspec.Raw = msgspec.Raw(b"null")


class _Metadata(msgspec.Struct, gc=False, rename="camel"):
    resource_version: str | None = None
    continue_: str | None = msgspec.field(default=None, name="continue")
    remaining_item_count: int | None = None


class _Table(msgspec.Struct, gc=False, rename="camel"):
    kind: str = ""
    metadata: _Metadata | None = None
    column_definitions: list[_Column] | None = None
    rows: list[_Row] | msgspec.UnsetType | None = msgspec.UNSET


class _Event(msgspec.Struct, gc=False):
    type: str
    object: _Table


_table = msgspec.json.Decoder(_Table).decode
_row = msgspec.json.Decoder(_Row).decode
_event = msgspec.json.Decoder(_Event).decode


def decode_sample(body: bytes, kind: str, api_version: str) -> TableSample:
    """The columns, none if the server answered with something else than a Table, and the object of the first row if it
    is one of that kind. Raise ApiError if it is no JSON.
    """
    try:
        table = _table(body)
    except UNDECODABLE as error:
        raise ApiError(0, "Malformed", f"The server's table cannot be read: {why_undecodable(error)}.") from error
    columns = table.column_definitions if table.kind == "Table" else None
    found = [ServerColumn(each.name, each.type, each.format, each.priority, each.description) for each in columns or ()]
    row = table.rows[0] if found and table.rows else None
    thing = _object(row, "", "") if row is not None else None
    fits = isinstance(thing, KubeObject) and (thing.kind, thing.api_version) == (kind, api_version)
    return TableSample(tuple(found), thing if fits and isinstance(thing, KubeObject) else None, _total(table))


def _total(table: _Table) -> int | None:
    """Of how many objects these are the first rows; None where the server does not say, as with selectors."""
    metadata = table.metadata or _Metadata()
    remaining = metadata.remaining_item_count if metadata.continue_ else 0
    return None if table.kind != "Table" or remaining is None else len(table.rows or ()) + remaining


def decode_table_list(
    body: bytes, kind: str, api_version: str, items: Sequence[Object | bytes] | None = None
) -> ObjectList:
    """One page of a list; every object has its cells. A plain list, where the server knows no tables, has none. `items`
    are the rows or objects of a body from which they were taken out.
    """
    try:
        table = _table(body)
    except UNDECODABLE:
        table = _Table()
    if table.kind != "Table":
        return decode_list(body, kind=kind, api_version=api_version, items=items)
    if table.rows is msgspec.UNSET:
        raise error_from_answer(body, "Table")
    metadata = table.metadata or _Metadata()
    if items is None:
        found = [_object(row, kind, api_version) for row in table.rows or ()]
    else:
        found = [_object_in(item, kind, api_version) if isinstance(item, bytes) else item for item in items]
    return page_of(found, metadata.resource_version, metadata.continue_, metadata.remaining_item_count)


def decode_table_event(line: bytes, kind: str, api_version: str) -> WatchEvent:
    """One line of a watch for tables: each event is a Table of one row."""
    if len(line) > MB and (too_much := why_too_much(line)):
        return WatchEvent(type_in(line), Unreadable(line, too_much))
    try:
        event = _event(line)
    except UNDECODABLE:
        return decode_watch_event(line, kind=kind, api_version=api_version)
    table = event.object
    if event.type == ERROR or table.kind != "Table":
        return decode_watch_event(line, kind=kind, api_version=api_version)
    if event.type == BOOKMARK:
        return WatchEvent(BOOKMARK, _bookmark(table))
    return WatchEvent(event.type, _object(table.rows[0] if table.rows else _Row(), kind, api_version))


def _object_in(raw: bytes, kind: str, api_version: str) -> Object:
    """The object of a row that comes alone."""
    if len(raw) > MB and (too_much := why_too_much(raw)):
        return Unreadable(raw, too_much)
    try:
        return _object(_row(raw), kind, api_version)
    except UNDECODABLE as error:
        return Unreadable(raw, why_undecodable(error))


def _object(row: _Row, kind: str, api_version: str) -> Object:
    found = decode_object(bytes(row.object), kind, api_version)
    if isinstance(found, KubeObject):
        found.cells = tuple(_plain(cell) for cell in row.cells or ())
    return found


def _plain(cell: Any) -> Any:
    """Cells are texts, numbers, booleans or nothing; what is nested becomes its JSON."""
    return msgspec.json.encode(cell).decode() if isinstance(cell, list | dict) else cell


def _bookmark(table: _Table) -> dict[str, Any]:
    """A bookmark's object is in the row like any other; where it is not, the Table's version is what it says."""
    version = (table.metadata and table.metadata.resource_version) or ""
    try:
        tree = msgspec.json.decode(table.rows[0].object) if table.rows else None
    except UNDECODABLE:
        tree = None
    metadata = tree.get("metadata") if isinstance(tree, dict) else None
    return {"metadata": {"resourceVersion": version} | (metadata if isinstance(metadata, dict) else {})}
