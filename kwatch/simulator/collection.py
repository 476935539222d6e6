"""All objects of one resource: what they are, what they were within a window, and who wants to hear of changes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from kwatch.simulator.api_types import APIType
from kwatch.simulator.record import Change, Record

Listener = Callable[[Change | None], None]
"""Called in the event loop for every change; with None when the resource is served no longer."""

_SNAPSHOTS = 4


class Expired(Exception):
    """The revision lies before the window of changes that are remembered."""


class Collection:
    """Current records by key, and a window of changes that leads back to earlier revisions."""

    def __init__(self, api_type: APIType, floor: int, window: int) -> None:
        self.api_type = api_type
        self.records: dict[str, Record] = {}
        self.trees: dict[str, dict[str, Any]] = {}
        self.floor = floor
        """Every change after this revision is remembered, so that it is the oldest one that can be shown."""
        self._window = window
        self._changes: deque[Change] = deque()
        self._listeners: dict[Listener, None] = {}
        self._sorted: tuple[Record, ...] | None = None
        self._snapshots: OrderedDict[int, tuple[Record, ...]] = OrderedDict()

    def apply(self, change: Change, tree: dict[str, Any] | None) -> None:
        """Take in a change and tell the listeners."""
        key = change.record.key
        if tree is None:
            del self.records[key]
            del self.trees[key]
        else:
            self.records[key] = change.record
            self.trees[key] = tree
        self._sorted = None
        self._changes.append(change)
        if len(self._changes) > self._window:
            self.floor = self._changes.popleft().revision
        for listener in tuple(self._listeners):
            listener(change)

    def compact(self, revision: int) -> None:
        """Forget the changes up to a revision: whoever asks for anything before it hears 410."""
        while self._changes and self._changes[0].revision <= revision:
            self._changes.popleft()
        self.floor = max(self.floor, revision)
        for old in [each for each in self._snapshots if each < self.floor]:
            del self._snapshots[old]

    def end_watches(self) -> None:
        """The resource is gone, or served anew: whoever listens is told that there is no more to hear."""
        for listener in tuple(self._listeners):
            listener(None)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear of every change from now on; call the result to stop."""
        self._listeners[listener] = None

        def stop() -> None:
            self._listeners.pop(listener, None)

        return stop

    def changes_after(self, revision: int) -> Iterator[Change]:
        """What happened since; raise Expired if that is not all known any more."""
        if revision < self.floor:
            raise Expired
        start = bisect_right(self._changes, revision, key=lambda change: change.revision)
        return islice(self._changes, start, None)

    def current(self) -> Sequence[Record]:
        """Every record, in the order of keys, which is that of lists."""
        if self._sorted is None:
            self._sorted = tuple(self.records[key] for key in sorted(self.records))
        return self._sorted

    def as_of(self, revision: int) -> Sequence[Record]:
        """Every record at an earlier revision, in the order of keys; raise Expired if it is no longer known."""
        if revision < self.floor:
            raise Expired
        if not self._changes or self._changes[-1].revision <= revision:
            return self.current()
        if revision not in self._snapshots:
            self._snapshots[revision] = self._undo_to(revision)
            if len(self._snapshots) > _SNAPSHOTS:
                self._snapshots.popitem(last=False)
        return self._snapshots[revision]

    def _undo_to(self, revision: int) -> tuple[Record, ...]:
        records = dict(self.records)
        for change in reversed(self._changes):
            if change.revision <= revision:
                break
            if change.previous is None:
                del records[change.record.key]
            else:
                records[change.record.key] = change.previous
        return tuple(records[key] for key in sorted(records))


def in_namespace(records: Sequence[Record], namespace: str) -> Sequence[Record]:
    """The part of sorted records that lies in a namespace; all of them for the empty one."""
    if not namespace:
        return records
    start = bisect_left(records, f"{namespace}/", key=lambda record: record.key)
    end = bisect_left(records, f"{namespace}0", lo=start, key=lambda record: record.key)  # "0" follows "/"
    return records[start:end]
