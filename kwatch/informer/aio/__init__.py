"""Informers from asyncio: changes to iterate over, a queue and a cache sync to await.

    async with aio.running(factory):
        await aio.wait_for_cache_sync(factory, timeout=30)
        async for change in aio.changes(pods): ...

The informers keep their own threads, which never wait for a task, and no task ever waits in a thread. So a task may be
cancelled anywhere: it leaves nothing behind, and takes nothing with it that another would have got. What is awaited
here may be awaited in any event loop, and by several tasks at once.
"""

from kwatch.informer.aio.awaiting import WorkQueue, running, wait_for_cache_sync, wait_for_version
from kwatch.informer.aio.change_stream import Changes, changes

__all__ = ["Changes", "WorkQueue", "changes", "running", "wait_for_cache_sync", "wait_for_version"]
