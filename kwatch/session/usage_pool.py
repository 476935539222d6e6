"""The measurements of a session: one poll for each path, shared by its views, ended when long unused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from kwatch.informer.clock import Clock
from kwatch.informer.errors import Closed
from kwatch.session.metrics import UsageFeed
from kwatch.view.usage import Usage

LINGER = 60.0
"""Seconds an unused poll goes on, so that whoever comes back finds what was seen meanwhile."""


class _Shared:
    def __init__(self, feed: UsageFeed) -> None:
        self.feed = feed
        self.users = 0
        self.idle_since: float | None = None


class UsageShare:
    """A view's share of a poll; `release` lets go of it."""

    def __init__(self, feed: UsageFeed, on_release: Callable[[], None]) -> None:
        self._feed = feed
        self._on_release: Callable[[], None] | None = on_release

    @property
    def version(self) -> int:
        """Grows with every round of measurements; 0 before the first."""
        return self._feed.version

    @property
    def error(self) -> str:
        """Why there are no newer measurements; empty while they come."""
        return self._feed.error

    def of(self, key: str) -> Usage | None:
        """The last measurement under a key, None where there is none."""
        return self._feed.of(key)

    def release(self) -> None:
        """Let go. Idempotent."""
        on_release, self._on_release = self._on_release, None
        if on_release is not None:
            on_release()


class UsagePool:
    """Thread-safe. `ask` is a UsageFeed's."""

    def __init__(self, ask: Callable[[str], Any], clock: Clock, linger: float = LINGER) -> None:
        self._ask = ask
        self._clock = clock
        self._linger = linger
        self._lock = threading.Lock()
        self._shared: dict[str, _Shared] = {}
        self._stopped = False

    def open(self, path: str) -> UsageShare:
        """What the server measures at a path; the first to ask starts the poll. Raise Closed after `stop`."""
        fresh = None
        with self._lock:
            if self._stopped:
                raise Closed("the session has ended")
            shared = self._shared.get(path)
            if shared is None:
                fresh = UsageFeed(self._ask, path, self._clock)
                shared = self._shared[path] = _Shared(fresh)
            shared.users += 1
            shared.idle_since = None
        if fresh is not None:
            fresh.start()
        return UsageShare(shared.feed, lambda: self._release(shared))

    def stop_idle(self) -> tuple[str, ...]:
        """End the polls that were unused for long enough; told which."""
        now = self._clock.monotonic()
        with self._lock:
            idle = [
                path
                for path, each in self._shared.items()
                if each.idle_since is not None and now - each.idle_since >= self._linger
            ]
            ended = [self._shared.pop(path) for path in idle]
        for each in ended:
            each.feed.release()
        return tuple(idle)

    def stop(self) -> None:
        """End all; a request under way ends by itself."""
        with self._lock:
            self._stopped = True
            ended = tuple(self._shared.values())
            self._shared.clear()
        for each in ended:
            each.feed.release()

    def _release(self, shared: _Shared) -> None:
        with self._lock:
            shared.users -= 1
            if shared.users == 0:
                shared.idle_since = self._clock.monotonic()
