"""A queue of keys to be worked on, each by one worker at a time, and work on many pieces with a few threads."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, Protocol, TypeVar

from kwatch.base.threads import Thread
from kwatch.informer.errors import QueueClosed, QueueEmpty
from kwatch.informer.metrics import QueueMetrics
from kwatch.informer.waiting import join_all

T = TypeVar("T", bound=Hashable)


class Order(Protocol[T]):
    """In which order items are handed out."""

    def push(self, item: T) -> None:
        """Add an item that is not in."""

    def touch(self, item: T) -> None:
        """An item that is in was added again; it may be moved."""

    def pop(self) -> T: ...

    def __len__(self) -> int: ...


class FirstInFirstOut(Generic[T]):
    """The usual order."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()

    def push(self, item: T) -> None:
        self._items.append(item)

    def touch(self, item: T) -> None:
        """It keeps its place."""

    def pop(self) -> T:
        return self._items.popleft()

    def __len__(self) -> int:
        return len(self._items)


class WorkQueue(Generic[T]):
    """Thread-safe. An item added several times before a worker takes it is worked on once; one added while a worker
    has it is handed out again when that worker is done.

    Workers are threads of the caller that loop over `get` and `done`; the queue has none of its own.
    """

    def __init__(self, *, order: Order[T] | None = None, metrics: QueueMetrics | None = None) -> None:
        self._order: Order[T] = order if order is not None else FirstInFirstOut()
        self._metrics = metrics
        self._dirty: set[T] = set()
        self._processing: set[T] = set()
        self._changed = threading.Condition()
        self._listeners: tuple[Callable[[], None], ...] = ()
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

    def get(self, timeout: float | None = None) -> T:
        """Block for the next item, which must be given back with `done`.

        Raise QueueClosed when there will be none, QueueEmpty if there is none within `timeout` seconds (None: wait as
        long as it takes; 0: only look).
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while not len(self._order):
                if self._shutting_down:
                    raise QueueClosed("the work queue was shut down and is empty")
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    raise QueueEmpty(f"nothing was queued within {timeout:g} s")
                self._changed.wait(left)
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
                self._tell_all()

    def shut_down(self) -> None:
        """Take nothing more, hand out what is queued; ends a shut_down_with_drain that waits elsewhere."""
        self._begin_shut_down(draining=False)

    def shut_down_with_drain(self, timeout: float | None = None) -> bool:
        """Take nothing more, and wait until every item was handed out and is done: whether that is so.

        False after `timeout` seconds (None: wait as long as it takes), or when `shut_down` was called meanwhile.
        Workers still get what is queued.
        """
        self.begin_drain()
        with self._changed:
            self._changed.wait_for(lambda: self.drained or not self._draining, timeout)
            return self.drained

    def begin_drain(self) -> None:
        """What shut_down_with_drain does before it waits; `drained` says when the wait is over."""
        self._begin_shut_down(draining=True)

    @property
    def drained(self) -> bool:
        """Whether it is shutting down, nothing is queued, and no worker has anything."""
        return self._shutting_down and not self._processing and not len(self._order)

    @property
    def draining(self) -> bool:
        """Whether it is shutting down and shut_down_with_drain waits."""
        return self._draining

    @property
    def shutting_down(self) -> bool:
        return self._shutting_down

    def listen(self, listener: Callable[[], None]) -> None:
        """Call this, in whatever thread it happens, when there may be something to get, or something has ended. It must
        return at once and not use the queue.
        """
        with self._changed:
            self._listeners = (*self._listeners, listener)

    def __len__(self) -> int:
        return len(self._order)

    def _begin_shut_down(self, *, draining: bool) -> None:
        with self._changed:
            self._shutting_down = True
            self._draining = draining
            self._tell_all()

    def _push(self, item: T) -> None:
        self._order.push(item)
        if self._draining or self._listeners:
            # All, because those who drain wait for the same condition and must not take the only call.
            self._tell_all()
        else:
            self._changed.notify()

    def _tell_all(self) -> None:
        self._changed.notify_all()
        for listener in self._listeners:
            listener()


def parallelize_until(
    stop: threading.Event | None, workers: int, pieces: int, work: Callable[[int], None], *, chunk: int = 1
) -> None:
    """Call `work` once for each number below `pieces`, in `workers` threads that take `chunk` numbers at a time.

    Returns when all is done, or `stop` is set; raises the first error after all threads have ended, and no new chunk
    is begun after one.
    """
    chunks = iter(range(0, pieces, chunk))
    lock = threading.Lock()
    errors: list[BaseException] = []

    def take() -> Iterator[int]:
        while not errors and not (stop is not None and stop.is_set()):
            with lock:
                start = next(chunks, None)
            if start is None:
                return
            yield from range(start, min(start + chunk, pieces))

    def run() -> None:
        try:
            for piece in take():
                work(piece)
        except BaseException as error:  # noqa: BLE001 - handed to the caller, whole
            errors.append(error)

    threads = [
        Thread(f"kwatch-parallel-{number}", run, errors.append) for number in range(min(workers, -(-pieces // chunk)))
    ]
    for thread in threads:
        thread.start()
    join_all(threads, None)
    if errors:
        raise errors[0]
