"""A fork: the child has the caches of all informers, as they were, and none of their threads."""

from __future__ import annotations

import os
import threading
from typing import Protocol
from weakref import WeakSet

from kwatch.informer.indexer import Indexer


class Forked(Protocol):
    """Something with threads."""

    @property
    def indexer(self) -> Indexer:
        """Its cache, which must not be in the middle of a change when a fork happens."""

    def leave_threads_behind(self) -> None:
        """Called in the child."""


_running: WeakSet[Forked] = WeakSet()
_lock = threading.Lock()
_held: list[Forked] = []


def register_for_forks(running: Forked) -> None:
    """Tell this, as long as it lives, of every fork from now on."""
    with _lock:
        _running.add(running)


def _before() -> None:
    _lock.acquire()
    _held.extend(_running)
    for each in _held:
        each.indexer.hold()


def _after() -> None:
    for each in _held:
        each.indexer.let_go()
    _held.clear()
    _lock.release()


def _after_in_child() -> None:
    forked = [*_held]
    _after()
    for each in forked:
        each.leave_threads_behind()


os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_after_in_child)
