"""The journal's log as rows; what a delta changed is read only when it is on screen or a filter asks."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.catalog.kind import Kind
from kwatch.informer.clock import Clock
from kwatch.informer.resource import Resource
from kwatch.query.editing import general_keys, is_unfinished
from kwatch.query.index_names import NO_INDICES, UserIndices
from kwatch.query.parser import parse
from kwatch.tui.features.object.comparisons import Comparisons
from kwatch.tui.kit.table.rows import Cell, Heading, Look
from kwatch.view.delta_filter import DeltaFilter, LoggedDelta
from kwatch.view.timeline import clock_time, type_of

if TYPE_CHECKING:
    from kwatch.history.coverage import Gap
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version
    from kwatch.query.syntax import QuerySyntaxError

KindOf = Callable[[str], "tuple[Kind, Resource] | None"]

_WITH_WHO, _WIDE = 120, 150
"""From these widths on there is room to say who; for the word of the sign and for whole paths."""
_HEADINGS = (
    Heading("time", "TIME", frozen=True, min_width=len("14:02:10.25")),
    Heading("type", "TYPE", min_width=9, from_width=_WIDE),
    Heading("resource", "RESOURCE", max_width=24, quiet=True),
    Heading("object", "OBJECT", max_width=44, flexible=True),
    Heading("who", "WHO", max_width=20, quiet=True, from_width=_WITH_WHO),
    Heading("changes", "CHANGES", fill=True),
)
_CONTEXT = Heading("context", "CONTEXT", max_width=24, quiet=True)
_WHERE = 2
"""Behind time and type."""
WINDOW = 20_000
"""Deltas that can be scrolled through; older ones are in the objects' histories."""
PATIENCE = 0.012
"""Seconds of a tick spent on testing deltas against a filter."""


Position = int | float
"""Where a row stands: the sequence of a delta; of a gap, in between."""


class DeltaLogRows:
    """Keys are positions. `take` reads what came; `sift` tests it, the newest first. Gaps pass every filter."""

    headings: Sequence[Heading] = _HEADINGS
    sorted_by: tuple[str, bool] | None = ("time", False)

    def __init__(
        self,
        journal: Journal,
        kind_of: KindOf,
        clock: Clock,
        around: int | None = None,
        indices: UserIndices = NO_INDICES,
        *,
        with_contexts: bool = False,
    ) -> None:
        """`around`: begin with what arrived before and after that sequence, not with the newest. `with_contexts`: they
        may be of several, and say of which.
        """
        if with_contexts:
            self.headings = (*_HEADINGS[:_WHERE], _CONTEXT, *_HEADINGS[_WHERE:])
        self._with_contexts = with_contexts
        self.journal = journal
        self.filter = ""
        self._kind_of = kind_of
        self._indices = indices
        self._clock = clock
        self._comparisons = Comparisons(journal)
        self._versions: dict[int, Version] = {}
        self._gaps: dict[Gap, float] = {}
        self._gap_at: dict[float, Gap] = {}
        self._known: list[Position] = []
        """Every position, ascending."""
        self._shown: list[Position] = []
        """Those that are shown, ascending."""
        self._found = self._shown
        """Those that the filter found: others than are shown only while it is typed and found none."""
        self._awaited: str | None = None
        """What is typed, while that finds none."""
        self._untested: list[int] = []
        self._filter: DeltaFilter | None = None
        self._last = 0
        length = journal.log_length
        middle = length if around is None else journal.log_position(around)
        half = WINDOW if around is None else WINDOW // 2
        self._keep(journal.log_window(max(0, middle - half), middle + half))
        self._keep_gaps()

    def __len__(self) -> int:
        return len(self._shown)

    @property
    def untested(self) -> int:
        """How many deltas the filter has yet to decide about."""
        return len(self._untested)

    @property
    def words(self) -> str:
        """How many deltas are shown of how many, and how many are not tested yet or had to make room."""
        shown, journal = len(self._shown) - len(self._gap_at), self.journal
        total = f" of {len(self._versions):,}" if self.filter else ""
        parts = [f"{shown:,}{total} {'delta' if shown == 1 and not total else 'deltas'}"]
        if self._untested:
            parts.append(f"{len(self._untested):,} not looked at yet")
        if journal.evicted.versions:
            parts.append(f"{journal.evicted.versions:,} older ones made room")
        return ", ".join(parts)

    def use_width(self, width: int) -> None:
        """On a narrow screen, changes are described in few words."""
        self._comparisons.narrow = width < _WIDE

    def take(self) -> None:
        """Add what arrived."""
        length = self.journal.log_length
        self._keep(self.journal.log_window(max(self.journal.log_position(self._last), length - WINDOW), length))
        self._keep_gaps()

    def _keep(self, arrived: Sequence[Version]) -> None:
        oldest = self._known[0] if len(self._versions) >= WINDOW else 0
        fresh = [version for version in arrived if version.sequence > oldest]
        for version in fresh:
            self._versions[version.sequence] = version
        sequences = [version.sequence for version in fresh]
        self._known.extend(sequences)
        (self._shown if self._filter is None else self._untested).extend(sequences)
        if sequences:
            self._last = sequences[-1]
        self._forget_oldest()

    def _keep_gaps(self) -> None:
        for gap in self.journal.gaps():
            if gap in self._gaps or not self._known:
                continue
            # After what came until it ended, before what was found then.
            position = self.journal.sequence_at(gap.until) + 0.5
            while position in self._gap_at:
                position += 0.001
            self._gaps[gap] = position
            if position > self._known[0]:
                self._gap_at[position] = gap
                insort(self._known, position)
                insort(self._shown, position)
                if self._found is not self._shown:
                    insort(self._found, position)

    def use_filter(self, text: str, *, typing: bool = False) -> None:
        """Show only what matches; raise QuerySyntaxError and change nothing when the text makes no sense.

        While one is `typing`, what is shown stays as long as the last term is only half typed and nothing matches.
        """
        query = parse(text, self._indices.names)
        self._awaited = text.strip() if typing and is_unfinished(query, text, self._keys) else None
        self._filter = DeltaFilter(query, self._kind_of, self._clock, self._indices) if query else None
        self._found = sorted(self._gap_at) if query else list(self._known)
        self._untested = sorted(self._versions) if query else []
        if self._awaited is None:
            self.filter, self._shown = text.strip(), self._found
        self.sift()

    @property
    def complaint(self) -> QuerySyntaxError | None:
        """Why the filter means nothing for any resource that was looked at."""
        return self._filter.complaint if self._filter is not None else None

    @property
    def is_awaiting(self) -> bool:
        """Whether what is shown does not match what is typed, because nothing does so far."""
        return self._awaited is not None

    def sift(self) -> bool:
        """Test deltas for a moment; True if rows came."""
        accepts, deadline, before = self._filter, perf_counter() + PATIENCE, len(self._found)
        if accepts is None:
            return False
        while self._untested and perf_counter() < deadline:
            sequence = self._untested.pop()
            version = self._versions.get(sequence)
            logged = self._logged(version) if version is not None else None
            if logged is not None and accepts.matches(logged):
                insort(self._found, sequence)
        is_more = len(self._found) != before
        if self._awaited is not None and is_more:
            self.filter, self._shown, self._awaited = self._awaited, self._found, None
        return is_more

    def _keys(self) -> Iterator[str]:
        known = map(self._kind_of, {each.resource for each in self._versions.values()})
        return general_keys(self._indices.names, *(each[0] for each in known if each is not None))

    def version(self, key: str) -> Version | None:
        """The delta under a key; None for a gap."""
        position = _position(key)
        return self._versions.get(position) if isinstance(position, int) else None

    def key_at(self, row: int) -> str:
        """The key of a row."""
        return str(self._shown[row])

    def row_of(self, key: str) -> int | None:
        """Where a key is."""
        position = _position(key)
        row = bisect_left(self._shown, position)
        return row if row < len(self._shown) and self._shown[row] == position else None

    def cells(self, key: str) -> Sequence[Cell]:
        """Time, type, what, who, changes."""
        version = self.version(key)
        if version is None:
            gap = self._gap_at[float(key)]
            return self._placed(gap.context, _gap_cells(gap))
        _, word, level = type_of(version)
        cells = (
            Cell(clock_time(version.at)),
            Cell(word, level),
            Cell(version.resource),
            Cell(version.key),
            Cell(self._comparisons.names(version)),
            Cell(self._comparisons.words(version)),
        )
        return self._placed(version.context, cells)

    def _placed(self, context: str, cells: Sequence[Cell]) -> Sequence[Cell]:
        """With the context, where it is shown."""
        return (*cells[:_WHERE], Cell(printable(context)), *cells[_WHERE:]) if self._with_contexts else cells

    def look(self, key: str) -> Look:
        """The sign of what happened."""
        version = self.version(key)
        if version is None:
            return Look("!", Level.WARNING)
        sign, _, level = type_of(version)
        return Look(sign, level)

    def hint(self, key: str, column: int) -> str | None:
        """A delta never changes."""
        return None

    def _forget_oldest(self) -> None:
        excess = len(self._versions) - WINDOW
        if excess <= 0:
            return
        first = sorted(self._versions)[excess]
        for position in self._known[: bisect_left(self._known, first)]:
            if isinstance(position, int):
                del self._versions[position]
            else:
                del self._gap_at[position]
        for positions in (self._known, self._shown, *(() if self._found is self._shown else (self._found,))):
            del positions[: bisect_left(positions, first)]

    def _logged(self, version: Version) -> LoggedDelta | None:
        """What a filter is asked about; None when the content had to make room."""
        obj = self.journal.object_or_none(version)
        if obj is None:
            return None
        comparison = self._comparisons.of(version)
        text = " ".join(cell.text for cell in self.cells(str(version.sequence)))
        is_change = comparison is not None and comparison.previous is not None and not version.deleted
        changes = comparison.changes if comparison is not None and is_change else ()
        context = version.context if self._with_contexts else ""
        how = (version.resource, version.key, obj, text, version.at, changes, version.deleted)
        return LoggedDelta(*how, context)


def _position(key: str) -> Position:
    return float(key) if "." in key else int(key)


def _gap_cells(gap: Gap) -> Sequence[Cell]:
    words = f"not watched {clock_time(gap.since)} to {clock_time(gap.until)}: {printable(gap.cause)}"
    time, kind = Cell(clock_time(gap.until)), Cell("gap", Level.WARNING)
    which = Cell(f"all in {gap.namespace}" if gap.namespace else "all of them")
    return (time, kind, Cell(gap.resource), which, Cell(""), Cell(words, Level.WARNING))
