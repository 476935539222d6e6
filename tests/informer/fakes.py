"""A server, a clock and objects for tests of the informer."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from kwatch.informer import ApiError, Backoff, DeletedFinalStateUnknown, ListOptions, Object, ObjectList, WatchEvent

PATIENCE = 60.0
"""Seconds after which a test gives up waiting; nothing waits that long unless it is broken."""

INITIAL_EVENTS_END = "k8s.io/initial-events-end"


def pod(name: str, version: int | str = "", namespace: str = "", **metadata: Any) -> dict[str, Any]:
    """An object as a plain dict; `foo@3` of the conformance table is pod("foo", 3)."""
    head: dict[str, Any] = {"name": name, **metadata}
    if version != "":
        head["resourceVersion"] = str(version)
    if namespace:
        head["namespace"] = namespace
    return {"kind": "Pod", "apiVersion": "v1", "metadata": head}


def pods(count: int, version: int = 1) -> list[dict[str, Any]]:
    return [pod(f"pod-{number}", version) for number in range(count)]


def show(obj: Object | DeletedFinalStateUnknown | None) -> str:
    """`foo@3`, or `T(foo, foo@3)` for a tombstone."""
    if obj is None:
        return "None"
    if isinstance(obj, DeletedFinalStateUnknown):
        return f"T({obj.key}, {show(obj.object)})"
    metadata = obj["metadata"]
    return f"{metadata['name']}@{metadata.get('resourceVersion', '')}"


def event(type_: str, obj: Object) -> WatchEvent:
    return WatchEvent(type_, obj)


def added(name: str, version: int) -> WatchEvent:
    return WatchEvent("ADDED", pod(name, version))


def modified(name: str, version: int) -> WatchEvent:
    return WatchEvent("MODIFIED", pod(name, version))


def deleted(name: str, version: int) -> WatchEvent:
    return WatchEvent("DELETED", pod(name, version))


def bookmark(version: int, **annotations: str) -> WatchEvent:
    metadata: dict[str, Any] = {"resourceVersion": str(version)}
    if annotations:
        metadata["annotations"] = {INITIAL_EVENTS_END: annotations["end"]}
    return WatchEvent("BOOKMARK", {"kind": "Pod", "apiVersion": "v1", "metadata": metadata})


def status_event(code: int, reason: str, message: str = "no") -> WatchEvent:
    return WatchEvent("ERROR", {"kind": "Status", "code": code, "reason": reason, "message": message})


def refusal(status: int, reason: str = "", message: str = "no", **more: Any) -> ApiError:
    return ApiError(status, reason, message, **more)


class FakeStream:
    """Gives the scripted events; then ends, or stays open until it is closed or given more."""

    def __init__(self, events: Iterable[WatchEvent | Exception] = (), *, ends: bool = False) -> None:
        self._events: queue.SimpleQueue[WatchEvent | Exception | None] = queue.SimpleQueue()
        for each in events:
            self._events.put(each)
        if ends:
            self._events.put(None)
        self.closes = 0
        self.iterated = 0
        self.closed = threading.Event()

    def send(self, *events: WatchEvent | Exception) -> None:
        for each in events:
            self._events.put(each)

    def end(self) -> None:
        self._events.put(None)

    def __iter__(self) -> Iterator[WatchEvent]:
        self.iterated += 1
        while (each := self._events.get()) is not None:
            if isinstance(each, Exception):
                raise each
            yield each

    def close(self) -> None:
        self.closes += 1
        self.closed.set()
        self._events.put(None)


Answer = ObjectList | Exception | Callable[[ListOptions], ObjectList]
Watch = FakeStream | Exception | Callable[[ListOptions], FakeStream]


class FakeListerWatcher:
    """Answers from scripts, the last answer again and again, and remembers what it was asked."""

    def __init__(self, lists: Sequence[Any] = (), watches: Sequence[Any] = (), *, streaming: bool = False) -> None:
        self._lists: list[Answer] = list(lists)
        self._watches: list[Watch] = list(watches)
        self.streaming = streaming
        self.lists: list[ListOptions] = []
        self.watches: list[ListOptions] = []
        self.requests: list[str] = []
        self.streams: list[FakeStream] = []
        self.asked = threading.Condition()

    def replies(self, lists: Sequence[Any]) -> None:
        """From now on lists are answered so."""
        self._lists = [*lists]

    def list(self, options: ListOptions) -> ObjectList:
        with self.asked:
            self.lists.append(options)
            self.requests.append(f"list {options.resource_version!r}")
            self.asked.notify_all()
        answer = self._lists.pop(0) if len(self._lists) > 1 else self._lists[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(options) if callable(answer) else answer

    def watch(self, options: ListOptions) -> FakeStream:
        answer: Watch
        with self.asked:
            self.watches.append(options)
            kind = "stream" if options.send_initial_events else "watch"
            self.requests.append(f"{kind} {options.resource_version!r}")
            answer = self._watches.pop(0) if self._watches else FakeStream()
            if isinstance(answer, FakeStream):
                self.streams.append(answer)
            self.asked.notify_all()
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, FakeStream):
            return answer
        stream = answer(options)
        self.streams.append(stream)
        return stream

    def wait_for_watches(self, count: int) -> None:
        with self.asked:
            assert self.asked.wait_for(lambda: len(self.watches) >= count, PATIENCE)


class FakeClock:
    """Waiting takes no time: the clock jumps. `waits` are the seconds that were waited for."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return 1_700_000_000.0 + self.now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        with self._lock:
            self.waits.append(seconds)
            self.now += seconds
        return event.is_set()


class SteppedClock:
    """Time stands still until it is stepped; who waits is woken when the time has come or the event is set."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._changed = threading.Condition()
        self.waiting = 0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return 1_700_000_000.0 + self.now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        due = self.now + seconds
        with self._changed:
            self.waiting += 1
            self._changed.notify_all()
            while self.now < due and not event.is_set():
                self._changed.wait(0.005)
            self.waiting -= 1
        return event.is_set()

    def step(self, seconds: float) -> None:
        with self._changed:
            self.now += seconds
            self._changed.notify_all()

    def wait_for_waiters(self, count: int = 1) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.waiting >= count, PATIENCE)


def quick_backoff() -> Backoff:
    """Waits a real millisecond at most."""
    return Backoff(initial=0.0005, cap=0.001, jitter=0.0)


def eventually(condition: Callable[[], object], what: str = "") -> None:
    """Wait until a condition holds that nobody announces."""
    deadline = time.monotonic() + PATIENCE
    never = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, what or "it did not happen"
        never.wait(0.002)


class Recorder:
    """A handler that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.initial: list[bool] = []
        self._changed = threading.Condition()

    def on_add(self, obj: Object, is_in_initial_list: bool) -> None:
        self.initial.append(is_in_initial_list)
        self._note(f"add {show(obj)}")

    def on_update(self, old: Object, new: Object) -> None:
        self._note(f"update {show(old)} {show(new)}")

    def on_delete(self, obj: Object | DeletedFinalStateUnknown) -> None:
        self._note(f"delete {show(obj)}")

    def _note(self, text: str) -> None:
        with self._changed:
            self.told.append(text)
            self._changed.notify_all()

    def wait_for(self, count: int) -> list[str]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.told) >= count, PATIENCE), self.told
            return [*self.told]
