"""The informers of a session: one for each thing watched, shared by its views, ended when long unused."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kwatch.informer.clock import Clock
from kwatch.informer.errors import Closed
from kwatch.informer.resource import Resource
from kwatch.informer.sink import Sink
from kwatch.session.dirty_set import DirtySet
from kwatch.session.feed import Feed
from kwatch.session.open_informer import OpenInformer, ServersColumns
from kwatch.session.ports import Cluster, ServerColumn
from kwatch.session.watched import Watched
from kwatch.view.on_demand import indices_on_demand

if TYPE_CHECKING:
    from kwatch.history.journal import Journal

LINGER = 60.0
"""Seconds an unused informer goes on, so that going back to a view is instant."""


class InformerPool:
    """Thread-safe; no informer is started or stopped under the lock."""

    def __init__(
        self,
        cluster: Cluster,
        clock: Clock,
        journal: Journal | None = None,
        linger: float = LINGER,
        columns: ServersColumns | None = None,
    ) -> None:
        self._cluster = cluster
        self._journal = journal
        self._columns = columns
        self._clock = clock
        self._linger = linger
        self._lock = threading.Lock()
        self._open: dict[Watched, OpenInformer] = {}
        self._stopped = False

    def open(self, watched: Watched, sinks: Sequence[Sink] = ()) -> Feed:
        """A feed of `watched`; `sinks` are given to its informer if it is a new one. Raise Closed after `stop`."""
        dirty = DirtySet()
        fresh = None
        with self._lock:
            if self._stopped:
                raise Closed("the session has ended")
            shared = self._open.get(watched)
            if shared is None:
                fresh = OpenInformer(self._cluster, watched, (*sinks, dirty), self._clock, self._journal, self._columns)
                shared = self._open[watched] = fresh
            shared.users += 1
            shared.idle_since = None
        if shared is fresh:
            shared.start()
        else:
            # First the sink, then what is there already: a change in between is seen twice, never lost.
            shared.informer.add_sink(dirty)
            dirty.mark(frozenset(shared.informer.indexer.list_keys()))
        return Feed(shared, dirty, lambda: self._release(shared))

    def served_columns(self, resource: Resource) -> tuple[ServerColumn, ...]:
        """What the server told of its columns so far."""
        return self._columns.samples.known(resource) if self._columns is not None else ()

    def running(self) -> tuple[OpenInformer, ...]:
        """Every informer, those that linger unused included."""
        with self._lock:
            return tuple(self._open.values())

    def stop_idle(self) -> tuple[Watched, ...]:
        """End the informers that were unused for long enough; told which."""
        now = self._clock.monotonic()
        with self._lock:
            idle = [
                watched
                for watched, each in self._open.items()
                if each.idle_since is not None and now - each.idle_since >= self._linger
            ]
            ended = [self._open.pop(watched) for watched in idle]
        for each in ended:
            each.stop(timeout=1.0)
        return tuple(idle)

    def drop_unused_indices(self) -> None:
        """Take from every cache the indices that were unused for long enough."""
        now = self._clock.monotonic()
        for each in self.running():
            indices_on_demand(each.informer.indexer).drop_unused(now)

    def stop(self, timeout: float = 1.0) -> tuple[str, ...]:
        """End all, together; the names of threads that did not end in `timeout` seconds."""
        with self._lock:
            self._stopped = True
            ended = tuple(self._open.values())
            self._open.clear()
        deadline = self._clock.monotonic() + timeout
        for each in ended:
            each.informer.cancel()
        alive: list[str] = []
        for each in ended:
            alive += each.stop(timeout=max(0.0, deadline - self._clock.monotonic()))
        return tuple(alive)

    def _release(self, shared: OpenInformer) -> None:
        with self._lock:
            shared.users -= 1
            if shared.users == 0:
                shared.idle_since = self._clock.monotonic()
