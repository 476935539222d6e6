"""What the tests of the reflector share."""

import threading
from collections.abc import Callable
from typing import Any

from kwatch.informer import (
    Indexer,
    ListOptions,
    ObjectList,
    Reflector,
)
from tests.informer.fakes import (
    FakeClock,
    FakeListerWatcher,
    FakeStream,
    pod,
    quick_backoff,
    show,
    status_event,
)


class StopAt(Indexer):
    """Stops the reflector once a version has arrived."""

    def __init__(self, version: str, stop: threading.Event) -> None:
        super().__init__()
        self._version = version
        self._stop = stop

    def update_resource_version(self, version: str) -> None:
        if version == self._version:
            self._stop.set()


def names(store: Indexer) -> set[str]:
    return {show(obj) for obj in store.list()}


def reflect(lister_watcher: FakeListerWatcher, store: Any = None, **options: Any) -> Reflector:
    options.setdefault("backoff", quick_backoff())
    return Reflector(lister_watcher, Indexer() if store is None else store, **options)


def ended() -> FakeStream:
    """A watch that says something and ends: a list is then not needed, but the next watch may be refused."""
    return FakeStream([status_event(410, "Expired")])


def ended_event() -> Any:
    return status_event(410, "Expired")


def paged(*sizes: int) -> Callable[[ListOptions], ObjectList]:
    """Pages of these sizes, with the tokens C1, C2..."""

    def answer(options: ListOptions) -> ObjectList:
        page = int((options.continue_token or "C0")[1:])
        items = [pod(f"pod-{page}-{number}", 1) for number in range(sizes[page])]
        return ObjectList(items, "10", f"C{page + 1}" if page + 1 < len(sizes) else None)

    return answer


class Versions(Indexer):
    def __init__(self) -> None:
        super().__init__()
        self.versions: list[str] = []

    def update_resource_version(self, version: str) -> None:
        self.versions.append(version)


def run_in_thread(target: Callable[[threading.Event], None], stop: threading.Event) -> threading.Thread:
    thread = threading.Thread(target=target, args=(stop,), daemon=True)
    thread.start()
    return thread


class StoppingClock(FakeClock):
    """Sets the stop after so many seconds of waiting."""

    def __init__(self, stop: threading.Event, seconds: float) -> None:
        super().__init__()
        self._stop = stop
        self._end = self.now + seconds

    def wait(self, event: threading.Event, seconds: float) -> bool:
        super().wait(event, seconds)
        if self.now >= self._end:
            self._stop.set()
        return event.is_set()
