"""Where the memory of the process is: the books of `:informers`, and the limit that makes history and the rest smaller.

What there is many of is measured on a sample: all of this takes a millisecond at 100,000 objects. Sizes are in bytes.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from kwatch.base.allocator import LEFTOVERS
from kwatch.base.limits import LIMIT, MB, resident, size_text
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.packing import FRESH

if TYPE_CHECKING:
    from collections.abc import Sized

    from kwatch.history.journal import Journal
    from kwatch.informer.indexer import Indexer
    from kwatch.session.metrics import UsagePool

SAMPLE = 200
HOUSEKEEPING = 5.0
"""Seconds between looks for what is idle, and need not be kept."""
LEAST_HISTORY = 4 * MB
LEAST_FRESH = MB
PATIENCE = 5.0
"""Seconds for what was given up to become free."""
_MODULE = 68_000
"""What a module takes: its code, classes and documentation, as measured of the 1,100 that a screen needs."""
_KEPT = 72
"""What an object takes beside itself: its place in the cache, and what the allocator takes of its JSON."""
_PLACES = 150
"""What a row takes beside itself: its place among all, and in the order of all and of those that are shown."""
_INTERPRETER = 12_000_000
"""What Python takes before it imports anything, its libraries in C included."""


@dataclass(frozen=True, slots=True)
class Books:
    """What each part takes by its own count, and what is resident; the rest is free memory between what is used."""

    objects: int = 0
    indexes: int = 0
    rows: int = 0
    search_text: int = 0
    history: int = 0
    program: int = 0
    resident: int = 0
    measurements: int = 0

    @property
    def counted(self) -> int:
        kept = self.objects + self.indexes + self.rows + self.search_text + self.history + self.measurements
        return kept + self.program


def books(
    indexers: Iterable[Indexer[Any]],
    rows: Iterable[Sequence[Any]],
    journal: Journal | None,
    usages: Iterable[UsagePool] = (),
) -> Books:
    """`rows` are those of the tables, view rows that know their values and search texts."""
    indexers = tuple(indexers)
    taken = [_rows(each) for each in rows]
    return Books(
        sum(object_bytes(each) for each in indexers) + FRESH.bytes,
        sum(each.index_bytes(SAMPLE) for each in indexers),
        sum(each for each, _ in taken),
        sum(each for _, each in taken),
        journal.bytes + journal.index_bytes if journal is not None else 0,
        _INTERPRETER + _MODULE * len(sys.modules),
        resident(),
        sum(each.bytes for each in usages),
    )


def object_bytes(indexer: Indexer[Any]) -> int:
    """Objects with their keys and the table of them."""
    objects = indexer.list()
    return _of_all(objects, _object) + _KEPT * len(objects)


def _object(obj: object) -> int:
    if not isinstance(obj, KubeObject):
        return 0
    own = (obj, obj.key, obj.resource_version, obj.uid)
    json = -(-(obj.stored_size + sys.getsizeof(b"")) // 16) * 16
    labels = sys.getsizeof(obj.labels) + 250 if obj.labels else 0
    texts = sum(sum(map(_allocated, (owner, owner.name, owner.uid))) for owner in obj.owners)
    owners = texts + _allocated(obj.owners) if obj.owners else 0
    # What is shared, by how many; the sample and this function hold it too.
    shared = labels // max(1, sys.getrefcount(obj.labels) - 2) + owners // max(1, sys.getrefcount(obj.owners) - 2)
    return sum(map(_allocated, own)) + json + shared


def _allocated(thing: Sized | object) -> int:
    """What it takes of the allocator, which rounds up to sixteen."""
    return -(-sys.getsizeof(thing) // 16) * 16


def _rows(rows: Sequence[Any]) -> tuple[int, int]:
    """Of rows, and of the texts that are searched in them."""
    texts = _of_all(rows, lambda row: _allocated(row.known_search_text) if row.known_search_text is not None else 0)
    return _of_all(rows, _row) + _PLACES * len(rows), texts


def _row(row: Any) -> int:
    values = row.known_values
    return _allocated(row) + (sum(_value(each) for each in values) + _allocated(values) if values is not None else 0)


def _value(value: object) -> int:
    """Of a value in a row; short ones, and those of many rows, are shared, as numbers are with the object."""
    return _allocated(value) if not isinstance(value, (float, int)) and sys.getrefcount(value) < 5 else 0


def _of_all(things: Sequence[Any], size: Callable[[Any], int]) -> int:
    """The sum of their sizes, by that of a sample."""
    sample = things[:: max(1, len(things) // SAMPLE)]
    return sum(map(size, sample)) * len(things) // max(1, len(sample))


class Rest:
    """What is let go of in the whole process, however many sessions look. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked_at = -inf

    def look(self, now: float) -> bool:
        """Whether it was time; `now` is in seconds of a clock that never goes back."""
        with self._lock:
            if 0 <= now - self._looked_at < HOUSEKEEPING:
                return False
            self._looked_at = now
            FRESH.let_rest()
            LEFTOVERS.look()
            return True


REST = Rest()


class Economy:
    """Keeps the process below LIMIT: what is watched in the background goes first, then history gets smaller, then what
    was read ahead goes, then what is kept unpacked; after that objects that are new are only counted (Room). Used in
    one thread.
    """

    def __init__(self) -> None:
        self._looked_at = 0.0
        self._said: set[str] = set()
        self._can_pack = True

    def look(
        self,
        journal: Journal | None,
        rows: Callable[[], Sequence[Any]],
        now: float,
        give_up_background: Callable[[], bool] = bool,
    ) -> str:
        """Give up what is due, every few seconds; what to say of it, in a sentence, each once, else empty.
        `give_up_background` says whether there was any.
        """
        if not LIMIT.bytes or 0 <= now - self._looked_at < PATIENCE:
            return ""
        self._looked_at = now
        over = resident() - LIMIT.bytes
        LIMIT.spare = max(0, journal.bytes - LEAST_HISTORY) if journal is not None else 0
        if over <= 0:
            LIMIT.is_spent = False
            return ""
        limit = f"The memory limit of {size_text(LIMIT.bytes)} is reached: "
        if give_up_background():
            return self._once(f"{limit}nothing is watched in the background any more.")
        if journal is not None and journal.bytes > LEAST_HISTORY:
            journal.limit(max(LEAST_HISTORY, min(journal.budget_bytes, journal.bytes) - over))
            return self._once(f"{limit}history is kept for a shorter time, the oldest goes first.")
        if not LIMIT.is_tight:
            LIMIT.is_tight = True
            for row in rows():
                row.known_search_text = None
            return self._once(f"{limit}the texts that a filter searches are made each time.")
        if self._can_pack:
            self._can_pack = False
            FRESH.keep_at_most(LEAST_FRESH)
            return self._once(f"{limit}every object is packed at once, and opens a little later.")
        LIMIT.is_spent = True
        return self._once(f"{limit}what is new is only counted; narrow it by a namespace or a selector.")

    def _once(self, sentence: str) -> str:
        if sentence in self._said:
            return ""
        self._said.add(sentence)
        return sentence
