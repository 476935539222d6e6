"""Only the metadata of objects: PartialObjectMetadata."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kwatch.simulator.api.encoder import bookmark_metadata, line, list_metadata, separated
from kwatch.simulator.api.listing import Page
from kwatch.simulator.api_types import APIType
from kwatch.simulator.record import Change, Record


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
        """The object's metadata."""
        return partial_metadata(record) + b"\n"

    def page(self, page: Page) -> Iterator[bytes]:
        """A PartialObjectMetadataList."""
        head = b'{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":%s,"items":['
        yield head % list_metadata(page)
        yield from separated(partial_metadata(record) for record in page.records)
        yield b"]}\n"

    def event(self, change_type: str, record: Record, change: Change | None = None) -> bytes:
        """A line."""
        return line(change_type, partial_metadata(record))

    def bookmark(self, api_type: APIType, revision: int, *, initial_events_end: bool = False) -> bytes:
        """Metadata with nothing but a version."""
        metadata = msgspec.json.encode(bookmark_metadata(revision, initial_events_end))
        return line("BOOKMARK", _KIND % metadata)
