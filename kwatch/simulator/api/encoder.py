"""What every form of an answer can do: turn records, pages and changes into the bytes that go over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import msgspec

from kwatch.simulator.api.listing import Page
from kwatch.simulator.api_types import APIType
from kwatch.simulator.record import Change, Record

INITIAL_EVENTS_END = "k8s.io/initial-events-end"


class Encoder(Protocol):
    """One form of the answers to one request."""

    def one(self, record: Record) -> bytes:
        """An object on its own, with the newline that ends every body."""
        ...

    def page(self, page: Page) -> Iterator[bytes]:
        """A list in parts, so that a large one need not be built at once."""
        ...

    def event(self, change_type: str, record: Record, change: Change | None = None) -> bytes:
        """A line of a watch. `change` is what the record came with, if anything, and keeps what can be shared."""
        ...

    def bookmark(self, api_type: APIType, revision: int, *, initial_events_end: bool = False) -> bytes:
        """A BOOKMARK line."""
        ...


def list_metadata(page: Page) -> bytes:
    """metadata of a list."""
    metadata: dict[str, Any] = {"resourceVersion": str(page.revision)}
    if page.continue_token:
        metadata["continue"] = page.continue_token
        if page.remaining is not None:
            metadata["remainingItemCount"] = page.remaining
    return msgspec.json.encode(metadata)


def bookmark_metadata(revision: int, initial_events_end: bool) -> dict[str, Any]:
    """metadata of a bookmark."""
    metadata: dict[str, Any] = {"resourceVersion": str(revision)}
    if initial_events_end:
        metadata["annotations"] = {INITIAL_EVENTS_END: "true"}
    return metadata


def separated(items: Iterator[bytes]) -> Iterator[bytes]:
    """Items with commas between them."""
    first = next(items, None)
    if first is not None:
        yield first
    for item in items:
        yield b"," + item


def line(change_type: str, obj: bytes) -> bytes:
    """A line of a watch."""
    return b'{"type":"%s","object":%s}\n' % (change_type.encode(), obj)
