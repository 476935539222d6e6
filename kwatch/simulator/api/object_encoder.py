"""Objects as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from kwatch.simulator.api.encoder import bookmark_metadata, line, list_metadata, separated
from kwatch.simulator.api.listing import Page
from kwatch.simulator.api_types import APIType
from kwatch.simulator.record import Change, Record

_EMPTY_PARTS: dict[str, dict[str, Any]] = {"Pod": {"spec": {"containers": None}, "status": {}}}
"""What the server's empty object of a kind has in a bookmark beside metadata."""


class ObjectEncoder:
    """The plain form. Watches of the same objects share the bytes of every line."""

    def __init__(self, api_type: APIType) -> None:
        self._type = api_type

    def one(self, record: Record) -> bytes:
        """The object."""
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
        """A line."""
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
