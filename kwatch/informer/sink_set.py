"""All sinks of an informer."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from kwatch.base.threads import report
from kwatch.informer.delta import Delta
from kwatch.informer.sink import Sink
from kwatch.informer.status import StatusRecorder


class SinkSet:
    """Sinks come and go in any thread, and are told in the informer's. One that raises harms nobody: it is counted."""

    def __init__(self, sinks: Iterable[Sink], recorder: StatusRecorder) -> None:
        self._sinks = tuple(sinks)
        self._recorder = recorder
        self._lock = threading.Lock()
        self.errors = 0

    def add(self, sink: Sink) -> None:
        """Tell it from now on."""
        with self._lock:
            self._sinks = (*self._sinks, sink)

    def remove(self, sink: Sink) -> None:
        """Tell it no more, if it was told."""
        with self._lock:
            self._sinks = tuple(each for each in self._sinks if each is not sink)

    def on_delta(self, delta: Delta[Any], old: Any) -> None:
        """Tell everybody of a change."""
        for sink in self._sinks:
            try:
                sink.on_delta(delta, old)
            except BaseException as error:  # noqa: BLE001 - the user's sink; counted and logged
                self._failed(sink, error)

    def on_gap(self, since: float, until: float, cause: str) -> None:
        """Tell everybody of a time when nothing was watched."""
        for sink in self._sinks:
            try:
                sink.on_gap(since, until, cause)
            except BaseException as error:  # noqa: BLE001 - the user's sink; counted and logged
                self._failed(sink, error)

    def _failed(self, sink: Sink, error: BaseException) -> None:
        self.errors += 1
        self._recorder.error(f"sink {type(sink).__name__}", error)
        report(f"sink {type(sink).__name__}", error)
