"""Knowing when the process that started this one is gone."""

from __future__ import annotations

import asyncio
import os
import stat
import threading

_LOOK_EVERY = 0.5


async def parent_gone(parent: int) -> None:
    """Return once the parent, by its process id, has died or has closed the pipe it gave as standard input."""
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()
    if _stdin_is_pipe():
        threading.Thread(target=_read_to_the_end, args=(loop, closed), name="lifeline", daemon=True).start()
    while not closed.is_set() and os.getppid() == parent:
        try:
            async with asyncio.timeout(_LOOK_EVERY):
                await closed.wait()
        except TimeoutError:
            continue


def _stdin_is_pipe() -> bool:
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _read_to_the_end(loop: asyncio.AbstractEventLoop, closed: asyncio.Event) -> None:
    # The bare descriptor: a thread that waits in sys.stdin holds a lock the interpreter wants at its end.
    while os.read(0, 4096):
        pass
    if not loop.is_closed():
        loop.call_soon_threadsafe(closed.set)
