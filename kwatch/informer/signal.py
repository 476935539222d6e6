"""An event that can also call."""

from __future__ import annotations

import threading
from collections.abc import Callable

from kwatch.base.threads import guard


class Signal(threading.Event):
    """A threading.Event, set once, that calls back when it is set: so nobody needs a thread to wait for it.

    A callback that raises is reported, and keeps neither the others nor who sets it from going on.
    """

    def __init__(self) -> None:
        super().__init__()
        self._callbacks: list[Callable[[], None]] = []
        self._callbacks_lock = threading.Lock()

    def set(self) -> None:
        """Set it, and call in this thread whoever asked for it."""
        with self._callbacks_lock:
            super().set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            guard("a signal's callback", callback)

    def on_set(self, callback: Callable[[], None]) -> None:
        """Call back, once, when it is set; at once if it is."""
        with self._callbacks_lock:
            if not self.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def forget(self, callback: Callable[[], None]) -> None:
        """Do not call back any more."""
        with self._callbacks_lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)
