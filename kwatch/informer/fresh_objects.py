"""The objects that came last, whose JSON is kept as it arrived for a while: most are read once more soon after."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kwatch.informer.kube_object import KubeObject

MOST_BYTES = 12 << 20


class FreshObjects:
    """One for the whole process, so that many kinds take no more than one. Thread-safe."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._objects: deque[tuple[KubeObject, int]] = deque()
        self._bytes = 0

    def add(self, obj: KubeObject, size: int) -> None:
        """Remember an object whose JSON, `size` bytes, is there beside the packed one; the oldest give up theirs."""
        with self._lock:
            self._objects.append((obj, size))
            self._bytes += size
            while self._bytes > self._most:
                oldest, freed = self._objects.popleft()
                self._bytes -= freed
                oldest.drop_fresh()


FRESH = FreshObjects()
