"""A watch from its first byte to its last: the events of what is selected, bookmarks, deadlines, faults."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
from aiohttp import web

from kwatch.simulator.api.call import Call
from kwatch.simulator.api.encoders import Encoder, in_version, line
from kwatch.simulator.api.listing import ListOptions, Selection
from kwatch.simulator.api.responses import (
    COMPRESSION,
    MembersOfGzip,
    StatusError,
    abort,
    accepts_gzip,
    expired,
    in_pieces,
    start_stream,
    too_large_resource_version,
)
from kwatch.simulator.collection import Change, Collection, Expired, Record, in_namespace

_BACKLOG = 100_000
"""Events waiting for a client that does not read; beyond, the watch is ended, as the real server does."""


class Event(NamedTuple):
    """One line to be. `change` is what the record came with; None where the record is not shared as it is."""

    type: str
    record: Record
    change: Change | None = None


class WatchFeed:
    """Listens from its creation until `close`."""

    def __init__(self, collection: Collection, selection: Selection, after: int) -> None:
        self._collection = collection
        self._selection = selection
        self._after = after
        self._pending: list[Event] = []
        self._wake = asyncio.Event()
        self.ended = False
        """Whether the resource is gone or the client too slow: after what is pending, the watch is over."""
        self.close = collection.listen(self._heard)

    def replay(self, revision: int) -> None:
        """Begin with what happened after a revision; raise Expired."""
        for change in self._collection.changes_after(revision):
            self._heard(change)

    def present(self) -> Iterator[Event]:
        """Synthetic ADDED events of what there is now."""
        for record in in_namespace(self._collection.current(), self._selection.namespace):
            if self._selection.matches(record):
                yield Event("ADDED", record)

    async def wait(self, seconds: float) -> None:
        """Wait until something is pending or the feed has ended, but no longer than that."""
        if self._pending or self.ended:
            return
        self._wake.clear()
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._wake.wait()
        except TimeoutError:
            return

    def take(self) -> list[Event]:
        """What is pending, once."""
        taken, self._pending = self._pending, []
        return taken

    def _heard(self, change: Change | None) -> None:
        if change is None or len(self._pending) >= _BACKLOG:
            self.ended = True
        elif change.revision > self._after:
            event = self._seen(change)
            if event is None:
                return
            self._pending.append(event)
        self._wake.set()

    def _seen(self, change: Change) -> Event | None:
        record, selection = change.record, self._selection
        if selection.namespace and record.namespace != selection.namespace:
            return None
        if not selection.selects:
            return Event(change.type, record, change)
        before = change.previous is not None and selection.matches(change.previous)
        after = change.type != "DELETED" and selection.matches(record)
        if after:
            return Event("MODIFIED" if before else "ADDED", record, change)
        if not before:
            return None
        return Event("DELETED", record, change) if change.type == "DELETED" else Event("DELETED", change.departure())


_BOOKMARK_EVERY = 60.0
_BOOKMARK_BEFORE_END = 2.0
_BETWEEN_BOOKMARKS = 2.0
_PIECE = 128 * 1024
_COMPRESSES = 37
"""The minor version from which on streaming lists are compressed for those who can read it."""
_ODD_EVENTS = (
    b'{"message":"please log in"}\n',
    b"null\n",
    b"please log in\n",
    b'{"type":"ODD","object":{}}\n',
    b'{"type":"ADDED"}\n',
    b'{"type":"ADDED","object":{"kind":"Odd","apiVersion":"odd/v1","metadata":{"name":"odd","resourceVersion":"999999"}}}\n',
    b'{"type":"BOOKMARK","object":{"kind":"Odd","apiVersion":"odd/v1","metadata":{"resourceVersion":"999999"}}}\n',
    b'{"type":"BOOKMARK","object":{}}\n',
    b'{"type":"ERROR","object":{"reason":"Expired"}}\n',
    b'{"type":"ERROR","object":{}}\n',
    b'{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":"Expired"}\n',
)


class Watch:
    """Serves one watch."""

    def __init__(self, call: Call, options: ListOptions, selection: Selection, encoder: Encoder) -> None:
        self._call = call
        self._options = options
        self._selection = selection
        self._encoder = encoder
        self._revisions = call.api.revisions
        self._faults = call.api.faults
        self._second = call.api.second
        self._bookmarks = options.allow_watch_bookmarks and not self._faults.strikes("no-bookmark")
        seconds = options.timeout_seconds or call.api.random.uniform(1800, 3600)
        self._bookmarked_at = asyncio.get_running_loop().time()  # the first minute begins with the watch
        self._ends_at = self._bookmarked_at + seconds * self._second

    async def serve(self) -> web.StreamResponse:
        """Answer until the deadline, the client or a failure ends it."""
        wanted = self._options.revision  # refused with an HTTP status if it is no number
        request = self._call.request
        streams = self._options.send_initial_events and self._call.api.store.minor >= _COMPRESSES
        if streams and accepts_gzip(request):
            response = await start_stream(request, COMPRESSION, MembersOfGzip)
        else:
            response = await start_stream(request)
        feed = WatchFeed(self._call.collection, self._selection, wanted or 0)
        try:
            if await self._begin(response, feed, wanted):
                await self._go_on(response, feed)
            if request.transport is not None and not request.transport.is_closing():
                await response.write_eof()
        finally:
            feed.close()
        return response

    async def _begin(self, response: web.StreamResponse, feed: WatchFeed, wanted: int | None) -> bool:
        """Send what comes before the live events; False if the watch is over already."""
        initial = self._options.send_initial_events
        if wanted and self._faults.strikes("410"):
            return await self._fail(response, _too_old(wanted, self._revisions.now))
        if initial and wanted and not await self._revisions.reach(wanted):
            return await self._fail(response, too_large_resource_version(wanted, self._revisions.now))
        if initial or (initial is None and not wanted):
            end = self._revisions.now
            feed.take()  # what happened while waiting is part of the present
            if not await self._write(response, feed.present()):
                return False
            if initial and self._bookmarks:
                await self._bookmark(response, end, initial_events_end=True)
        elif wanted:
            try:
                feed.replay(wanted)
            except Expired:
                return await self._fail(response, _too_old(wanted, self._call.collection.floor))
        return True

    async def _go_on(self, response: web.StreamResponse, feed: WatchFeed) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            bookmark_at = self._next_bookmark()
            await feed.wait(min(bookmark_at, self._ends_at) - clock())
            revision = self._revisions.now
            events = feed.take()
            if events and not await self._write(response, events):
                return
            if feed.ended or clock() >= self._ends_at:
                return
            if clock() >= bookmark_at and self._bookmarks:
                await self._bookmark(response, revision)

    def _next_bookmark(self) -> float:
        """When one is due: about every minute, and shortly before the end unless one went out just now."""
        if not self._bookmarks:
            return self._ends_at
        regular = self._bookmarked_at + _BOOKMARK_EVERY * self._second
        last = self._ends_at - _BOOKMARK_BEFORE_END * self._second
        if self._bookmarked_at + _BETWEEN_BOOKMARKS * self._second > last:
            return regular
        return min(regular, last)

    async def _bookmark(self, response: web.StreamResponse, revision: int, *, initial_events_end: bool = False) -> None:
        self._bookmarked_at = asyncio.get_running_loop().time()
        await response.write(self._encoder.bookmark(revision, initial_events_end=initial_events_end))

    async def _fail(self, response: web.StreamResponse, error: StatusError) -> bool:
        await response.write(line("ERROR", msgspec.json.encode(error.tree())))
        return False

    async def _write(self, response: web.StreamResponse, events: Iterable[Event]) -> bool:
        """Send events; False if a fault ended the watch."""
        for piece in in_pieces(map(self._encoded, events), _PIECE):
            if self._faults.strikes("410"):
                return await self._fail(response, _too_old(self._revisions.now - 1, self._revisions.now))
            if self._faults.strikes("odd-event"):
                await response.write(self._faults.choose(_ODD_EVENTS))
                return False
            if self._faults.strikes("silence"):
                await asyncio.sleep(max(0.0, self._ends_at - asyncio.get_running_loop().time()))
                return False
            if self._faults.strikes("half-json"):
                await response.write(piece[: max(1, len(piece) - 20)])
                return False
            if self._faults.strikes("reset"):
                await response.write(piece[: len(piece) // 2])
                abort(self._call.request)
                return False
            await response.write(piece)
        return True

    def _encoded(self, event: Event) -> bytes:
        record = in_version(event.record, self._call.api_type)
        return self._encoder.event(event.type, record, event.change if record is event.record else None)


def _too_old(wanted: int, oldest: int) -> StatusError:
    return expired(f"too old resource version: {wanted} ({oldest})")
