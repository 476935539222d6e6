"""The changes of an informer, for tasks to iterate over."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

import msgspec

from kwatch.informer.aio.awaiting import Bell
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import KeyFunc, deletion_handling_key
from kwatch.informer.registration import Added, Deleted, Notification, Registration, Updated
from kwatch.informer.shared_informer import SharedInformer
from kwatch.informer.typed_informer import TypedInformer
from kwatch.informer.waiting import Signal

T = TypeVar("T")
LIMIT = 1000
"""Changes that wait one by one for a task; beyond it those of one object become one."""


class _Pending:
    """What a task has not yet taken: bounded, because what cannot wait one by one is merged."""

    def __init__(self, limit: int, key_func: KeyFunc) -> None:
        self._key_func = key_func
        self.bell = Bell()
        self.merged = 0
        self._limit = limit
        self._lock = threading.Lock()
        self._waiting: OrderedDict[int, tuple[str, Notification[KubeObject]]] = OrderedDict()
        self._last: dict[str, int] = {}
        """The number of the newest that waits, by key."""
        self._number = 0
        self.ended = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, change: Notification[KubeObject]) -> None:
        """Take a change; in the handler's thread, which never waits here."""
        obj = change.new if isinstance(change, Updated) else change.object
        key = deletion_handling_key(obj, self._key_func)
        with self._lock:
            last = self._last.get(key) if len(self._waiting) >= self._limit else None
            if last is None or not self._merge(key, last, change):
                self._number += 1
                self._waiting[self._number] = (key, change)
                self._last[key] = self._number
        self.bell.ring()

    def _merge(self, key: str, last: int, change: Notification[KubeObject]) -> bool:
        """Make one of two changes that follow each other; False if a deletion and an addition must stay two."""
        before = self._waiting[last][1]
        if isinstance(before, Deleted):
            return False
        self.merged += 1
        if isinstance(before, Added) and isinstance(change, Deleted):
            # It came and went, and nobody saw it.
            del self._waiting[last], self._last[key]
        elif isinstance(before, Added) and isinstance(change, Updated):
            self._waiting[last] = (key, Added(change.new, before.is_in_initial_list))
        elif isinstance(before, Updated) and isinstance(change, Updated):
            self._waiting[last] = (key, Updated(before.old, change.new))
        else:
            self._waiting[last] = (key, change)
        return True

    def is_ready(self) -> bool:
        """Whether there is a change, or will be none."""
        return bool(self._waiting) or self.ended

    def take(self) -> Notification[KubeObject] | None:
        """The change that waits longest, None if there is none."""
        with self._lock:
            if not self._waiting:
                return None
            number, (key, change) = self._waiting.popitem(last=False)
            if self._last.get(key) == number:
                del self._last[key]
            return change

    def end(self) -> None:
        """Nothing more comes."""
        self.ended = True
        self.bell.ring()


def _let_go(registration: Registration, stopping: Signal, pending: _Pending) -> None:
    stopping.forget(pending.end)
    registration.remove()
    pending.end()


class Changes(Generic[T]):
    """Added, Updated and Deleted of one informer, to iterate over, in a handler's order: first what is in the cache.

    **Backpressure.** Up to `limit` changes wait one by one. When there are more, the changes of one object become one:
    from what you saw last to what it is now, `merged` counts them; an object that came and went meanwhile is not told.
    So at most `limit` and two for each object wait, nobody waits for you, and what you miss are steps, never an end.

    Ends when the informer is stopped, after what waits by then, or with `close`. Structs are decoded as they are taken,
    in your task; an object that does not fit is left out, and counts as an error of the handler, in the status. The
    handler's thread ends with `close`, at the end of `async with`, and when nobody holds this any more: a cancelled
    `async for` needs no care.
    """

    def __init__(self, informer: SharedInformer, read: Callable[[Any], Any], limit: int = LIMIT) -> None:
        if limit < 1:
            raise ValueError("the limit must be 1 or more")
        self._read = read
        self._pending = pending = _Pending(limit, informer.key_func)

        def added(obj: KubeObject, is_in_initial_list: bool) -> None:
            pending.put(Added(obj, is_in_initial_list))

        added.__qualname__ = "aio.changes"
        self._registration = informer.add_event_handler(
            added, lambda old, new: pending.put(Updated(old, new)), lambda obj: pending.put(Deleted(obj))
        )
        informer.stopping.on_set(pending.end)
        self._let_go = weakref.finalize(self, _let_go, self._registration, informer.stopping, pending)
        self._let_go.atexit = False

    @property
    def waiting(self) -> int:
        """How many changes wait to be taken."""
        return len(self._pending)

    @property
    def merged(self) -> int:
        """How many changes became one with another because too many waited."""
        return self._pending.merged

    def close(self) -> None:
        """End it, and its thread; from any thread, at once. Who waits for a change is told that there is none."""
        self._let_go()

    async def aclose(self) -> None:
        """The same."""
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Notification[T]:
        pending = self._pending
        while True:
            await pending.bell.wait(pending.is_ready, None)
            raw = pending.take()
            if raw is None and pending.ended:
                raise StopAsyncIteration
            try:
                # Another task may have been faster.
                if raw is not None:
                    change: Notification[T] = self._read(raw)
                    return change
            except msgspec.ValidationError as error:
                self._registration.failed(error)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


@overload
def changes(informer: SharedInformer, *, limit: int = LIMIT) -> Changes[KubeObject]: ...


@overload
def changes(informer: TypedInformer[T], *, limit: int = LIMIT) -> Changes[T]: ...


def changes(informer: SharedInformer | TypedInformer[T], *, limit: int = LIMIT) -> Changes[Any]:
    """The changes of an informer from now on, what is in the cache ahead; raise RuntimeError if it was stopped."""
    if isinstance(informer, TypedInformer):
        return Changes(informer.informer, informer.read_change, limit)
    return Changes(informer, lambda change: change, limit)
