"""Informers from asyncio: changes to iterate over, a queue and a cache sync to await.

    async with aio.running(factory):
        await aio.wait_for_cache_sync(factory, timeout=30)
        async for change in aio.changes(pods): ...

The informers keep their own threads, which never wait for a task, and no task ever waits in a thread. So a task may be
cancelled anywhere: it leaves nothing behind, and takes nothing with it that another would have got. What is awaited
here may be awaited in any event loop, and by several tasks at once.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Generic, Self, TypeVar, overload

import msgspec

from kwatch.base.threads import spawn
from kwatch.informer.errors import QueueClosed, QueueEmpty
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import KeyFunc, deletion_handling_key
from kwatch.informer.rate_limiting_queue import RateLimitingQueue
from kwatch.informer.registration import Added, Deleted, Notification, Registration, Updated
from kwatch.informer.shared_informer import SharedInformer
from kwatch.informer.shared_informer_factory import SharedInformerFactory
from kwatch.informer.typed_informer import TypedInformer
from kwatch.informer.waiting import CacheSync, Signal

__all__ = ["Changes", "WorkQueue", "changes", "running", "wait_for_cache_sync", "wait_for_version"]


Item = TypeVar("Item", bound=Hashable)
_TURN = 32
"""After so many waits other tasks have their turn."""


class Bell:
    """Wakes the tasks that wait for something, from any thread. All look again at what they wait for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[asyncio.Future[None]] = set()
        self._asked = 0

    def ring(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, set()
        for future in waiting:
            try:
                future.get_loop().call_soon_threadsafe(_wake, future)
            except RuntimeError:
                # Its loop is closed.
                continue

    async def wait(self, ready: Callable[[], bool], timeout: float | None) -> bool:
        """Wait until `ready`, which is called at once and after each ring; False after `timeout` seconds."""
        loop = asyncio.get_running_loop()
        deadline = None if timeout is None else loop.time() + timeout
        self._asked += 1
        if self._asked % _TURN == 0:
            # What is always ready would let no other task run, and none be cancelled.
            await asyncio.sleep(0)
        while True:
            future: asyncio.Future[None] = loop.create_future()
            with self._lock:
                self._waiting.add(future)
            try:
                # After the future is registered, so that no ring is missed.
                if ready():
                    return True
                async with asyncio.timeout_at(deadline):
                    await future
            except TimeoutError:
                return False
            finally:
                with self._lock:
                    self._waiting.discard(future)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class WorkQueue(Generic[Item]):
    """A RateLimitingQueue for tasks. Threads, such as handlers, may use this or the `queue` within. As a context
    manager it shuts down at the end; `async for item in queue` ends with the shut-down.
    """

    def __init__(self, queue: RateLimitingQueue[Item] | None = None) -> None:
        self.queue: RateLimitingQueue[Item] = queue if queue is not None else RateLimitingQueue()
        self._bell = Bell()
        self.queue.listen(self._bell.ring)
        self.add = self.queue.add
        self.add_after = self.queue.add_after
        self.add_rate_limited = self.queue.add_rate_limited
        self.forget = self.queue.forget
        self.num_requeues = self.queue.num_requeues
        self.done = self.queue.done
        self.shut_down = self.queue.shut_down

    async def get(self, timeout: float | None = None) -> Item:
        """The next item, to be given back with `done`. Raise QueueClosed when there will be none, QueueEmpty if there
        is none within `timeout` seconds.
        """
        taken: list[Item] = []

        def take() -> bool:
            try:
                taken.append(self.queue.get(0))
            except QueueEmpty:
                return False
            return True

        if not await self._bell.wait(take, timeout):
            raise QueueEmpty(f"nothing was queued within {timeout:g} s")
        return taken[0]

    async def shut_down_with_drain(self, timeout: float | None = None) -> bool:
        """Take nothing more, and wait until every item was handed out and is done: whether it was in time."""
        queue = self.queue
        queue.begin_drain()
        await self._bell.wait(lambda: queue.drained or not queue.draining, timeout)
        return queue.drained

    def __len__(self) -> int:
        return len(self.queue)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        try:
            return await self.get()
        except QueueClosed:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.queue.shut_down()


@overload
async def wait_for_cache_sync(source: SharedInformerFactory, timeout: float | None = None) -> CacheSync: ...


@overload
async def wait_for_cache_sync(source: SharedInformer | TypedInformer[Any], timeout: float | None = None) -> bool: ...


async def wait_for_cache_sync(
    source: SharedInformerFactory | SharedInformer | TypedInformer[Any], timeout: float | None = None
) -> CacheSync | bool:
    """Wait until the first list is in the cache, of every started informer of a factory, or they are stopped, or
    `timeout` seconds are over.
    """
    if isinstance(source, SharedInformerFactory):
        await _settled([each for each in source.informers.values() if each.started], timeout)
        return source.wait_for_cache_sync(0)
    informer = source.informer if isinstance(source, TypedInformer) else source
    await _settled([informer], timeout)
    return informer.synced.is_set()


async def _settled(informers: Sequence[SharedInformer], timeout: float | None) -> None:
    bell = Bell()
    for informer in informers:
        informer.settled.on_set(bell.ring)
    try:
        await bell.wait(lambda: all(informer.settled.is_set() for informer in informers), timeout)
    finally:
        for informer in informers:
            informer.settled.forget(bell.ring)


async def wait_for_version(
    informer: SharedInformer | TypedInformer[Any], version: str, timeout: float | None = None
) -> bool:
    """Wait until everything up to a resource version is in the cache: whether it is, before the informer is stopped or
    `timeout` seconds are over.
    """
    source = informer.informer if isinstance(informer, TypedInformer) else informer
    bell = Bell()
    indexer = source.indexer
    indexer.listen(bell.ring)
    source.stopping.on_set(bell.ring)
    try:
        await bell.wait(lambda: indexer.has_reached(version) or source.stopping.is_set(), timeout)
    finally:
        indexer.forget(bell.ring)
        source.stopping.forget(bell.ring)
    return indexer.has_reached(version)


Running = TypeVar("Running", SharedInformerFactory, SharedInformer)


@asynccontextmanager
async def running(source: Running) -> AsyncIterator[Running]:
    """Start a factory or an informer, and stop it at the end, without blocking the loop."""
    if isinstance(source, SharedInformerFactory):
        source.__enter__()
    else:
        source.start()
    try:
        yield source
    finally:
        await _in_thread(source.shutdown if isinstance(source, SharedInformerFactory) else source.stop)


async def _in_thread(work: Callable[[], object]) -> None:
    """Do in a thread what would block the loop; raise what it raises."""
    ended, bell, raised = threading.Event(), Bell(), list[Exception]()

    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - handed on to the task that waits
            raised.append(error)
        finally:
            ended.set()
            bell.ring()

    spawn("kwatch-aio-stop", run)
    await bell.wait(ended.is_set, None)
    for error in raised:
        raise error


T = TypeVar("T")
LIMIT = 1000
"""Changes that wait one by one for a task; beyond it those of one object become one."""


class _Pending:
    """The changes that a task has not taken yet: bounded, because those of one object are merged when too many wait."""

    def __init__(self, limit: int, key_func: KeyFunc) -> None:
        self._key_func = key_func
        self.bell = Bell()
        self.merged = 0
        self._limit = limit
        self._lock = threading.Lock()
        self._waiting: OrderedDict[int, tuple[str, Notification[KubeObject]]] = OrderedDict()
        self._last: dict[str, int] = {}
        """The number of the newest that waits, by key."""
        self._number = 0
        self.ended = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, change: Notification[KubeObject]) -> None:
        """Take a change, in the handler's thread, which never waits here."""
        obj = change.new if isinstance(change, Updated) else change.object
        key = deletion_handling_key(obj, self._key_func)
        with self._lock:
            last = self._last.get(key) if len(self._waiting) >= self._limit else None
            if last is None or not self._merge(key, last, change):
                self._number += 1
                self._waiting[self._number] = (key, change)
                self._last[key] = self._number
        self.bell.ring()

    def _merge(self, key: str, last: int, change: Notification[KubeObject]) -> bool:
        """Merge two changes that follow each other; False if a deletion and an addition must stay two."""
        before = self._waiting[last][1]
        if isinstance(before, Deleted):
            return False
        self.merged += 1
        if isinstance(before, Added) and isinstance(change, Deleted):
            # It came and went unseen.
            del self._waiting[last], self._last[key]
        elif isinstance(before, Added) and isinstance(change, Updated):
            self._waiting[last] = (key, Added(change.new, before.is_in_initial_list))
        elif isinstance(before, Updated) and isinstance(change, Updated):
            self._waiting[last] = (key, Updated(before.old, change.new))
        else:
            self._waiting[last] = (key, change)
        return True

    def is_ready(self) -> bool:
        return bool(self._waiting) or self.ended

    def take(self) -> Notification[KubeObject] | None:
        """The oldest change, None if there is none."""
        with self._lock:
            if not self._waiting:
                return None
            number, (key, change) = self._waiting.popitem(last=False)
            if self._last.get(key) == number:
                del self._last[key]
            return change

    def end(self) -> None:
        self.ended = True
        self.bell.ring()


def _let_go(registration: Registration, stopping: Signal, pending: _Pending) -> None:
    stopping.forget(pending.end)
    registration.remove()
    pending.end()


class Changes(Generic[T]):
    """Added, Updated and Deleted of one informer, to iterate over, in a handler's order: first what is in the cache.

    **Backpressure.** Up to `limit` changes wait one by one. When there are more, the changes of one object become one,
    from what you saw last to what it is now, and `merged` counts them; one that came and went meanwhile is left out.
    So at most `limit` and two for each object wait: you miss intermediate states, never the last one.

    It ends when the informer is stopped, after what waits by then, or with `close`. Structs are decoded in your task;
    an object that does not fit is left out, and counts as an error of the handler in the status. The handler's thread
    ends with `close`, at the end of `async with`, and when this is garbage: a cancelled `async for` needs no care.
    """

    def __init__(self, informer: SharedInformer, read: Callable[[Any], Any], limit: int = LIMIT) -> None:
        if limit < 1:
            raise ValueError("the limit must be 1 or more")
        self._read = read
        self._pending = pending = _Pending(limit, informer.key_func)

        def added(obj: KubeObject, is_in_initial_list: bool) -> None:
            pending.put(Added(obj, is_in_initial_list))

        added.__qualname__ = "aio.changes"
        self._registration = informer.add_event_handler(
            added, lambda old, new: pending.put(Updated(old, new)), lambda obj: pending.put(Deleted(obj))
        )
        informer.stopping.on_set(pending.end)
        self._let_go = weakref.finalize(self, _let_go, self._registration, informer.stopping, pending)
        self._let_go.atexit = False

    @property
    def waiting(self) -> int:
        return len(self._pending)

    @property
    def merged(self) -> int:
        """How many changes were merged into another because too many waited."""
        return self._pending.merged

    def close(self) -> None:
        """End it and its thread; from any thread, at once. A task that waits for a change gets StopAsyncIteration."""
        self._let_go()

    async def aclose(self) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Notification[T]:
        pending = self._pending
        while True:
            await pending.bell.wait(pending.is_ready, None)
            raw = pending.take()
            if raw is None and pending.ended:
                raise StopAsyncIteration
            try:
                # None if another task was faster.
                if raw is not None:
                    change: Notification[T] = self._read(raw)
                    return change
            except msgspec.ValidationError as error:
                self._registration.failed(error)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


@overload
def changes(informer: SharedInformer, *, limit: int = LIMIT) -> Changes[KubeObject]: ...


@overload
def changes(informer: TypedInformer[T], *, limit: int = LIMIT) -> Changes[T]: ...


def changes(informer: SharedInformer | TypedInformer[T], *, limit: int = LIMIT) -> Changes[Any]:
    """What is in the cache, then the changes of an informer from now on; raise RuntimeError if it was stopped."""
    if isinstance(informer, TypedInformer):
        return Changes(informer.informer, informer.read_change, limit)
    return Changes(informer, lambda change: change, limit)
