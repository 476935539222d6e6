"""An informer over a fake server, for tests."""

import threading
from typing import Any

from kwatch.informer import (
    Object,
    ObjectList,
    SharedInformer,
)
from tests.informer.fakes import (
    PATIENCE,
    FakeListerWatcher,
    FakeStream,
    Recorder,
)


class Informed:
    """An informer over a fake server with some objects and one open watch."""

    def __init__(self, *objects: Object, **options: Any) -> None:
        self.stream = FakeStream()
        self.lister_watcher = FakeListerWatcher([ObjectList(objects, "10")], [self.stream])
        self.informer = SharedInformer(self.lister_watcher, **options)

    def start(self) -> SharedInformer:
        self.informer.start()
        assert self.informer.wait_for_sync(PATIENCE)
        return self.informer

    def __enter__(self) -> "Informed":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.informer.stop(60) == ()


def listen(informer: SharedInformer, **options: Any) -> Recorder:
    recorder = Recorder()
    informer.add_event_handler(recorder.on_add, recorder.on_update, recorder.on_delete, **options)
    return recorder


class Blocked:
    """A handler that waits inside its callback."""

    def __init__(self) -> None:
        self.inside = threading.Event()
        self.go = threading.Event()

    def on_add(self, obj: Object, initial: bool) -> None:
        self.inside.set()
        self.go.wait(PATIENCE)
