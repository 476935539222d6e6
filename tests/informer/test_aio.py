"""Queues, caches and versions for tasks, which may be cancelled anywhere."""

import asyncio
import threading

import pytest

from kwatch.informer import (
    ApiError,
    QueueClosed,
    QueueEmpty,
    RateLimitingQueue,
    SharedInformer,
    SharedInformerFactory,
    TypedInformer,
    aio,
)
from kwatch.informer.resources import PODS
from kwatch.informer.testing import FakeClient, FakeControllerSource
from tests.informer.fakes import pod

SOON = 60.0


async def test_an_item_from_any_thread_wakes_one_task() -> None:
    queue: aio.WorkQueue[str] = aio.WorkQueue()
    tasks = [asyncio.create_task(queue.get()) for _ in range(3)]
    await asyncio.sleep(0)
    threading.Thread(target=queue.queue.add, args=("foo",)).start()
    done, waiting = await asyncio.wait(tasks, timeout=SOON, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result() for task in done] == ["foo"]
    queue.add("foo")
    assert len(queue) == 0, "no item is with two workers"
    queue.done("foo")
    done, waiting = await asyncio.wait(waiting, timeout=SOON, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result() for task in done] == ["foo"]
    queue.shut_down()
    for task in waiting:
        with pytest.raises(QueueClosed):
            await task


async def test_a_cancelled_task_takes_nothing_with_it() -> None:
    queue: aio.WorkQueue[str] = aio.WorkQueue()
    before = threading.enumerate()
    for _ in range(20):
        task = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        queue.add("foo")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await queue.get(timeout=SOON) == "foo"
        queue.done("foo")
    assert not {*threading.enumerate()} - {*before}
    with pytest.raises(QueueEmpty):
        await queue.get(timeout=0.001)
    with pytest.raises(TimeoutError):
        await queue.get(timeout=0)


async def test_workers_are_loops_that_end_with_the_shut_down() -> None:
    worked: list[str] = []

    async def work(queue: aio.WorkQueue[str]) -> None:
        async for item in queue:
            worked.append(item)
            await asyncio.sleep(0)
            queue.done(item)

    queue = aio.WorkQueue(RateLimitingQueue[str]())
    async with asyncio.timeout(SOON), asyncio.TaskGroup() as group, queue:
        for _ in range(3):
            group.create_task(work(queue))
        for number in range(10):
            queue.add(f"item-{number}")
        assert await queue.shut_down_with_drain(SOON)
    assert sorted(worked) == [f"item-{number}" for number in range(10)]


async def test_a_drain_may_be_given_up_or_ended() -> None:
    queue: aio.WorkQueue[str] = aio.WorkQueue()
    queue.add("foo")
    await queue.get()
    assert not await queue.shut_down_with_drain(timeout=0.001)
    draining = asyncio.create_task(queue.shut_down_with_drain())
    await asyncio.sleep(0)
    queue.shut_down()
    assert not await asyncio.wait_for(draining, SOON)
    queue.done("foo")
    assert await queue.shut_down_with_drain(timeout=SOON)


async def test_a_factory_runs_as_long_as_the_context() -> None:
    before = threading.enumerate()
    client = FakeClient()
    client.source(PODS).add(pod("a", namespace="shop"))
    factory = SharedInformerFactory(client)
    pods = factory.for_resource(PODS)
    async with aio.running(factory) as same:
        assert same is factory
        assert await aio.wait_for_cache_sync(factory, SOON) == {PODS.gvr: True}
        assert await aio.wait_for_cache_sync(pods, SOON)
        assert await aio.wait_for_cache_sync(TypedInformer(pods, dict), SOON)
        waiting = asyncio.create_task(aio.wait_for_version(pods, "3"))
        await asyncio.sleep(0)
        client.source(PODS).add(pod("b", namespace="shop"))
        assert await asyncio.wait_for(waiting, SOON)
        assert not await aio.wait_for_version(pods, "99", timeout=0.001)
    assert pods.stopped
    ours = {*threading.enumerate()} - {*before}
    assert not [thread.name for thread in ours if thread.name.endswith(" pods")]


async def test_waiting_ends_with_a_stop_and_can_be_cancelled() -> None:
    source = FakeControllerSource(streaming=False)
    source.fail("list", ApiError(403, "Forbidden", "no"), times=1000)
    informer = SharedInformer(source.lister_watcher())
    async with aio.running(informer):
        assert not await aio.wait_for_cache_sync(informer, timeout=0.001)
        given_up = asyncio.create_task(aio.wait_for_cache_sync(informer))
        waiting = [
            asyncio.create_task(aio.wait_for_cache_sync(informer)),
            asyncio.create_task(aio.wait_for_version(informer, "9")),
        ]
        await asyncio.sleep(0)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
    assert await asyncio.wait_for(asyncio.gather(*waiting), SOON) == [False, False]
    assert informer.indexer._version_listeners == ()
    assert informer.stopping._callbacks == []
