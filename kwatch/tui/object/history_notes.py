"""Rows of a history that are no versions: what made room, since when kwatch watches, what is proved of before."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.catalog.column import Level
from kwatch.history.reconstruction import ReconstructedEntry
from kwatch.tui.kit.table.rows import Cell, Look
from kwatch.tui.text.line import Line, plain
from kwatch.view.printable import printable

if TYPE_CHECKING:
    from kwatch.history.version import Version

PROVED = "≈"
"""The sign of what is reconstructed."""
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
    """Where one is in time: what stands above came later."""
    when = moment(at, now)
    words = f"the moment you look at; {later:,} {'version' if later == 1 else 'versions'} above came later"
    lines = [plain(""), plain(f"You look at {when}. What stands above came later.", "kwatch-muted")]
    cells = (Cell(when), Cell("here"), Cell(""), Cell(""), Cell(words))
    return Note("looked-at", cells, Look("◀", Level.PROGRESS), lines)


def moment(at: float, now: float) -> str:
    """`14:02:10`, with the date where that is not today's: `Nov 20 14:02:10`, `2025-11-20 14:02`."""
    then, today = time.localtime(at), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M:%S", then)
    return time.strftime("%b %d %H:%M:%S" if then[0] == today[0] else "%Y-%m-%d %H:%M", then)


def _made_room(count: int, first: Version, now: float) -> Note:
    since = moment(first.at, now)
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
    since = moment(first.at, now)
    begun = f"watched since {since}" if is_whole else f"kept since {since}"
    words = f"{begun}; below is what the server still proves of before"
    lines = [
        plain(""),
        plain(f"The object is {begun}. What stands below is reconstructed, to the second, from what the server keeps:"),
        plain("managedFields, conditions, container states and Events. What values were before, nobody knows."),
    ]
    if problem:
        words += "; no Events"
        lines.append(plain(f"The Events could not be had: {problem}", "warning"))
    return Note("before", (Cell(since), Cell("watching"), Cell(""), Cell(""), Cell(words)), Look(PROVED), lines)


def _proofs(proved: Sequence[ReconstructedEntry], now: float) -> Iterator[Note]:
    for index, entry in enumerate(proved):
        at = moment(entry.at, now)
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
