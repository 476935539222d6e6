"""client-go's ListerWatcher: what a Reflector asks of a server, without a word about HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import msgspec

Object = Mapping[str, Any]
"""Anything the machinery stores: a KubeObject, or any other Mapping with `metadata` in it."""

if TYPE_CHECKING:
    # A default is only known to type checkers before Python 3.13: an Indexer is an Indexer[Object].
    from typing_extensions import TypeVar

    T_co = TypeVar("T_co", covariant=True, default=Object)
else:
    from typing import TypeVar

    T_co = TypeVar("T_co", covariant=True)

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


class WatchEvent(msgspec.Struct, frozen=True, gc=False):
    """One line of a watch. An ERROR's object is a Status, a BOOKMARK's carries only a resourceVersion."""

    # A Struct and not a dataclass because 20,000 of them are made in a second.
    type: str
    object: Object


@runtime_checkable
class WatchStream(Protocol):
    """An open watch. Iterating blocks for the next event and ends when the server closes cleanly."""

    def __iter__(self) -> Iterator[WatchEvent]:
        """Yield events; raise ApiError when the connection breaks, Closed when it was closed here."""

    def close(self) -> None:
        """End it from any thread, at once, also while another thread waits in it. Idempotent."""


class Form(Enum):
    """How a server can hand out the objects of a list or watch."""

    OBJECTS = auto()
    TABLE = auto()
    """In rows, each with the server's own cells (KubeObject.cells)."""
    METADATA = auto()
    """Nothing but their metadata: enough to know names, labels and owners."""
    DIGEST = auto()
    """Whole, but as they are decoded each value of their data gives way to a mask that changes when it does."""


class ListerWatcher(Protocol):
    """One resource of one server, with its selectors. `close()` is optional on fakes.

    Optional attributes: `outage` (kwatch.informer.retries.Outage), shared by those of one server, so that the first
    reflector that is answered after an outage wakes the others; `side_requests`, the count of requests beyond those
    asked for, so that the reflector keeps to its pace; `selective`, true with selectors; `namespace`, if it is limited
    to one; `streaming`, False if streaming lists are not offered.
    """

    def list(self, options: ListOptions) -> ObjectList:
        """Fetch one page; raise ApiError."""

    def watch(self, options: ListOptions) -> WatchStream:
        """Open a watch; returns once the response headers are in; raise ApiError."""


@runtime_checkable
class BatchedWatchStream(WatchStream, Protocol):
    """What a WatchStream may offer beyond its iterator; the reflector prefers `batches` where it exists."""

    @property
    def bytes_received(self) -> int:
        """Bytes of the body so far; only grows. Read from any thread."""

    def batches(self) -> Iterator[Sequence[WatchEvent]]:
        """Yield the events of one network read at a time.

        After every few seconds (at most 5) without a byte it yields an empty list, so that the reflector can look at
        the clock. Raises and ends as the iterator does.
        """


@runtime_checkable
class Closing(Protocol):
    """A ListerWatcher that can abort."""

    def close(self) -> None:
        """Abort every list and watch in flight, also while connecting or waiting for headers; later calls raise Closed.

        Callable from any thread, idempotent, returns at once.
        """


@runtime_checkable
class Probing(Protocol):
    """A ListerWatcher that can ask whether the server answers."""

    def probe(self) -> object:
        """GET /version on another connection, within a few seconds; raise ApiError. The result means nothing."""


@runtime_checkable
class Versioned(Protocol):
    """A ListerWatcher that can ask for the server's version, to notice one that was restored from a backup."""

    def latest_version(self) -> str:
        """The resourceVersion of the server now, read consistently; raise ApiError."""
