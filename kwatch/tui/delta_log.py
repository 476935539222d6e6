"""The journal's log as rows; what a delta changed is read only when it is on screen or a filter asks."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from kwatch.catalog.kind import Kind
from kwatch.informer.clock import Clock
from kwatch.informer.resource import Resource
from kwatch.query.parser import parse
from kwatch.tui.object.comparisons import Comparisons
from kwatch.tui.object.history_rows import clock_time, type_of
from kwatch.tui.table.layout import ROOMY
from kwatch.tui.table.rows import Cell, Heading, Look
from kwatch.view.delta_filter import DeltaFilter, LoggedDelta
from kwatch.view.printable import printable

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version

KindOf = Callable[[str], "tuple[Kind, Resource] | None"]

_HEADINGS = (
    Heading("time", "TIME", frozen=True, min_width=len("14:02:10.25")),
    Heading("type", "TYPE", min_width=9, from_width=ROOMY),
    Heading("resource", "RESOURCE", max_width=24, quiet=True),
    Heading("object", "OBJECT", max_width=44, flexible=True),
    Heading("who", "WHO", max_width=20, quiet=True, from_width=ROOMY),
    Heading("changes", "CHANGES", fill=True),
)
WINDOW = 20_000
"""Deltas that can be scrolled through; older ones are in the objects' histories."""
PATIENCE = 0.012
"""Seconds of a beat spent on testing deltas against a filter."""


class DeltaLogRows:
    """Keys are sequences. `take` reads what came; `sift` tests it, the newest first."""

    headings: Sequence[Heading] = _HEADINGS
    sorted_by: tuple[str, bool] | None = ("time", False)

    def __init__(self, journal: Journal, kind_of: KindOf, clock: Clock, around: int | None = None) -> None:
        """`around`: begin with what arrived before and after that sequence, not with the newest."""
        self.journal = journal
        self.filter = ""
        self._kind_of = kind_of
        self._clock = clock
        self._comparisons = Comparisons(journal)
        self._versions: dict[int, Version] = {}
        self._shown: list[int] = []
        self._untested: list[int] = []
        self._filter: DeltaFilter | None = None
        self._last = 0
        if around is None:
            self.take()
        else:
            middle = journal.log_position(around)
            self._keep(journal.log_window(max(0, middle - WINDOW // 2), middle + WINDOW // 2))

    def __len__(self) -> int:
        return len(self._shown)

    @property
    def untested(self) -> int:
        """How many deltas the filter has yet to decide about."""
        return len(self._untested)

    def use_width(self, width: int) -> None:
        """On a narrow screen, changes are told in few words."""
        self._comparisons.narrow = width < ROOMY

    def take(self) -> None:
        """Add what arrived."""
        length = self.journal.log_length
        if self._last == 0:
            arrived = self.journal.log_window(max(0, length - WINDOW), length)
        else:
            arrived = self.journal.log(self._last, WINDOW)
        self._keep(arrived)

    def _keep(self, arrived: Sequence[Version]) -> None:
        for version in arrived:
            self._last = max(self._last, version.sequence)
            self._versions[version.sequence] = version
        self._forget_oldest()
        sequences = [version.sequence for version in arrived if version.sequence in self._versions]
        if self._filter is None:
            self._shown += sequences
        else:
            self._untested += sequences

    def use_filter(self, text: str) -> None:
        """Show only what matches; raise QuerySyntaxError and change nothing when the text makes no sense."""
        query = parse(text)
        self.filter = text.strip()
        self._filter = DeltaFilter(query, self._kind_of, self._clock) if query else None
        self._shown = [] if query else sorted(self._versions)
        self._untested = sorted(self._versions) if query else []
        self.sift()

    def sift(self) -> bool:
        """Test deltas for a moment; True if rows came."""
        accepts, deadline, before = self._filter, perf_counter() + PATIENCE, len(self._shown)
        if accepts is None:
            return False
        while self._untested and perf_counter() < deadline:
            sequence = self._untested.pop()
            version = self._versions.get(sequence)
            logged = self._logged(version) if version is not None else None
            if logged is not None and accepts.matches(logged):
                insort(self._shown, sequence)
        return len(self._shown) != before

    def version(self, key: str) -> Version | None:
        """The entry under a key."""
        return self._versions.get(int(key))

    def key_at(self, row: int) -> str:
        """The key of a row."""
        return str(self._shown[row])

    def row_of(self, key: str) -> int | None:
        """Where a key is."""
        row = bisect_left(self._shown, int(key))
        return row if row < len(self._shown) and self._shown[row] == int(key) else None

    def cells(self, key: str) -> Sequence[Cell]:
        """Time, type, what, who, changes."""
        version = self._versions[int(key)]
        _, word, level = type_of(version)
        return (
            Cell(clock_time(version.at)),
            Cell(word, level),
            Cell(printable(version.resource)),
            Cell(printable(version.key)),
            Cell(self._comparisons.names(version)),
            Cell(self._comparisons.words(version)),
        )

    def look(self, key: str) -> Look:
        """The sign of what happened."""
        sign, _, level = type_of(self._versions[int(key)])
        return Look(sign, level)

    def hint(self, key: str, column: int) -> str | None:
        """A delta never changes."""
        return None

    def _forget_oldest(self) -> None:
        excess = len(self._versions) - WINDOW
        if excess <= 0:
            return
        for sequence in list(self._versions)[:excess]:
            del self._versions[sequence]
        first = next(iter(self._versions))
        del self._shown[: bisect_left(self._shown, first)]

    def _logged(self, version: Version) -> LoggedDelta | None:
        """What a filter is asked about; None when the content had to make room."""
        try:
            obj = self.journal.object_of(version)
        except KeyError:
            return None
        comparison = self._comparisons.of(version)
        text = " ".join(cell.text for cell in self.cells(str(version.sequence)))
        is_change = comparison is not None and comparison.previous is not None and not version.deleted
        changes = comparison.changes if comparison is not None and is_change else ()
        return LoggedDelta(version.resource, version.key, obj, text, version.at, changes, version.deleted)
