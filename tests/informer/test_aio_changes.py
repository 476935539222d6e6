"""Changes for tasks: each one, or merged ones where a task is slow; and nothing is left of a task that is cancelled."""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from kwatch.informer import (
    Added,
    Deleted,
    DeletedFinalStateUnknown,
    KubeObject,
    Notification,
    ObjectMeta,
    SharedInformer,
    TypedInformer,
    Updated,
    aio,
)
from kwatch.informer.testing import FakeClock, FakeControllerSource, eventually
from tests.informer.fakes import pod, show

SOON = 60.0


class Spec(msgspec.Struct, frozen=True, rename="camel"):
    node_name: str = ""


class Pod(msgspec.Struct):
    metadata: ObjectMeta
    spec: Spec = Spec()


class Watched:
    """A source and an informer of it."""

    def __init__(self) -> None:
        self.source = FakeControllerSource()
        self.informer = SharedInformer(self.source.lister_watcher(), name="watched", clock=FakeClock(jumps=True))

    async def reached(self) -> None:
        """Everything so far is in the cache, and at the handlers."""
        assert await aio.wait_for_version(self.informer, self.source.resource_version, SOON)
        # One that comes late is taken in when the batch is with the others.
        late = self.informer.add_event_handler()
        async with asyncio.timeout(SOON):
            while not late.has_synced() or any(each.backlog for each in self.informer.registrations):
                await asyncio.sleep(0.001)
        late.remove()


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    found = Watched()
    async with aio.running(found.informer):
        assert await aio.wait_for_cache_sync(found.informer, SOON)
        yield found
    assert eventually(lambda: not threads(), SOON)


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if "watched" in thread.name]


def told(change: Notification[Any]) -> str:
    if isinstance(change, Updated):
        return f"update {show(change.old)} {show(change.new)}"
    if isinstance(change, Added):
        return f"add {show(change.object)}{' (initial)' * change.is_in_initial_list}"
    return f"delete {show(change.object)}"


async def take(changes: aio.Changes[Any], count: int) -> list[str]:
    async with asyncio.timeout(SOON):
        return [told(await anext(changes)) for _ in range(count)]


async def test_each_change_comes_as_it_was(watched: Watched) -> None:
    watched.source.add(pod("a"))
    await watched.reached()
    async with aio.changes(watched.informer) as changes:
        watched.source.modify(pod("a"))
        watched.source.modify(pod("a"))
        watched.source.delete("a")
        got = await take(changes, 4)
        assert got == ["add a@2 (initial)", "update a@2 a@3", "update a@3 a@4", "delete a@5"]
        assert (changes.waiting, changes.merged) == (0, 0)
    with pytest.raises(StopAsyncIteration):
        await anext(changes)


async def test_beyond_the_limit_the_changes_of_an_object_become_one(watched: Watched) -> None:
    changes = aio.changes(watched.informer, limit=2)
    for name in "abcd":
        watched.source.add(pod(name))
    await watched.reached()
    for name in "ccd":
        watched.source.modify(pod(name))
    await watched.reached()
    watched.source.delete("d")
    for _ in range(3):
        watched.source.delete("b")
        watched.source.add(pod("b"))
    await watched.reached()
    assert (changes.waiting, changes.merged) == (3, 7)
    assert await take(changes, 3) == ["add a@2", "add c@7", "add b@15"], "d came and went, and nobody saw it"


async def test_what_is_merged_leads_from_what_was_seen_to_what_is(watched: Watched) -> None:
    for name in "ab":
        watched.source.add(pod(name))
    changes = aio.changes(watched.informer, limit=1)
    await take(changes, 2)
    for _ in range(50):
        watched.source.modify(pod("a"))
        watched.source.modify(pod("b"))
    await watched.reached()
    got = [*await take(changes, changes.waiting)]
    last = {line.split()[1][0]: line for line in got}
    assert last["a"].endswith("a@102")
    assert last["b"].endswith("b@103")
    assert len(got) <= 3
    watched.source.delete("a")
    watched.source.add(pod("a"))
    await watched.reached()
    assert (await take(changes, 2)) == ["delete a@104", "add a@105"], "another object is never an update of it"


async def test_structs_and_what_does_not_fit(watched: Watched, crashes: Any) -> None:
    changes = aio.changes(TypedInformer(watched.informer, Pod))
    watched.source.add(pod("odd") | {"spec": {"nodeName": 5}})
    watched.source.add(pod("a") | {"spec": {"nodeName": "n1"}})
    async with asyncio.timeout(SOON):
        first = await anext(changes)
    assert isinstance(first, Added)
    assert (first.object.metadata.name, first.object.spec.node_name) == ("a", "n1")
    assert watched.informer.status.handler_errors == 1
    with watched.source.unwatched():
        watched.source.delete("odd")
    async with asyncio.timeout(SOON):
        gone = await anext(changes)
    assert isinstance(gone, Deleted)
    assert isinstance(gone.object, DeletedFinalStateUnknown)
    assert (gone.object.key, gone.object.object) == ("odd", None)


async def test_a_cancelled_loop_leaves_no_thread(watched: Watched) -> None:
    before = threads()
    seen: list[Notification[KubeObject]] = []

    async def follow() -> None:
        async for change in aio.changes(watched.informer):
            seen.append(change)
            await asyncio.sleep(0)

    task = asyncio.create_task(follow())
    watched.source.add(pod("a"))
    async with asyncio.timeout(SOON):
        while not seen:
            await asyncio.sleep(0.001)
    [thread] = [name for name in threads() if name not in before]
    assert thread.startswith("kwatch-handler watched/aio.changes")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    del task
    gc.collect()
    async with asyncio.timeout(SOON):
        while threads() != before:
            await asyncio.sleep(0.001)
    assert watched.informer.registrations == ()


async def test_giving_up_on_one_change_loses_none(watched: Watched) -> None:
    changes = aio.changes(watched.informer)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(changes), 0.001)
    watched.source.add(pod("a"))
    assert await take(changes, 1) == ["add a@2"]
    changes.close()


@pytest.mark.parametrize("end", ["stop", "close"])
async def test_who_waits_is_told_of_the_end(watched: Watched, end: str) -> None:
    changes = aio.changes(watched.informer)

    async def count() -> int:
        return len([change async for change in changes])

    tasks = [asyncio.create_task(count()) for _ in range(3)]
    watched.source.add(pod("a"))
    await watched.reached()
    if end == "stop":
        assert await asyncio.to_thread(watched.informer.stop) == ()
    else:
        changes.close()
    async with asyncio.timeout(SOON):
        assert sum(await asyncio.gather(*tasks)) == 1


def test_a_loop_that_was_closed_hinders_nobody() -> None:
    watched = Watched()
    changes = aio.changes(watched.informer)

    async def wait_in_vain() -> None:
        task = asyncio.get_running_loop().create_task(anext(changes))
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        await asyncio.sleep(0)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(wait_in_vain())
    loop.close()
    watched.informer.start()
    watched.source.add(pod("a"))
    assert asyncio.run(take(changes, 1)) == ["add a@2"]
    assert watched.informer.stop() == ()


def test_a_limit_must_be_one() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        aio.changes(Watched().informer, limit=0)


async def test_keys_of_ones_own() -> None:
    source = FakeControllerSource()
    informer = SharedInformer(source.lister_watcher(), key_func=lambda obj: str(obj.uid))
    async with aio.running(informer):
        changes = aio.changes(informer, limit=1)
        source.add(pod("a"))
        source.add(pod("a", namespace="shop"))
        assert sorted(await take(changes, 2)) == ["add a@2", "add a@3"]


async def test_others_have_their_turn_while_there_is_always_a_change(watched: Watched) -> None:
    changes = aio.changes(watched.informer)
    for number in range(300):
        watched.source.add(pod(f"pod-{number}"))
    await watched.reached()
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await take(changes, 300)
    task.cancel()
    assert turns >= 300 // 32
