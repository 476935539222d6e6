"""What several views use at once is there once, and ends when it was unused for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

from kwatch.informer.clock import Clock
from kwatch.informer.errors import Closed


class Shared:
    """Something with users; `idle_since` is on the monotonic clock, None while it is used."""

    users = 0
    idle_since: float | None = None


K = TypeVar("K", bound=Hashable)
T = TypeVar("T", bound=Shared)


class Sharing(Generic[K, T]):
    """One thing a key. Thread-safe; nothing is started or ended under the lock."""

    def __init__(self, clock: Clock, release_after: float) -> None:
        """`release_after` is in seconds."""
        self._clock = clock
        self._release_after = release_after
        self._lock = threading.Lock()
        self._shared: dict[K, T] = {}
        self._closed = False

    def acquire(self, key: K, make: Callable[[], T]) -> tuple[T, bool]:
        """For one more user; True if it was made for this one. Raise Closed after `close`."""
        with self._lock:
            if self._closed:
                raise Closed("the session has ended")
            shared = self._shared.get(key)
            is_new = shared is None
            if shared is None:
                shared = self._shared[key] = make()
            shared.users += 1
            shared.idle_since = None
            return shared, is_new

    def give_up(self, shared: T) -> None:
        """One user less."""
        with self._lock:
            shared.users -= 1
            if shared.users == 0:
                shared.idle_since = self._clock.monotonic()

    def take_unused(self, key: K) -> T | None:
        """The thing, if nobody uses it: it is forgotten with that."""
        with self._lock:
            shared = self._shared.get(key)
            return self._shared.pop(key) if shared is not None and not shared.users else None

    def all(self) -> tuple[T, ...]:
        """Idle ones included."""
        with self._lock:
            return tuple(self._shared.values())

    def take_idle(self) -> Mapping[K, T]:
        """What was unused for long enough, and is forgotten with that."""
        now = self._clock.monotonic()
        with self._lock:
            idle = {
                key: each
                for key, each in self._shared.items()
                if each.idle_since is not None and now - each.idle_since >= self._release_after
            }
            for key in idle:
                del self._shared[key]
        return idle

    def close(self) -> tuple[T, ...]:
        """Everything; there is nothing new from now on."""
        with self._lock:
            self._closed = True
            ended, self._shared = self._shared, {}
        return tuple(ended.values())
