"""The last lines of containers that ended badly: kept in memory only, beside the versions of their pods."""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

LONGEST = 2000
"""Characters of a line; what is longer is cut."""
BUDGET = 8 << 20
"""Bytes of memory for all of them; the oldest make room."""
_END_BYTES = 600
"""What an end costs beside its lines."""
ASKED = "asked for …"
"""Why there are no lines yet."""


@dataclass(frozen=True, slots=True)
class ContainerEnd:
    """The end of one run of a container. Times are in seconds since the epoch."""

    uid: str
    """The pod's."""
    key: str
    container: str
    started_at: float | None
    """By the node's clock, as is `finished_at`."""
    finished_at: float
    words: str
    """How it ended: `exit 1`, `OOMKilled, exit 137`."""
    at: float
    """Where it stands on a timeline: when it was seen to have ended, else `finished_at`."""
    seen: bool = False
    """Whether it was watched as it ended."""
    count: int = 0
    """How many lines are kept."""
    missing: str = ""
    """Why none are kept, in half a sentence; empty if they are, or if it wrote none."""
    packed: bytes = field(default=b"", repr=False)

    @property
    def id(self) -> tuple[str, str, float]:
        """Which run of which container: what ended in the same second is one."""
        return self.uid, self.container, self.finished_at

    @property
    def lines(self) -> tuple[str, ...]:
        """The last lines, oldest first, each after the time that the node gave it."""
        return tuple(zlib.decompress(self.packed).decode().split("\n")) if self.count else ()

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return _END_BYTES + len(self.packed)

    def with_lines(self, lines: Iterable[str]) -> ContainerEnd:
        """The same with what it wrote last; what is longer than LONGEST is cut, and says so."""
        kept = [_cut(line.replace("\n", " ")) for line in lines]
        packed = zlib.compress("\n".join(kept).encode("utf-8", "replace")) if kept else b""
        return replace(self, count=len(kept), missing="", packed=packed)


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST]} … {len(line) - LONGEST:,} more characters"


class LastLines:
    """Every end of every pod, by context. Thread-safe, and nothing takes longer than a look-up."""

    def __init__(self, budget: int = BUDGET) -> None:
        self.changes = 0
        """Grows whenever something else can be said of an end."""
        self.left_out = 0
        """Ends whose lines were not asked for, because too many came at once."""
        self.bytes = 0
        self._budget = budget
        self._lock = threading.Lock()
        self._ends: OrderedDict[tuple[str, tuple[str, str, float]], ContainerEnd] = OrderedDict()
        self._of_pod: dict[tuple[str, str], list[tuple[str, str, float]]] = {}

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def with_lines(self) -> int:
        """How many ends have lines."""
        with self._lock:
            return sum(1 for end in self._ends.values() if end.count)

    def get(self, context: str, id_: tuple[str, str, float]) -> ContainerEnd | None:
        with self._lock:
            return self._ends.get((context, id_))

    def of(self, context: str, uid: str) -> Sequence[ContainerEnd]:
        """The ends of a pod's containers, oldest first."""
        with self._lock:
            ids = self._of_pod.get((context, uid), ())
            return sorted((self._ends[context, each] for each in ids), key=lambda end: end.at)

    def put(self, context: str, end: ContainerEnd) -> None:
        """Keep an end, or say something else of one; the oldest make room."""
        with self._lock:
            before = self._ends.get((context, end.id))
            if before is None:
                self._of_pod.setdefault((context, end.uid), []).append(end.id)
            self._ends[context, end.id] = end
            self.bytes += end.size - (before.size if before is not None else 0)
            while self.bytes > self._budget and len(self._ends) > 1:
                self._drop_oldest()
            self.changes += 1

    def _drop_oldest(self) -> None:
        (context, id_), end = self._ends.popitem(last=False)
        self.bytes -= end.size
        ids = self._of_pod[context, end.uid]
        ids.remove(id_)
        if not ids:
            del self._of_pod[context, end.uid]
