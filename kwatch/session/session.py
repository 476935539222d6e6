"""One open context: connects in its own thread, keeps trying, and hands out feeds, logs and answers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from kwatch.base.threads import Thread, guard, reason_of, report, spawn
from kwatch.catalog.names import ResourceNames
from kwatch.catalog.registry import minor_of
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.errors import ApiError, Closed, is_unreachable, patience
from kwatch.informer.resource import Resource
from kwatch.informer.retries import LONGEST_LOOK, Backoff
from kwatch.informer.sink import Sink
from kwatch.informer.waiting import join_all
from kwatch.session.background import BackgroundWatch, Bounds
from kwatch.session.columns import ColumnsFrom, TableSamples
from kwatch.session.container_ends import ContainerEnds
from kwatch.session.informer_pool import Feed, InformerPool, OpenInformer, ServersColumns
from kwatch.session.memory import HOUSEKEEPING, REST
from kwatch.session.metrics import UsagePool
from kwatch.session.namespaces import Namespaces
from kwatch.session.ports import Cluster, ContextEntry, Discovery, LogOptions, LogStream, ServerColumn, Watched
from kwatch.session.state import ConnectionPhase, SessionState

if TYPE_CHECKING:
    from kwatch.history.journal import Journal

T = TypeVar("T")
log = logging.getLogger("kwatch.session")

FORESEEN = (ApiError, Closed, ValueError, OSError)
"""What a cluster may raise; anything else is a mistake in a program, and is reported as one."""

REDISCOVERY = 300.0
"""Seconds between discoveries, so that a new CRD gets its name in time."""


class Session:
    """Every method returns at once, may be called on the UI thread, in any order and from several threads at once.
    After `close` nothing begins any more: `start` has no effect, `open` raises Closed, the state stays CLOSED.

    `connect` builds a Cluster without talking to it and raises an error with a sentence for the user (a ValueError)
    when the user's files or words are wrong; it is called again for every attempt, so that a repaired kubeconfig is
    noticed; `cancel` ends one that waits. `on_change` is called in the session's thread whenever `state` or `names`
    changed. `last_log_lines`: how many last lines of a container that ended badly are kept in the journal, 0 for none.
    """

    def __init__(
        self,
        connect: Callable[[], Cluster],
        *,
        cancel: Callable[[], None] | None = None,
        contexts: Callable[[], tuple[ContextEntry, ...]] | None = None,
        journal: Journal | None = None,
        clock: Clock | None = None,
        on_change: Callable[[], None] | None = None,
        request_timeout: float | None = None,
        columns: ColumnsFrom = ColumnsFrom.SERVER,
        background: Bounds | None = None,
        last_log_lines: int = 0,
        turn: Callable[[threading.Event], AbstractContextManager[object]] | None = None,
    ) -> None:
        self.journal = journal
        self._columns = columns
        self.request_timeout = request_timeout
        """Seconds after which a command gives up on a server that fails; None: as its answers say."""
        self.state = SessionState()
        self.names: ResourceNames | None = None
        self.contexts: tuple[ContextEntry, ...] = ()
        """Every context of the user's kubeconfig, read with every attempt to connect."""
        self._connect = connect
        self._cancel = cancel
        self._contexts = contexts
        self._clock = clock or SystemClock()
        self._turn = turn if turn is not None else nullcontext
        """Waited for before each attempt to connect, where there are many to connect to."""
        self.background = BackgroundWatch(background, self._clock) if background is not None else None
        """What is watched beside the views; None where that is not wanted."""
        self._on_change = on_change
        self._on_news: Callable[[], object] | None = None
        self._stop = threading.Event()
        self._again = threading.Event()
        self._cluster: Cluster | None = None
        self._pool: InformerPool | None = None
        self.usages = UsagePool(self.get_raw, self._clock)
        """What pods and nodes use, where the cluster measures it."""
        self.container_ends: ContainerEnds | None = None
        """Keeps what containers that end badly wrote last; None if it is not to."""
        if journal is not None and last_log_lines:
            self.container_ends = ContainerEnds(
                lambda: self.context,
                self.logs,
                journal.last_lines,
                self._clock,
                lines=last_log_lines,
                on_news=self._has_news,
            )
        self.namespaces = Namespaces(self)
        """Those one can go to."""
        self._lock = threading.Lock()
        """Held while `state`, `_cluster`, `_pool` or `_thread` is replaced: none of them is after `_stop` was set."""
        self._thread: Thread | None = None

    def start(self) -> None:
        with self._lock:
            if self._thread is not None or self._stop.is_set():
                return
            self._thread = Thread("kwatch-session", self._run, self._crashed, until=self._stop, wait=self._clock.wait)
        self._thread.start()

    def on_news(self, callback: Callable[[], object]) -> None:
        """Set, before the start, what is called when a feed that was drained has something again, or `state` or `names`
        changed; in whichever thread that happens, so it must return at once.
        """
        self._on_news = callback

    def on_change(self, callback: Callable[[], None]) -> None:
        """Set what is called, in the session's thread, when `state` or `names` changed."""
        self._on_change = callback

    def retry_now(self) -> None:
        """Cut the wait before the next attempt short, or discover afresh."""
        self._again.set()

    @property
    def waits_for(self) -> str:
        """What must end before the server is asked anything, e.g. `the login command 'aws'`; empty for nothing."""
        cluster = self._cluster
        return cluster.waits_for if cluster is not None else ""

    @property
    def context(self) -> str:
        return self.state.context

    def open(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        sinks: Sequence[Sink] = (),
        *,
        purpose: str = "a view",
        metadata_only: bool = False,
        digested: bool = False,
    ) -> Feed:
        """Watch a resource (`namespace` None: in all of them); `purpose` is for people. Raise Closed when not
        connected, or not any more.
        """
        pool = self._pool
        if pool is None or self._stop.is_set():
            raise Closed("the session is not connected")
        where = namespace if resource.namespaced else None
        if self.container_ends is not None and str(resource) == "pods" and not metadata_only:
            sinks = (*sinks, self.container_ends)
        watched = Watched(resource, where, label_selector, field_selector, metadata_only, digested)
        return pool.open(watched, sinks, purpose)

    def look_at(self, namespace: str | None) -> None:
        """The views are of this namespace from now on, None for all: what is watched in the background follows."""
        if self.background is not None:
            self.background.look_at(namespace)

    def served_columns(self, resource: Resource) -> tuple[ServerColumn, ...]:
        """The server's columns of a resource that the catalogue knows, as far as they are known; does not ask."""
        return self._pool.served_columns(resource) if self._pool is not None else ()

    def informers(self) -> tuple[OpenInformer, ...]:
        return self._pool.running() if self._pool is not None else ()

    def fetch(self, ask: Callable[[Cluster], T], done: Callable[[T | Exception], None]) -> None:
        """Run `ask` in a thread of its own and hand its result, or what it raised, to `done` in that thread."""

        def run() -> None:
            try:
                cluster = self._cluster
                if cluster is None:
                    raise Closed("the session is not connected")
                result: T | Exception = ask(cluster)
            except Exception as error:  # noqa: BLE001 - handed on whole, so that the caller can show it
                result = _foreseen(error)
            asked.set()
            if not self._stop.is_set():
                done(result)

        def crashed(error: BaseException) -> None:
            if not asked.is_set():  # else it was the caller that crashed over the answer
                done(RuntimeError(reason_of(error)))

        asked = threading.Event()
        spawn("kwatch-fetch", run, crashed)

    def logs(self, namespace: str, pod: str, **how: Unpack[LogOptions]) -> LogStream:
        """A container's log; blocks, so call it in a worker's thread. Raise ApiError, or Closed when not connected."""
        cluster = self._cluster
        if cluster is None:
            raise Closed("the session is not connected")
        return cluster.logs(namespace, pod, **how)

    def get_raw(self, path: str) -> bytes:
        """The JSON of a path; blocks, so call it in a worker's thread. Raise ApiError, or Closed."""
        cluster = self._cluster
        if cluster is None:
            raise Closed("the session is not connected")
        return cluster.get_raw(path)

    def close(self, timeout: float = 1.0) -> tuple[str, ...]:
        """End everything; the names of threads that are still alive after `timeout` seconds. Idempotent."""
        with self._lock:
            self._stop.set()
            self.state = replace(self.state, phase=ConnectionPhase.CLOSED)
            cluster, pool, thread = self._cluster, self._pool, self._thread
        self._again.set()
        alive: list[str] = []
        if self.background is not None:
            self.background.close()
        self.usages.stop()
        if self.container_ends is not None:
            self.container_ends.close()
        if self._cancel is not None:
            self._cancel()
        if cluster is not None:
            cluster.close()
        if pool is not None:
            alive += pool.stop(timeout)
        if thread is not None:
            alive += join_all([thread], timeout)
        if self.background is not None:
            alive += self.background.join(timeout)
        return tuple(alive)

    def _run(self) -> None:
        backoff = Backoff()
        while not self._stop.is_set() and self._pool is None:
            try:
                with self._turn(self._stop):
                    self._open_cluster()
            except Exception as error:  # noqa: BLE001 - shown, and reported if nobody foresaw it
                delay = backoff.next()
                self._fail(_foreseen(error), min(delay, LONGEST_LOOK) if is_unreachable(error) else delay)
        self._keep_house()

    def _crashed(self, error: BaseException) -> None:
        """Housekeeping starts again, and so does an attempt to connect, after the failure is shown."""
        if self._pool is None:
            self._fail(RuntimeError(reason_of(error)), 0.0)

    def _open_cluster(self) -> None:
        if self._contexts is not None:
            self.contexts = self._contexts()
        cluster = self._connect()
        with self._lock:
            is_closed = self._stop.is_set()
            self._cluster = None if is_closed else cluster
        if is_closed:
            cluster.close()
            return
        self._become(context=cluster.context, namespace=cluster.namespace, server=cluster.server)
        self._changed()
        discovery = cluster.discover()
        version = cluster.version()
        with self._lock:
            if not self._stop.is_set():
                columns = ServersColumns(self._columns, TableSamples(cluster), minor_of(version))
                self._pool = InformerPool(cluster, self._clock, self.journal, columns=columns, on_news=self._on_news)
        # Who sees the names may open what they name.
        self._take(discovery)
        self._become(phase=ConnectionPhase.CONNECTED, version=version, message="", retry_at=None)
        if self._pool is not None and self.background is not None and not self.state.is_recording:
            self.background.begin(self._pool, cluster, lambda: self.names)
        self._changed()

    def _become(self, **changes: Any) -> None:
        """Another state, unless the session is closed: that is the last one."""
        with self._lock:
            if not self._stop.is_set():
                self.state = replace(self.state, **changes)

    def _take(self, discovery: Discovery) -> None:
        self.names = ResourceNames(discovery.resources, discovery.failed_groups)
        self._become(failed_groups=tuple(sorted(discovery.failed_groups.items())))

    def _fail(self, error: Exception, delay: float) -> None:
        with self._lock:
            cluster, self._cluster = self._cluster, None
        if cluster is not None:
            cluster.close()
        if self._stop.is_set():
            return
        sentence = error.message if isinstance(error, ApiError) else str(error)
        log.warning("cannot connect: %s", sentence)
        self._become(
            phase=ConnectionPhase.FAILED,
            message=sentence,
            retry_at=self._clock.time() + delay,
            patience=patience(error),
            configuration_error=isinstance(error, ValueError),
        )
        self._changed()
        self._wait(delay)

    def _keep_house(self) -> None:
        next_discovery = self._clock.monotonic() + REDISCOVERY
        while not self._stop.is_set():
            asked = self._wait(HOUSEKEEPING)
            if self._stop.is_set() or self._pool is None or self._cluster is None:
                return
            self._pool.stop_idle()
            self._pool.drop_unused_indices()
            self.usages.stop_idle()
            REST.look(self._clock.monotonic())
            if asked or self._clock.monotonic() >= next_discovery:
                next_discovery = self._clock.monotonic() + REDISCOVERY
                self._rediscover(self._cluster)

    def _wait(self, seconds: float) -> bool:
        """Wait until asked for by retry_now or close, at most `seconds`; True if asked."""
        asked = self._stop.is_set() or self._clock.wait(self._again, seconds)
        # close() sets _stop before _again, so clearing here can lose a retry_now that is just being served, no stop.
        self._again.clear()
        return asked

    def _rediscover(self, cluster: Cluster) -> None:
        try:
            self._take(cluster.discover())
        except FORESEEN as error:
            log.info("discovery failed, the known resources stay: %s", error)
            return
        self._changed()

    def _has_news(self) -> None:
        if self._on_news is not None and not self._stop.is_set():
            self._on_news()

    def _changed(self) -> None:
        for listener in (self._on_change, self._on_news):
            if listener is not None and not self._stop.is_set():
                guard("a listener of the session", listener)


def _foreseen(error: Exception) -> Exception:
    if isinstance(error, FORESEEN):
        return error
    return RuntimeError(str(report("kwatch-session", error)))
