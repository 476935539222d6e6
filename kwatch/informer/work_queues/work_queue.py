"""A queue of keys to be worked on, each by one worker at a time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar

from kwatch.informer.errors import QueueClosed
from kwatch.informer.work_queues.queue_metrics import QueueMetrics

T = TypeVar("T", bound=Hashable)


class Order(Protocol[T]):
    """In which order items are handed out."""

    def push(self, item: T) -> None:
        """Take an item that is not in."""
        ...

    def touch(self, item: T) -> None:
        """An item that is in was added again; it may be moved."""
        ...

    def pop(self) -> T:
        """The next item."""
        ...

    def __len__(self) -> int:
        """How many items are in."""
        ...


class FirstInFirstOut(Generic[T]):
    """The usual order."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()

    def push(self, item: T) -> None:
        """Take an item to the end."""
        self._items.append(item)

    def touch(self, item: T) -> None:
        """It keeps its place."""

    def pop(self) -> T:
        """The item that came first."""
        return self._items.popleft()

    def __len__(self) -> int:
        return len(self._items)


class WorkQueue(Generic[T]):
    """Thread-safe. An item added several times before a worker takes it is worked on once; one added while a worker
    has it is handed out again when that worker is done.
    """

    def __init__(self, *, order: Order[T] | None = None, metrics: QueueMetrics | None = None) -> None:
        self._order: Order[T] = order if order is not None else FirstInFirstOut()
        self._metrics = metrics
        self._dirty: set[T] = set()
        self._processing: set[T] = set()
        self._changed = threading.Condition()
        self._shutting_down = False
        self._draining = False

    def add(self, item: T) -> None:
        """Queue an item, unless it waits already or the queue is shutting down."""
        with self._changed:
            if self._shutting_down:
                return
            if item in self._dirty:
                if item not in self._processing:
                    self._order.touch(item)
                return
            self._dirty.add(item)
            if self._metrics is not None:
                self._metrics.added(item)
            if item not in self._processing:
                self._push(item)

    def get(self) -> T:
        """Block for the next item, which must be given back with `done`; raise QueueClosed when there will be none."""
        with self._changed:
            while not len(self._order):
                if self._shutting_down:
                    raise QueueClosed
                self._changed.wait()
            item = self._order.pop()
            self._processing.add(item)
            self._dirty.discard(item)
            if self._metrics is not None:
                self._metrics.got(item)
            return item

    def done(self, item: T) -> None:
        """The worker has finished with an item; if it was added meanwhile, it is queued again. Ignored for one that no
        worker has.
        """
        with self._changed:
            if item not in self._processing:
                return
            self._processing.remove(item)
            if self._metrics is not None:
                self._metrics.done(item)
            if item in self._dirty:
                self._push(item)
            elif not self._processing:
                self._changed.notify_all()

    def shut_down(self) -> None:
        """Take nothing more, hand out what is queued; ends a shut_down_with_drain that waits elsewhere."""
        with self._changed:
            self._shutting_down = True
            self._draining = False
            self._changed.notify_all()

    def shut_down_with_drain(self) -> None:
        """Take nothing more, and wait until every item was handed out and is done."""
        with self._changed:
            self._shutting_down = self._draining = True
            self._changed.notify_all()
            while self._draining and (self._processing or len(self._order)):
                self._changed.wait()

    @property
    def shutting_down(self) -> bool:
        """Whether additions are ignored."""
        return self._shutting_down

    def __len__(self) -> int:
        return len(self._order)

    def _push(self, item: T) -> None:
        self._order.push(item)
        # All, because those who drain wait for the same condition and must not take the only call.
        self._changed.notify_all() if self._draining else self._changed.notify()
