"""What is said to the C library's allocator, where it is glibc's: elsewhere nothing is."""

from __future__ import annotations

import sys
import threading
from functools import cache
from typing import Any, ClassVar

from kwatch.base.limits import MB

_M_ARENA_MAX = -8
"""As malloc.h has it."""


def share_one_arena() -> None:
    """Let all threads allocate in one place; for a program, before its first thread.

    glibc gives each thread a place of its own. What one thread allocates and keeps then lies among what another has
    freed, in holes that nothing else may use: of 100,000 pods, 16 kinds in the background, 130 MB of 576 were such
    holes. Threads that run Python take turns anyway, so that none waits for another here.
    """
    if (libc := _glibc()) is not None:
        libc.mallopt(_M_ARENA_MAX, 1)


def give_back_free_memory() -> None:
    """Give free memory back to the system: some milliseconds, for a quiet moment.

    After many small pieces were freed, most of them are in holes that the system does not get back by itself.
    """
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


WORTH_GIVING_BACK = 8 * MB
"""Bytes that became free, after which they go back to the system."""


class Leftovers:
    """Gives free memory back to the system when there is more of it than before. Thread-safe."""

    def __init__(self, worth: int = WORTH_GIVING_BACK) -> None:
        self._worth = worth
        self._least = 0
        self._lock = threading.Lock()

    def look(self) -> bool:
        """Whether there was enough to give back: some milliseconds, for a quiet moment."""
        with self._lock:
            # What was given back counts as free until it is used again, so it is growth that counts.
            free = free_bytes()
            self._least = min(self._least, free)
            if free - self._least < self._worth:
                return False
            give_back_free_memory()
            self._least = free_bytes()
            return True


LEFTOVERS = Leftovers()
"""Those of the process, whoever looks."""


def free_bytes() -> int:
    """What lies free between what is used, given back or not; 0 where the C library does not say."""
    libc = _glibc()
    if libc is None:
        return 0
    count, number = ("mallinfo2", "c_size_t") if hasattr(libc, "mallinfo2") else ("mallinfo", "c_uint")
    ask = getattr(libc, count)
    ask.restype = _counts(number)
    return int(ask().free)


@cache
def _counts(number: str) -> Any:
    """struct mallinfo2 of malloc.h, or mallinfo, which glibc had alone until 2.33: its counts wrap at 4 GB."""
    import ctypes

    class Counts(ctypes.Structure):
        _fields_: ClassVar = [
            (name, getattr(ctypes, number)) for name in ("a", "b", "c", "d", "e", "f", "g", "used", "free", "last")
        ]

    return Counts


@cache
def _glibc() -> Any:
    """None where the C library is another."""
    if not sys.platform.startswith("linux"):
        return None
    import ctypes  # a few milliseconds, which no help text need wait for

    try:
        libc = ctypes.CDLL(None)
        return libc if libc.gnu_get_libc_version and libc.mallopt and libc.malloc_trim else None
    except (OSError, AttributeError):
        return None
