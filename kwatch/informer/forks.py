"""What a fork does to informers: the child has their caches, as they were, and none of their threads."""

from __future__ import annotations

import os
import threading
from typing import Protocol
from weakref import WeakSet


class Forked(Protocol):
    """Something with threads."""

    def hold(self) -> None:
        """A fork is about to happen: let nothing be in the middle of a change."""
        ...

    def let_go(self) -> None:
        """It has happened."""
        ...

    def leave_threads_behind(self) -> None:
        """This is the child."""
        ...


_running: WeakSet[Forked] = WeakSet()
_lock = threading.Lock()
_held: list[Forked] = []


def tell_of_forks(running: Forked) -> None:
    """Tell this, as long as it lives, of every fork from now on."""
    with _lock:
        _running.add(running)


def _before() -> None:
    _lock.acquire()
    _held.extend(_running)
    for each in _held:
        each.hold()


def _after() -> None:
    for each in _held:
        each.let_go()
    _held.clear()
    _lock.release()


def _after_in_child() -> None:
    forked = [*_held]
    _after()
    for each in forked:
        each.leave_threads_behind()


os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_after_in_child)
