"""The JSON of versions that will soon be compared with their successors, so that it need not be unpacked again."""

from __future__ import annotations

MOST_BYTES = 16 << 20


class RecentRaws:
    """The last version of the lives looked at last, within a bound of bytes. Used by one thread."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._raws: dict[int, tuple[int, bytes]] = {}

    def take(self, life: int, sequence: int) -> bytes | None:
        """The JSON of a life's version, if it is here; not any more afterwards."""
        found = self._raws.pop(life, None)
        if found is None:
            return None
        self._bytes -= len(found[1])
        return found[1] if found[0] == sequence else None

    def put(self, life: int, sequence: int, raw: bytes) -> None:
        """Keep the JSON of a life's last version; what came first has to go if it is too much."""
        self._raws[life] = (sequence, raw)
        self._bytes += len(raw)
        while self._bytes > self._most:
            oldest = next(iter(self._raws))
            self._bytes -= len(self._raws.pop(oldest)[1])

    def clear(self) -> None:
        """Keep nothing."""
        self._raws.clear()
        self._bytes = 0
