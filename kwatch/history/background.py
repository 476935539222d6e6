"""What happens behind the sinks, in a thread of its own: the index of changes, compaction, and making room."""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from kwatch.base.allocator import LEFTOVERS
from kwatch.base.threads import Thread, spawn
from kwatch.history.first_versions import FirstVersion
from kwatch.history.indexing import ChangeIndexer
from kwatch.history.object_history import ObjectHistory, Payload, payload_bytes
from kwatch.history.packing import KEYFRAME_INTERVAL, WORTHWHILE, Keyframe, pack_version
from kwatch.history.store import Evicted, JournalStore, yield_lock
from kwatch.informer.clock import Clock
from kwatch.informer.errors import QueueClosed
from kwatch.informer.rate_limiting_queue import ExponentialFailureRateLimiter, RateLimitingQueue
from kwatch.informer.waiting import join_all

log = logging.getLogger("kwatch.history")

LONGEST_END = 2.0
"""Seconds until the thread must have ended: what is remembered goes with the process anyway."""
LEISURE = 2.0
"""Seconds after which history is compacted, if there is nothing else to do; later if there is."""
LONGEST_PATIENCE = 30.0
PRESSURE = 0.25
"""The part of the budget from which on it is compacted as it comes..."""
PRESSING = 16_384
"""...once so many versions are not."""
AT_ONCE = 64
"""Objects indexed under one hold of the journal's lock."""
COMPACTED_AT_ONCE = 4 * AT_ONCE
"""Objects compacted under pressure after each of those: enough to keep up, and to let other threads go on."""
WORTH_TRIMMING = 4096
"""Deltas after which free memory goes back to the system once they are compacted."""
_EVICTED_AT_ONCE = 128
"""Versions given up under one hold of the lock."""
AGE_CHECK = 10.0
"""Seconds between looks for what has become too old."""
FLOOD = 1000.0
"""Deltas a second from which on working beside the informers costs both more than working by turns: every object
packed or unpacked hands the interpreter's lock to and fro.
"""
REST = 0.1
"""Seconds between two turns in a flood..."""
TURN = 0.5
"""...and seconds that one may take."""

_INDEX = 0
_COMPACT = 1
_ROOM = 2


@dataclass
class _Call:
    """A thread waits until what was queued before it is done."""

    compacted: bool
    is_kept: bool = False
    """Whether it is done; else it never will be."""
    ended: threading.Event = field(default_factory=threading.Event)


class Background:
    """The thread starts with the first work. The queue holds numbers: of kinds of work, and of calls that wait for it.

    An internal error costs the piece of work at which it happened: the thread starts again with the next.
    """

    def __init__(self, store: JournalStore, budget_bytes: int, max_age: float | None, clock: Clock) -> None:
        self._store = store
        self._indexer = ChangeIndexer(store)
        self._pace = Pace(lambda: store.arrivals, clock)
        self._waiting: deque[ObjectHistory] = deque()
        self._index_due = False
        self._budget = budget_bytes
        self._max_age = max_age
        self._clock = clock
        limiter = ExponentialFailureRateLimiter(LEISURE, LONGEST_PATIENCE)
        self._queue: RateLimitingQueue[int] = RateLimitingQueue(limiter, clock=clock)
        self._calls: dict[int, _Call] = {}
        self._call_numbers = itertools.count(_ROOM + 1)
        self._compaction_due = False
        self._trimmed_at = 0
        self._trim_due = False
        self._lock = threading.Lock()
        """Held while a thread or a call is added: none is once `_closed` is set."""
        self._closed = threading.Event()
        self._thread: Thread | None = None

    @property
    def backlog(self) -> int:
        return len(self._waiting)

    @property
    def bytes(self) -> int:
        """What is kept only so that the next changes are found faster."""
        return self._indexer.bytes

    def notice(self, history: ObjectHistory) -> None:
        """Index a new version soon. Called in the informers' threads."""
        if not history.queued:
            history.queued = True
            self._waiting.append(history)
            if not self._index_due:
                self._index_due = True
                self._queue.add(_INDEX)
                if self._thread is None:
                    self._start()

    def catch_up(self, timeout: float | None, *, compacted: bool) -> bool:
        """Wait until what waits now is done, and, if `compacted`, all is packed; False if that took longer, or was not
        done because of a close or an internal error.
        """
        call = _Call(compacted)
        with self._lock:
            if self._closed.is_set():
                return False
            number = next(self._call_numbers)
            self._calls[number] = call
        self._queue.add(number)
        self._start()
        return call.ended.wait(timeout) and call.is_kept

    def limit(self, budget_bytes: int) -> None:
        """Another budget; make room, and give what became free back to the system."""
        self._budget = budget_bytes
        self._trim_due = True
        self._queue.add(_ROOM)
        self._start()

    def close(self, timeout: float | None = None) -> None:
        """End the thread and every `catch_up`; what waits is left undone. Idempotent."""
        with self._lock:
            self._closed.set()
            self._queue.shut_down()
            self._pace.stop()
            thread = self._thread
        if thread is not None:
            for name in join_all([thread], LONGEST_END if timeout is None else timeout):
                log.error("%s does not end, and is left behind", name)
        with self._lock:
            for number in [*self._calls]:
                self._calls.pop(number).ended.set()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._closed.is_set():
                self._thread = spawn("kwatch-history", self._run, until=self._closed, wait=self._clock.wait)

    def _run(self) -> None:
        # After a crash nothing that was due is known to be queued.
        self._index_due = bool(self._waiting)
        self._compaction_due = False
        if self._index_due:
            self._queue.add(_INDEX)
        if self._store.bytes > self._budget:
            self._queue.add(_ROOM)
        if self._max_age is not None:
            self._queue.add_after(_ROOM, AGE_CHECK)
        while not self._closed.is_set():
            try:
                item = self._queue.get()
            except QueueClosed:
                return
            call = self._calls.pop(item, None)
            try:
                self._work(item, call)
            finally:
                self._queue.done(item)
                if call is not None:
                    call.ended.set()

    def _work(self, item: int, call: _Call | None) -> None:
        if item == _INDEX:
            self._index()
        elif item == _COMPACT:
            self._compact_at_leisure()
        elif item == _ROOM:
            self._make_room()
            if self._trim_due:
                self._trim_due = False
                LEFTOVERS.look()
            if self._max_age is not None:
                self._queue.add_after(_ROOM, AGE_CHECK)
        elif call is not None:
            for _ in range(0, len(self._waiting), AT_ONCE):
                if self._closed.is_set():
                    return
                self._index_some()
            self._make_room()
            if call.compacted:
                self._compact_some(len(self._store.uncompacted))
                self._trim()
            call.is_kept = not self._closed.is_set()

    def _index(self) -> None:
        """Index what waits, or in a flood some of it, and then again after a rest."""
        until = self._pace.rest()
        self._index_due = False
        while self._waiting and not self._closed.is_set():
            self._index_some()
            if self._clock.monotonic() >= until:
                break
        if self._waiting and not self._index_due:
            self._index_due = True
            self._queue.add(_INDEX)

    def _index_some(self) -> None:
        store, waiting = self._store, self._waiting
        self._indexer.index([waiting.popleft() for _ in range(min(AT_ONCE, len(waiting)))])
        if store.bytes > self._budget * PRESSURE and store.uncompacted_versions >= PRESSING:
            self._compact_some(COMPACTED_AT_ONCE)
        elif store.uncompacted and not self._compaction_due:
            self._compaction_due = True
            self._queue.add_after(_COMPACT, LEISURE)
        if store.bytes > self._budget:
            self._make_room()

    def _compact_at_leisure(self) -> None:
        store = self._store
        while store.uncompacted:
            if self._closed.is_set():
                return
            if self._waiting or len(self._queue):
                self._queue.add_rate_limited(_COMPACT)
                return
            compact(store, store.next_uncompacted())
        self._indexer.rest()
        self._trim()
        self._compaction_due = False
        self._queue.forget(_COMPACT)

    def _compact_some(self, histories: int) -> None:
        """Compact so many objects at most: while deltas come in, there are always more."""
        for _ in range(min(histories, len(self._store.uncompacted))):
            if self._closed.is_set():
                return
            compact(self._store, self._store.next_uncompacted())

    def _trim(self) -> None:
        if self._store.arrivals - self._trimmed_at >= WORTH_TRIMMING:
            self._trimmed_at = self._store.arrivals
            LEFTOVERS.look()

    def _make_room(self) -> None:
        oldest = self._clock.time() - self._max_age if self._max_age is not None else None
        while evict(self._store, self._budget, oldest) and not self._closed.is_set():
            yield_lock()
        self._indexer.forget()


class Pace:
    """When to work: in a flood by turns rather than beside the informers.

    Used by one thread; `arrivals` counts the deltas that ever came.
    """

    def __init__(self, arrivals: Callable[[], int], clock: Clock) -> None:
        self._arrivals = arrivals
        self._clock = clock
        self._stop = threading.Event()
        self._looked_at = clock.monotonic()
        self._seen = arrivals()

    def rest(self) -> float:
        """Return when the next turn may begin; the result is until when it may take, by the clock's monotonic time."""
        if not self._is_flooded():
            return inf
        self._clock.wait(self._stop, REST)
        return self._clock.monotonic() + TURN

    def stop(self) -> None:
        """End a rest, and every later one; from any thread."""
        self._stop.set()

    def _is_flooded(self) -> bool:
        now, arrived = self._clock.monotonic(), self._arrivals()
        seconds, count = now - self._looked_at, arrived - self._seen
        self._looked_at, self._seen = now, arrived
        return count > FLOOD * max(seconds, REST)


def compact(store: JournalStore, history: ObjectHistory) -> None:
    """Pack versions against a keyframe before them, all but the last of a living object, which is the cache's.

    Only the background thread may do this, as only it evicts: between reading and replacing nothing moves.
    """
    with store.lock:
        end = len(history.payloads) if history.ended else len(history.payloads) - 1
        start = max(history.compacted, history.gone)
        history.release(start)
        keyframe, against = _last_keyframe(history, start)
        loose = history.payloads[start:end]
    base = keyframe.raw if keyframe is not None else b""
    packed: list[Payload] = []
    for payload in loose:
        if not isinstance(payload, Keyframe):
            packed.append(payload)
            continue
        raw = payload.raw
        delta = pack_version(raw, base, against + 1) if keyframe is not None and against < KEYFRAME_INTERVAL else None
        if keyframe is not None and delta is not None and len(delta) <= len(keyframe.packed) * WORTHWHILE:
            packed.append(delta)
            against += 1
        else:
            keyframe = payload.compressed()
            base, against = raw, 0
            packed.append(keyframe)
    with store.lock:
        for offset, (old, new) in enumerate(zip(loose, packed, strict=True)):
            if new is not old:
                history.payloads[start + offset] = new
                store.bytes += payload_bytes(new) - payload_bytes(old)
        history.compacted = start + len(packed)


def _last_keyframe(history: ObjectHistory, before: int) -> tuple[Keyframe | None, int]:
    """The keyframe that the next version can be packed against, and how many are already."""
    for position in range(before - 1, -1, -1):
        payload = history.payloads[position]
        if isinstance(payload, Keyframe):
            return payload, before - 1 - position
    return None, 0


def evict(store: JournalStore, budget_bytes: int, older_than: float | None) -> bool:
    """Give up some versions beyond the budget or received before `older_than`; whether there may be more to do.

    The oldest go first, but never the last one of a living object.
    """
    with store.lock:
        return all(_evict_one(store, budget_bytes, older_than) for _ in range(_EVICTED_AT_ONCE))


def _evict_one(store: JournalStore, budget_bytes: int, older_than: float | None) -> bool:
    """Look at the oldest; False if there is nothing (more) to give up."""
    over = store.bytes > budget_bytes
    if store.superseded:
        pinned = store.superseded[-1]
        if over or _is_older(pinned, pinned.gone, older_than):
            store.superseded.pop()
            if pinned.number in store.histories and (pinned.ended or len(pinned) > 1):
                _give_up(store, pinned, pinned.gone)
            return True
    if not len(store.log):
        return False
    entry = store.entry(0)
    if entry is None:
        store.log.drop_front()
        return True
    _, history, position = entry
    if not over and not _is_older(history, position, older_than):
        return False
    store.log.drop_front()
    if isinstance(history, FirstVersion):
        return True  # it is the last one of a living object
    if position == len(history.payloads) - 1 and not history.ended:
        history.pinned = True
    else:
        _give_up(store, history, position)
    return True


def _is_older(history: ObjectHistory | FirstVersion, position: int, than: float | None) -> bool:
    if than is None:
        return False
    at = history.at if isinstance(history, FirstVersion) else history.columns.received_at(position)
    return at < than


def _give_up(store: JournalStore, history: ObjectHistory, position: int) -> None:
    was = store.evicted
    count = position + 1 - history.gone
    sequence, at = history.columns.sequence(position), history.columns.received_at(position)
    last = position == len(history.payloads) - 1
    store.bytes -= history.evict(position)
    if last:
        del store.histories[history.number]
        store.bytes -= history.own_bytes
        history.stream.remove(history)
        if history.key not in history.stream:
            store.forgotten.append(history)
    store.evicted = Evicted(
        was.versions + count, was.objects + last, max(was.through_sequence, sequence), max(was.through_at, at)
    )
