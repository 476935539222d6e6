"""Wait for what another thread does, with a limit; for tests of real threads only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def wait_until(holds: Callable[[], object], timeout: float = 60.0) -> None:
    """Return as soon as `holds()` is true; fail after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"still not so after {timeout} s")
        pause.wait(0.005)
