"""What tasks can await that happens in threads: a queue, a cache, an end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Generic, Self, TypeVar, overload

from kwatch.base.threads import spawn
from kwatch.informer.errors import QueueClosed, QueueEmpty
from kwatch.informer.shared_informer import SharedInformer
from kwatch.informer.shared_informer_factory import SharedInformerFactory
from kwatch.informer.typed_informer import TypedInformer
from kwatch.informer.waiting import CacheSync
from kwatch.informer.work_queues.delaying_queue import RateLimitingQueue

Item = TypeVar("Item", bound=Hashable)
_TURN = 32
"""After so many answers others have their turn."""


class Bell:
    """Wakes the tasks that wait for something, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[asyncio.Future[None]] = set()
        self._asked = 0

    def ring(self) -> None:
        """Have everyone look again."""
        with self._lock:
            waiting, self._waiting = self._waiting, set()
        for future in waiting:
            try:
                future.get_loop().call_soon_threadsafe(_wake, future)
            except RuntimeError:
                # Its loop is closed: nobody waits any more.
                continue

    async def wait(self, ready: Callable[[], bool], timeout: float | None) -> bool:
        """Wait until it is so, which is asked at once and after every ring: whether it is, within `timeout` seconds."""
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
                # Asked after the bell was told, so that no ring is missed.
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
    """A RateLimitingQueue for tasks. `queue` is what it is made of: threads, handlers above all, may use that or this,
    which is the same. As a context manager it shuts down at the end; `async for item in queue` ends with the shut-down.
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
        """The next item, which must be given back with `done`; raise QueueClosed when there will be none, QueueEmpty
        if there is none within `timeout` seconds.
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
        """Take nothing more, and wait until every item was handed out and is done: whether that is so."""
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
    """Wait until the first list is in the cache, of every started informer of a factory; or until they are stopped, or
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
    """Start a factory or an informer, and stop it at the end; every thread ends within a second, and the loop goes on
    meanwhile.
    """
    if isinstance(source, SharedInformerFactory):
        source.__enter__()
    else:
        source.start()
    try:
        yield source
    finally:
        await _in_thread(source.shutdown if isinstance(source, SharedInformerFactory) else source.stop)


async def _in_thread(work: Callable[[], object]) -> None:
    """Do in a thread of kwatch's own what would block the loop; raise what it raises."""
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
