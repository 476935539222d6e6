"""What a view has done in threads of its own: objects read for sorting, indices made for the next filter."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from kwatch.informer.index_functions import IndexFunc
from kwatch.query.row import Row
from kwatch.view.scan import Found, Scan

log = logging.getLogger("kwatch.view.background")

_FEW = 1000
"""Rows that are read at once rather than in a thread: some 20 ms."""
_MOST_INDICES = 24
"""Indices that filters may add to one cache; each costs memory and a little of every change."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`filtering 6,200 of 10,000`."""

    what: str
    done: int
    total: int


@runtime_checkable
class _Indexable(Protocol):
    @property
    def index_names(self) -> Sequence[str]: ...

    def add_indexers(self, indexers: Mapping[str, IndexFunc]) -> None: ...


class Background:
    """One piece of reading at a time; the newest wins."""

    def __init__(self, source: object) -> None:
        self._source = source
        self._reading: Scan | None = None
        self._then: Callable[[], None] | None = None

    @property
    def progress(self) -> Progress | None:
        """How far the reading is."""
        reading = self._reading
        if reading is None or reading.is_over:
            return None
        return Progress("reading", reading.looked_at, reading.total)

    @property
    def is_finished(self) -> bool:
        """Whether a reading ended whose `then` has not run."""
        return self._reading is not None and self._reading.is_over

    def read(self, rows: Sequence[Row], then: Callable[[], None]) -> bool:
        """Read rows in a thread; `finish` runs `then` afterwards. False, and nothing happens, if they are few."""
        if len(rows) < _FEW:
            return False
        self._then = then
        self._reading = Scan(rows, _read)
        return True

    def finish(self) -> bool:
        """On the UI thread: run what waits for a reading that has ended; whether there was something."""
        if not self.is_finished or self._then is None:
            return False
        then, self._reading, self._then = self._then, None, None
        then()
        return True

    def cancel(self) -> None:
        """Want the reading no more."""
        if self._reading is not None:
            self._reading.cancel()
        self._reading = self._then = None

    def indexing(self, wanted: Mapping[str, IndexFunc]) -> Callable[[], None] | None:
        """What adds indices to the source, to be run in a thread; None if it takes none or has enough."""
        source = self._source
        if not wanted or not isinstance(source, _Indexable):
            return None
        if len(source.index_names) + len(wanted) > _MOST_INDICES:
            return None

        def add() -> None:
            missing = {name: func for name, func in wanted.items() if name not in source.index_names}
            try:
                source.add_indexers(missing)
            except ValueError:
                log.debug("another filter has added one of %s meanwhile", ", ".join(missing))

        return add


def _read(rows: Sequence[Row]) -> Found:
    for row in rows:
        row.values  # noqa: B018 - reading is what is wanted; the row keeps them
    return Found()
