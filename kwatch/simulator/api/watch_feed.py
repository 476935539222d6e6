"""The changes one watch is about, as they happen: selected, and told as the selection sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import NamedTuple

from kwatch.simulator.api.selection import Selection
from kwatch.simulator.collection import Collection, in_namespace
from kwatch.simulator.record import Change, Record

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
