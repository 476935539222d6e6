"""The door to a server: what a Reflector asks of it, without a word about HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

Object = Mapping[str, Any]
"""Anything the machinery stores: a KubeObject, or any other Mapping with `metadata` in it."""

ADDED = "ADDED"
MODIFIED = "MODIFIED"
DELETED = "DELETED"
BOOKMARK = "BOOKMARK"
ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class ListOptions:
    """The query of one list or watch; None means that the parameter is not sent."""

    resource_version: str = ""
    resource_version_match: str | None = None
    limit: int | None = None
    continue_token: str | None = None
    label_selector: str | None = None
    field_selector: str | None = None
    timeout_seconds: int | None = None
    allow_watch_bookmarks: bool = False
    send_initial_events: bool | None = None


@dataclass(frozen=True, slots=True)
class ObjectList:
    """One page of a list."""

    items: Sequence[Object]
    resource_version: str
    continue_token: str | None = None
    remaining_item_count: int | None = None


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One line of a watch. An ERROR's object is a Status, a BOOKMARK's carries only a resourceVersion."""

    type: str
    object: Object


@runtime_checkable
class WatchStream(Protocol):
    """An open watch. Iterating blocks for the next event and ends when the server closes cleanly."""

    def __iter__(self) -> Iterator[WatchEvent]:
        """Yield events; raise ApiError when the connection breaks, Closed when it was closed here."""
        ...

    def close(self) -> None:
        """End it from any thread, at once, also while another thread waits in it. Idempotent."""
        ...


class ListerWatcher(Protocol):
    """One resource of one server, with its selectors. `close()` is optional on fakes."""

    def list(self, options: ListOptions) -> ObjectList:
        """Fetch one page; raise ApiError."""
        ...

    def watch(self, options: ListOptions) -> WatchStream:
        """Open a watch; returns once the response headers are in; raise ApiError."""
        ...
