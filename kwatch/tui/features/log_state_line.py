"""The line above logs: whose they are, whether more come, what was found. What matters least goes first where there is
little room. And why there are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.strip import Strip

from kwatch.base.printable import printable
from kwatch.session.logs import LogsState
from kwatch.tui.features.log_document import LogDocument
from kwatch.tui.kit.widgets.bar import Part, StateWidget, bar
from kwatch.tui.palette import Palette
from kwatch.view.log_lines import LogSource


@dataclass(frozen=True, slots=True)
class Told:
    """Some words of it. `rank` 0 always stays, the highest goes first; `short` stands in before it goes."""

    words: str
    rank: int
    short: str | None = None
    is_bad: bool = False


_OF_THEN = (
    "Nodes have the log of containers that are still there, and of the run before (p).",
    "s looks further back.",
)
LogState = tuple[Told, ...]


def told_of_lines(document: LogDocument, wanted: str, number: int, total: int) -> Iterator[Told]:
    """What is searched for and which of the matches one stands on; how many lines there are, and match the filter."""
    count = f"{len(document.kept):,} {'line' if len(document.kept) == 1 else 'lines'}"
    if document.filter:
        around = f" ±{document.context}" if document.context else ""
        few = f"{document.matching:,} of {count}"
        yield Told(f"&{document.filter.text}{around}: {few}", 2, few)
    else:
        yield Told(count, 5)
    if document.dropped:
        yield Told(f"{document.dropped:,} older made room", 6)
    if wanted:
        where = f"{number:,} of {total:,}" if total else "no match"
        yield Told(f"/{wanted}: {where}", 2, where)


def told_of_containers(state: LogsState) -> Told:
    """How many there are, and how they are doing."""
    is_bad = bool(state.troubles)
    short = f"{state.containers:,} {'container' if state.containers == 1 else 'containers'}"
    return Told(f"{'! ' if is_bad else ''}{state.words}", 4, short, is_bad)


def told_of(source: LogSource, why: str) -> str:
    """Whose log cannot be had, and why."""
    return f"{printable(source.pod)} {printable(source.container)}: {printable(why)}"


def nothing_because(state: LogsState, *, is_past: bool) -> tuple[str, ...]:
    """Why there are no lines, in sentences; `is_past`: of a moment in the past."""
    if state.trouble:
        return "The log cannot be had", printable(state.trouble)
    if state.troubles and len(state.troubles) == state.containers:
        return "The log cannot be had", *(told_of(*each) for each in state.troubles[:3])
    if state.not_started and state.not_started == state.containers:
        return ("No container has started yet.",)
    if not state.is_settled or (state.containers and not (state.reading or state.over or state.broken)):
        return ("Asking for the log …",)
    if is_past and state.ended:
        return "Nothing that was written then is left", *_OF_THEN
    return ("Nothing was written.",) if state.ended else ("Nothing has been written yet.",)


class LogStateLine(StateWidget[LogState]):
    """One line."""

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, ())

    def render_line(self, y: int) -> Strip:
        style = self._palette.style("kwatch-muted")
        parts = [Part("  ", style)]
        for number, each in enumerate(self.state):
            ink = self._palette.style("warning") if each.is_bad else style
            gap = "  ·  " if number else ""
            short = None if each.short is None else f"{gap}{each.short}"
            parts.append(Part(f"{gap}{each.words}", ink, each.rank, short))
        return bar(parts, (), self.size.width, style)
