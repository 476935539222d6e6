"""All threads of a program allocate in one place."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from kwatch.base import allocator

GLIBC = platform.libc_ver()[0] == "glibc"
PROGRAM = """
import re, threading
from pathlib import Path
{first}
kept = []
ready = threading.Barrier(4)

def work():
    ready.wait()
    kept.extend(bytes(3000) for _ in range(50))

threads = [threading.Thread(target=work) for _ in range(4)]
for each in threads: each.start()
for each in threads: each.join()
found = re.search(r"^([0-9a-f]+)-([0-9a-f]+) .*\\[heap\\]$", Path("/proc/self/maps").read_text(), re.MULTILINE)
start, end = (int(each, 16) for each in found.groups())
print(sum(start <= id(each) < end for each in kept), len(kept))
"""


def _in_the_heap(first: str) -> tuple[int, int]:
    """How many of what threads allocate lie where the main thread allocates, and of how many."""
    program = PROGRAM.format(first=first)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    inside, all_ = done.stdout.split()
    return int(inside), int(all_)


@pytest.mark.skipif(not GLIBC, reason="only glibc has arenas")
def test_threads_allocate_where_the_main_thread_does() -> None:
    inside, all_ = _in_the_heap("from kwatch.base.allocator import share_one_arena; share_one_arena()")
    assert inside == all_
    inside, all_ = _in_the_heap("")
    assert inside < all_  # or this test proves nothing


@pytest.mark.skipif(not GLIBC, reason="only glibc gives memory back when asked")
def test_free_memory_goes_back() -> None:
    program = (
        "from kwatch.base.allocator import give_back_free_memory; from kwatch.base.limits import resident\n"
        "kept = [bytes([number % 256]) * 3000 for number in range(20_000)]\n"
        "last = kept[-1]; full = resident(); del kept\n"
        "give_back_free_memory(); print(full - resident())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert int(done.stdout) > 40_000_000


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    allocator._glibc.cache_clear()
    try:
        allocator.share_one_arena()
        allocator.give_back_free_memory()
    finally:
        allocator._glibc.cache_clear()


def test_what_became_free_goes_back_once(monkeypatch: pytest.MonkeyPatch) -> None:
    free, trims = [50], list[int]()
    monkeypatch.setattr(allocator, "free_bytes", lambda: free[0])
    monkeypatch.setattr(allocator, "give_back_free_memory", lambda: trims.append(free[0]))
    leftovers = allocator.Leftovers(40)
    assert leftovers.look()
    assert not leftovers.look()
    free[0] = 10  # it was used again
    assert not leftovers.look()
    free[0] = 49
    assert not leftovers.look()
    free[0] = 50
    assert leftovers.look()
    assert trims == [50, 50]


@pytest.mark.skipif(not GLIBC, reason="only glibc counts what is free")
@pytest.mark.parametrize("older", [False, True])
def test_what_lies_free_is_counted(older: bool) -> None:
    program = (
        "from kwatch.base import allocator; from kwatch.base.allocator import free_bytes, share_one_arena\n"
        "share_one_arena(); libc = allocator._glibc()\n"
        f"if {older}: allocator._glibc = lambda: type('Older', (), {{'mallinfo': libc.mallinfo}})\n"
        "kept = [bytes([number % 256]) * 3000 for number in range(20_000)]\n"
        "last = kept[-1]; before = free_bytes(); del kept; print(free_bytes() - before)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert 50_000_000 < int(done.stdout) < 70_000_000
