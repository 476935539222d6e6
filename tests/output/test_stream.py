"""What waits between an informer and stdout."""

from __future__ import annotations

import threading

from kwatch.history.coverage import Gap
from kwatch.output.stream import DeltaQueue

WAIT = 60.0
GAP = Gap("c", "pods", 0.0, 1.0, "disconnected")


def test_who_waits_for_the_next_change_is_woken() -> None:
    """The last object may be there before the informer says that it was the last: nobody waits for a tick then."""
    queue = DeltaQueue()
    found: list[object] = []
    reader = threading.Thread(target=lambda: found.append(queue.get(3600)), daemon=True)
    reader.start()
    queue.wake()
    reader.join(WAIT)
    assert found == [None]


def test_waking_never_waits_for_a_slow_reader() -> None:
    queue = DeltaQueue(capacity=1)
    queue.put(GAP)
    queue.wake()
    assert queue.get(0) is GAP
    assert queue.get(0) is None
