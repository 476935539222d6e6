"""The versions that will soon be compared with their successors, so that they need not be unpacked again."""

from __future__ import annotations

from kwatch.history.diff.raw import Split

MOST_BYTES = 16 << 20


class RecentVersions:
    """The last version of the lives looked at last, within a bound of bytes. Used by one thread."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._splits: dict[int, tuple[int, Split]] = {}

    @property
    def bytes(self) -> int:
        """How much of the bound is used."""
        return self._bytes

    def take(self, history: int, sequence: int) -> Split | None:
        """A life's version, if it is here; not any more afterwards."""
        found = self._splits.pop(history, None)
        if found is None:
            return None
        self._bytes -= len(found[1])
        return found[1] if found[0] == sequence else None

    def put(self, history: int, sequence: int, split: Split) -> None:
        """Keep a life's last version; what came first has to go if it is too much."""
        self._splits[history] = (sequence, split)
        self._bytes += len(split)
        while self._bytes > self._most:
            oldest = next(iter(self._splits))
            self._bytes -= len(self._splits.pop(oldest)[1])

    def clear(self) -> None:
        """Keep nothing."""
        self._splits.clear()
        self._bytes = 0
