"""The versions of an object as rows, newest first, with the gaps between them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.history.coverage import Gap, merged_gaps
from kwatch.history.reconstruction import ReconstructedEntry
from kwatch.tui.features.object.comparisons import PROVED, Comparisons
from kwatch.tui.kit.table.layout import ROOMY
from kwatch.tui.kit.table.rows import Cell, Heading, Look
from kwatch.tui.kit.text.line import Line, plain
from kwatch.view.timeline import clock_time, type_of

if TYPE_CHECKING:
    from kwatch.history.version import Moment, Version


_HEADINGS = (
    Heading("time", "TIME", frozen=True, min_width=len("14:02:10.25")),
    Heading("type", "TYPE", min_width=9, from_width=ROOMY),
    Heading("version", "VERSION", max_width=14, quiet=True, from_width=ROOMY),
    Heading("who", "WHO", max_width=24),
    Heading("changes", "CHANGES", fill=True),
)


class HistoryRows:
    """Keys are sequences; a gap's key is when it began. `notes` stand below the oldest version."""

    headings: Sequence[Heading] = _HEADINGS
    sorted_by: tuple[str, bool] | None = ("time", True)

    def __init__(
        self,
        versions: Sequence[Version],
        gaps: Sequence[Gap],
        comparisons: Comparisons,
        notes: Sequence[Note] = (),
        now: float | None = None,
        moment: Moment | None = None,
    ) -> None:
        """With `now`, in seconds since the epoch, times of another day have their date. `moment` is the one that is
        looked at: a row of its own, above which stands what came later.
        """
        self._comparisons = comparisons
        self._now = now
        entries = [*_with_moment(merged(versions, gaps), moment, now), *notes]
        self._keys = [key_of(entry) for entry in entries]
        self._entries = dict(zip(self._keys, entries, strict=True))
        self._places = {key: place for place, key in enumerate(self._keys)}

    def __len__(self) -> int:
        return len(self._keys)

    def key_at(self, row: int) -> str:
        return self._keys[row]

    def row_of(self, key: str) -> int | None:
        return self._places.get(key)

    def entry(self, key: str) -> Version | Gap | Note | None:
        return self._entries.get(key)

    def version(self, key: str) -> Version | None:
        entry = self._entries.get(key)
        return None if isinstance(entry, Gap | Note) else entry

    def versions(self) -> list[Version]:
        """Newest first, without the gaps and notes."""
        return [entry for entry in self._entries.values() if not isinstance(entry, Gap | Note)]

    def key_as_of(self, at: float) -> str | None:
        """The row of the version that was in force at a moment; the oldest one for any moment before."""
        versions = self.versions()
        found = next((version for version in versions if version.at <= at), versions[-1] if versions else None)
        return str(found.sequence) if found is not None else None

    def neighbour(self, key: str | None, by: int) -> str | None:
        """The row of the next older (1) or newer (-1) version; None where there is none."""
        place = self._places.get(key or "", -1) + by
        while 0 <= place < len(self._keys):
            if self.version(self._keys[place]) is not None:
                return self._keys[place]
            place += by
        return None

    def cells(self, key: str) -> Sequence[Cell]:
        entry = self._entries[key]
        if isinstance(entry, Note):
            return entry.cells
        if isinstance(entry, Gap):
            return self._gap_cells(entry)
        _, word, level = type_of(entry)
        return (
            Cell(self._time(entry.at)),
            Cell(word, level),
            Cell(entry.resource_version),
            Cell(self._comparisons.names(entry)),
            Cell(self._comparisons.words(entry)),
        )

    def look(self, key: str) -> Look:
        entry = self._entries[key]
        if isinstance(entry, Note):
            return entry.look
        if isinstance(entry, Gap):
            return Look("!", Level.WARNING)
        sign, _, level = type_of(entry)
        return Look(sign, level)

    def hint(self, key: str, column: int) -> str | None:
        return None

    def found_after(self, gap: Gap) -> str:
        """What was found to be different when the gap ended, in words, safe to print."""
        gaps = [entry.since for entry in self._entries.values() if isinstance(entry, Gap)]
        end = min([since for since in gaps if since > gap.since], default=inf)
        found = [version for version in self.versions() if gap.since <= version.at < end]
        after = found[-1] if found else None
        if after is None or not (after.relisted or after.inferred):
            return "found as it was before"
        if after.inferred:
            return "deleted meanwhile"
        comparison = self._comparisons.of(after)
        if comparison is None or comparison.previous is None:
            return "changed meanwhile"
        if not comparison.changes:
            return "changed meanwhile: nothing but noise"
        return f"changed meanwhile: {printable(comparison.words())}"

    def _time(self, at: float) -> str:
        is_today = self._now is None or time.localtime(at)[:3] == time.localtime(self._now)[:3]
        return clock_time(at) if is_today or self._now is None else moment_text(at, self._now)

    def _gap_cells(self, gap: Gap) -> Sequence[Cell]:
        words = f"not watched {clock_time(gap.since)} to {clock_time(gap.until)}: {printable(gap.cause)}"
        words += f"; {self.found_after(gap)}"
        return (Cell(self._time(gap.until)), Cell("gap", Level.WARNING), Cell(""), Cell(""), Cell(words, Level.WARNING))


def key_of(entry: Version | Gap | Note) -> str:
    """What the row is known by."""
    if isinstance(entry, Note):
        return entry.key
    return f"gap-{entry.since}" if isinstance(entry, Gap) else str(entry.sequence)


def merged(versions: Sequence[Version], gaps: Sequence[Gap]) -> list[Version | Gap]:
    """Newest first; only gaps after the first version, because before it there was nothing to miss."""
    if not versions:
        return []
    first = versions[0].at
    missed = merged_gaps([gap for gap in gaps if gap.since >= first], [version.at for version in versions])
    entries: list[Version | Gap] = [*versions, *missed]
    return sorted(
        entries,
        key=lambda entry: (entry.since, 1, 0) if isinstance(entry, Gap) else (entry.at, 0, entry.sequence),
        reverse=True,
    )


def _with_moment(
    entries: Sequence[Version | Gap], moment: Moment | None, now: float | None
) -> Sequence[Version | Gap | Note]:
    if moment is None:
        return entries
    later = [not isinstance(each, Gap) and each.sequence > moment.sequence for each in entries]
    if not any(later):
        return entries
    place = len(later) - later[::-1].index(True)
    return [*entries[:place], looked_at(moment.at, sum(later), now or moment.at), *entries[place:]]


_BEFORE = "before"
_HOW = {
    "metadata": "The object's own metadata says so.",
    "managedFields": "managedFields keep who last wrote which fields, and when; not what they said before.",
    "condition": "The condition says since when it is so; not how often it changed before.",
    "container": "The state of the container, or the one before it, says so.",
    "event": "An Event, which the server keeps for an hour as a rule.",
}


@dataclass(frozen=True, slots=True)
class Note:
    """`cells` under the headings of a history; `lines` explain it."""

    key: str
    cells: Sequence[Cell]
    look: Look
    lines: Sequence[Line]


def notes_of(
    first: Version | None, evicted: int, proved: Sequence[ReconstructedEntry], problem: str, now: float
) -> list[Note]:
    """What stands below the oldest version kept, in this order. `proved` is newest first."""
    if first is None:
        return []
    notes = [_made_room(evicted, first, now)] if evicted else []
    if proved or problem:
        notes.append(_watched_since(first, problem, now, is_whole=not evicted))
        notes += _proofs(proved, now)
    return notes


def looked_at(at: float, later: int, now: float) -> Note:
    """The row of the moment that is shown: what stands above came later."""
    when = moment_text(at, now)
    words = f"the moment you look at; {later:,} {'version' if later == 1 else 'versions'} above came later"
    lines = [plain(""), plain(f"You look at {when}. What stands above came later.", "kwatch-muted")]
    cells = (Cell(when), Cell("here"), Cell(""), Cell(""), Cell(words))
    return Note("looked-at", cells, Look("◀", Level.PROGRESS), lines)


def moment_text(at: float, now: float) -> str:
    """`14:02:10`, with the date where that is not today's: `Nov 20 14:02:10`, `2025-11-20 14:02`."""
    then, today = time.localtime(at), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M:%S", then)
    return time.strftime("%b %d %H:%M:%S" if then[0] == today[0] else "%Y-%m-%d %H:%M", then)


def _made_room(count: int, first: Version, now: float) -> Note:
    since = moment_text(first.at, now)
    words = f"{count:,} older version{'' if count == 1 else 's'} made room; kept since {since}"
    lines = [
        plain(""),
        plain(f"{count:,} versions from before {since} had to make room for newer ones.", "warning"),
        plain(
            "History is kept within a budget of memory, the oldest go first; I shows how full it is.", "kwatch-muted"
        ),
    ]
    cells = (Cell(since), Cell("evicted", Level.WARNING), Cell(""), Cell(""), Cell(words, Level.WARNING))
    return Note("evicted", cells, Look("!", Level.WARNING), lines)


def _watched_since(first: Version, problem: str, now: float, *, is_whole: bool) -> Note:
    since = moment_text(first.at, now)
    begun = f"watched since {since}" if is_whole else f"kept since {since}"
    words = f"{begun}; below is what the server still proves of before"
    lines = [
        plain(""),
        plain(f"The object is {begun}. What stands below is reconstructed, to the second, from what the server keeps:"),
        plain("managedFields, conditions, container states and Events. What values were before, nobody knows."),
    ]
    if problem:
        words += "; not all Events"
        lines.append(plain(f"Not all Events could be had: {problem}", "warning"))
    return Note("before", (Cell(since), Cell("watching"), Cell(""), Cell(""), Cell(words)), Look(PROVED), lines)


def _proofs(proved: Sequence[ReconstructedEntry], now: float) -> Iterator[Note]:
    for index, entry in enumerate(proved):
        at = moment_text(entry.at, now)
        who = printable(str(entry.who)) if entry.who.known else ""
        words = printable(entry.words) + (f" ({entry.count:,} times)" if entry.count > 1 else "")
        cells = (Cell(at), Cell(f"{PROVED} {_BEFORE}"), Cell(""), Cell(who), Cell(words))
        source = "Event" if entry.source == "event" else entry.source
        written = " ".join(part for part in (entry.who.operation, entry.who.subresource) if part)
        by = f", by {who}" + (f" ({printable(written)})" if written else "") if who else ""
        lines = [
            plain(f"{PROVED} {at}   reconstructed from {source}{by}", "kwatch-muted"),
            plain(entry.detail or words),
            plain(_HOW.get(entry.source, ""), "kwatch-muted"),
        ]
        yield Note(f"proved-{index}", cells, Look(PROVED), lines)
