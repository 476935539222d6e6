"""client-go's SharedIndexInformer: a cache of one resource that follows the server, and notifies handlers."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Protocol
from weakref import WeakSet

from kwatch.base.threads import Thread
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.delta_fifo import DeltaFIFO, Transform
from kwatch.informer.delta_processor import DeltaProcessor, ProcessLoop
from kwatch.informer.index import IndexFunc
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.lister import Lister
from kwatch.informer.metadata import KeyFunc, meta_namespace_key
from kwatch.informer.metrics import Durations
from kwatch.informer.packing import ObjectPacker, packing_result
from kwatch.informer.protocol import Closing, ListerWatcher
from kwatch.informer.reflector import Reflector
from kwatch.informer.reflector_store import ArrivingList
from kwatch.informer.registration import Handler, OnAdd, OnDelete, OnUpdate, Registration
from kwatch.informer.retries import Delays
from kwatch.informer.shared_processor import SharedProcessor
from kwatch.informer.sink import Sink, SinkSet
from kwatch.informer.status import InformerStatus, Quarantine, Quarantined, StatusRecorder, counters_of
from kwatch.informer.waiting import Signal, StopReport, join_all, wait_for


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


STOP_TIMEOUT = 1.0
"""Seconds that `stop` waits for threads."""
_FORKED = "the informer runs in the process that this one was forked from"


class SharedInformer:
    """One reflector, one queue, one cache, any number of handlers and sinks.

    - `resync_period`: seconds after which handlers get every object again; 0 for never.
    - `indexers`: index functions by name; more can be added at any time.
    - `transform`: changes each object before it is cached; run once for each that arrives.
    - `sinks`: see every delta in the informer's thread.
    - `expected_type`: (apiVersion, kind); anything else is dropped and counted.
    - `name`: appears in the names of threads and in logs.

    `synced` is set when the first list is in the cache, `stopping` when the informer is stopped, `settled` with
    either. In a process that was forked the cache stays as it was, and the informer has stopped.
    """

    def __init__(
        self,
        lister_watcher: ListerWatcher,
        *,
        resync_period: float = 0.0,
        indexers: Mapping[str, IndexFunc] | None = None,
        transform: Transform | None = None,
        key_func: KeyFunc = meta_namespace_key,
        sinks: Iterable[Sink] = (),
        clock: Clock | None = None,
        backoff: Delays | None = None,
        page_size: int | None = None,
        streaming: bool = True,
        expected_type: tuple[str, str] | None = None,
        name: str = "informer",
    ) -> None:
        self.name = name
        self.synced = Signal()
        self._lister_watcher = lister_watcher
        self.key_func = key_func
        self._transform = transform
        self._clock = clock or SystemClock()
        self._recorder = StatusRecorder(self._clock)
        self._quarantine = Quarantine(self._clock, self._recorder)
        self._packer = ObjectPacker()
        self._indexer: Indexer[KubeObject] = Indexer(
            key_func, indexers, on_index_error=partial(self._recorder.error, "index")
        )
        self._handlers = SharedProcessor(
            name, resync_period, self._indexer, self.has_synced, self._recorder, self._clock
        )
        self._sinks = SinkSet(sinks, self._recorder)
        self.arriving = ArrivingList(self._indexer, key_func, self._clock)
        """What the first list has brought so far, for who shows progress; its indexer is the cache from then on."""
        self._processor = DeltaProcessor(
            self._indexer, self._handlers.distribute, self._sinks, self._quarantine.put, self.arriving
        )
        self._make_reflector = partial(
            Reflector,
            lister_watcher,
            page_size=page_size,
            clock=self._clock,
            backoff=backoff,
            name=name,
            key_func=key_func,
            expected_type=expected_type,
            arriving=self.arriving,
            streaming=streaming,
            packer=self._packer,
            recorder=self._recorder,
            quarantine=self._quarantine,
        )
        self._on_error: Callable[[Exception], None] | None = None
        self._fifo: DeltaFIFO | None = None
        self._loop: ProcessLoop | None = None
        self._reflector: Reflector | None = None
        self._threads: tuple[Thread, ...] = ()
        self._lock = threading.Lock()
        self.stopping = Signal()
        self.settled = Signal()
        self.synced.on_set(self.arriving.close)
        self.synced.on_set(self.settled.set)
        self.stopping.on_set(self.settled.set)
        self._cancelled = self._forked = False

    def add_event_handler(
        self,
        on_add: OnAdd | None = None,
        on_update: OnUpdate | None = None,
        on_delete: OnDelete | None = None,
        *,
        resync_period: float | None = None,
    ) -> Registration:
        """Call these with everything in the cache, then with every change; raise RuntimeError if stopped.

        They are `on_add(obj, is_in_initial_list)`, `on_update(old, new)` and `on_delete(obj or tombstone)`, and run one
        after the other in a thread of their own, in the order that kwatch.informer describes. Returns at once.
        `resync_period` None is the informer's own.
        """
        if self._forked:
            raise RuntimeError(_FORKED)
        registration = self._handlers.add(Handler(on_add, on_update, on_delete), resync_period)
        fifo = self._fifo
        if fifo is not None:
            fifo.wake()
        return registration

    def remove_event_handler(self, registration: Registration) -> None:
        """Deliver nothing more to a handler; one that is unknown or removed already is ignored."""
        if registration in self._handlers:
            registration.remove()

    def shut_down_event_handler(self, registration: Registration, timeout: float | None = None) -> bool:
        """Remove a handler and wait until its callback has ended: whether it has."""
        self.remove_event_handler(registration)
        return not join_all([registration.thread], timeout)

    def add_sink(self, sink: Sink) -> None:
        self._sinks.add(sink)

    def remove_sink(self, sink: Sink) -> None:
        self._sinks.remove(sink)

    def add_indexers(self, indexers: Mapping[str, IndexFunc]) -> None:
        """At any time; raise ValueError for a name that exists."""
        self._indexer.add_indexers(indexers)

    def set_transform(self, transform: Transform) -> None:
        """Change each object before it is cached; raise RuntimeError after the start."""
        with self._lock:
            self._refuse_if_started()
            self._transform = transform

    def set_watch_error_handler(self, handler: Callable[[Exception], None]) -> None:
        """Call this with what ends a list or keeps a watch from opening; raise RuntimeError after the start."""
        with self._lock:
            self._refuse_if_started()
            self._on_error = handler

    def start(self) -> None:
        """Start the threads; idempotent. Raise RuntimeError if stopped before."""
        with self._lock:
            if self._forked:
                raise RuntimeError(_FORKED)
            if self._fifo is not None:
                return
            if self._cancelled:
                raise RuntimeError("the informer has stopped already")
            if self._transform is not None:
                self.arriving.close()  # it would show what is not going to be cached
            fifo = DeltaFIFO(
                key_func=self.key_func,
                known_objects=self._indexer,
                transform=packing_result(self._transform, self._packer) if self._transform is not None else None,
                clock=self._clock,
                on_refused=self._quarantine.put,
                selective=getattr(self._lister_watcher, "selective", False) is True,
                room=self._recorder.room,
            )
            processing = self.durations.processing
            self._loop = ProcessLoop(fifo, self._processor, self._handlers, self.synced, self._clock, processing)
            self._reflector = reflector = self._make_reflector(
                fifo,
                resync_period=self._handlers.periods.check,
                should_resync=self._handlers.should_resync,
                on_error=self._on_error,
                on_gap=self._loop.note_gap,
            )
            self._threads = (
                self._thread("reflector", partial(reflector.run, self.stopping)),
                # After a crash the cache lacks what was being applied; only a whole list repairs that.
                self._thread("informer", self._loop.run, reflector.list_again),
            )
            self._fifo = fifo
            self._handlers.start()
            register_for_forks(self)
            for thread in self._threads:
                thread.start()

    def refresh(self, cause: str) -> None:
        """Fetch the whole list once more, now, because the same objects are wanted in another form; from any thread.
        `cause` is a word or two for the count of lists.
        """
        if self._reflector is not None:
            self._reflector.refresh(cause)

    def run(self, stop: threading.Event) -> None:
        """Start, and stop when `stop` is set."""
        self.start()
        stop.wait()
        self.stop()

    def stop(self, timeout: float | None = None, *, drain: bool = False) -> StopReport:
        """End every thread, wherever it waits; the names of those that outlive this, in a tuple.

        Waits `timeout` seconds for all of them together, by default one. What handlers have not received is dropped and
        counted; with `drain` it is delivered first, by default without a limit.
        """
        if self._forked:
            return StopReport(())
        limit = STOP_TIMEOUT if timeout is None and not drain else timeout
        deadline = None if limit is None else time.monotonic() + limit
        self.cancel(drain=drain)
        registrations = self._handlers.stop()
        alive = join_all(self._threads, limit)
        for registration in registrations:
            (registration.finish if drain else registration.cancel)()
        alive += join_all([each.thread for each in registrations], deadline and max(0.0, deadline - time.monotonic()))
        return StopReport(alive, sum(registration.backlog for registration in registrations))

    def cancel(self, *, drain: bool = False) -> None:
        """Begin to stop, without waiting; `stop` does the rest."""
        if self._forked:
            return
        with self._lock:
            # From here on start() raises, so that nothing more is started.
            self._cancelled = True
            fifo = self._fifo
        self._processor.cancelled = not drain
        self.stopping.set()
        if isinstance(self._lister_watcher, Closing):
            self._lister_watcher.close()
        if fifo is not None:
            fifo.close()

    def has_synced(self) -> bool:
        """Whether the first list is in the cache."""
        return self._fifo is not None and self._fifo.has_synced()

    def wait_for_sync(self, timeout: float | None = None, *, stop: threading.Event | None = None) -> bool:
        """Wait until the first list is in the cache, `timeout` seconds are over, or this or `stop` is stopped."""
        wait_for({self.name: self.settled}, timeout, stop=stop)
        return self.synced.is_set()

    def wait_for_version(self, version: str, timeout: float | None = None) -> bool:
        """Wait until everything up to a resource version is in the cache, to read your own writes; False if the
        informer is stopped, or `timeout` seconds are over, before. The version of something that this informer does not
        watch is reached with the next bookmark: about once a minute.
        """
        return self._indexer.wait_for_version(version, timeout, self.stopping)

    @property
    def started(self) -> bool:
        return self._fifo is not None

    @property
    def stopped(self) -> bool:
        return self._cancelled

    @property
    def indexer(self) -> Indexer[KubeObject]:
        """The cache, for reading."""
        return self._indexer

    @property
    def lister(self) -> Lister[KubeObject]:
        """The cache, as one would ask the server."""
        return Lister(self._indexer, self.name)

    @property
    def registrations(self) -> tuple[Registration, ...]:
        return self._handlers.registrations

    @property
    def durations(self) -> Durations:
        return self._recorder.durations

    @property
    def quarantine(self) -> tuple[Quarantined, ...]:
        """The objects that the cache could not take, oldest first."""
        return self._quarantine.objects()

    @property
    def last_sync_resource_version(self) -> str:
        """The version that the reflector has reached."""
        return self._reflector.last_sync_resource_version if self._reflector is not None else ""

    @property
    def status(self) -> InformerStatus:
        return self._recorder.snapshot(
            queue_depth=len(self._fifo) if self._fifo is not None else 0,
            queue_bytes=self._fifo.size if self._fifo is not None else 0,
            handler_backlog=self._handlers.backlog,
            synced_at=self._loop.synced_at if self._loop is not None else None,
            objects=len(self._indexer),
            unconfirmed=self.arriving.unconfirmed(self._recorder),
            sink_errors=self._sinks.errors,
            handler_errors=self._handlers.errors,
            index_errors=self._indexer.index_errors,
        )

    def leave_threads_behind(self) -> None:
        """In a forked process the cache stays as it is; the connections are the parent's."""
        self._forked = self._cancelled = True
        # Their locks may be held by threads of the other process.
        self._lock, self.stopping, self.settled = threading.Lock(), Signal(), Signal()
        self.stopping.set()
        self.settled.set()
        self._recorder.leave_threads_behind()

    def expect(self, objects: int) -> None:
        """Show how far the first list is: about so many objects will come. From any thread."""
        if not self.has_synced():
            self._recorder.expected = objects

    def counters(self) -> Mapping[str, float]:
        """The status as plain numbers, for exporters; times in seconds since the epoch, 0 for never."""
        return counters_of(self.status)

    def _thread(self, part: str, work: Callable[[], None], then: Callable[[], None] | None = None) -> Thread:
        def crashed(error: BaseException) -> None:
            self._recorder.error(f"internal error in the {part}", error)
            if then is not None:
                then()

        return Thread(f"kwatch-{part} {self.name}", work, crashed, until=self.stopping, wait=self._clock.wait)

    def _refuse_if_started(self) -> None:
        if self._fifo is not None:
            raise RuntimeError("the informer has started already")
