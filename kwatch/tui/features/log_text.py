"""Merged logs as widgets: their text, and the line above it
that says whose they are, whether more come, what was found;
and what they were filtered by and searched for when they were left.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from rich.cells import cell_len
from rich.style import Style
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip

from kwatch.base.printable import printable
from kwatch.session.logs import LogsState
from kwatch.tui.features.log_document import LogDocument
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.bar import Part, StateWidget, bar
from kwatch.tui.palette import Ground, Palette
from kwatch.view.log_lines import LogFilter, LogLine, LogSource

if TYPE_CHECKING:
    from kwatch.session.session import Session

_FILTERED = Style(bold=True, underline=True)
"""What the filter found: less loud than what was searched for."""


class LogView(TextView):
    """Follows the end until one moves up, or selects; End follows again."""

    document: LogDocument

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, document=LogDocument())

    def add(self, lines: Sequence[LogLine]) -> None:
        """More at the end."""
        self._add(lambda document: document.add(lines))

    def draw_line(self, at: float) -> None:
        """Below what is there."""
        self._add(lambda document: document.draw_line(at))

    def _add(self, change: Callable[[LogDocument], int]) -> None:
        row, gone = self._search.row, change(self.document)
        self._search.renew(row and row - gone)
        self._resize_content()
        if gone:
            self._move_selection(-gone)
        if self.following:
            self.follow(True)
        elif gone:
            self.scroll_to(y=max(0, self.scroll_offset.y - gone), animate=False, force=True)

    def show(self, change: Callable[[LogDocument], None]) -> None:
        """Look otherwise; the line at the top stays there, and the match one stands on."""
        document, row = self.document, self._search.row
        top, match = document.number_at(self.scroll_offset.y), None if row is None else document.number_at(row)
        change(document)
        self._search.renew(None if match is None else document.row_of(match))
        self._forget_selection()
        self._resize_content()
        self.scroll_to(y=document.row_count if self.following else document.row_of(top), animate=False, force=True)

    def filter(self, text: str) -> None:
        """Hide what does not match. Raise ValueError for an expression that is none, or takes too long here: what was
        shown stays.
        """
        before, wanted = self.document.filter, LogFilter(text)
        if wanted.text != before.text:
            self.show(lambda document: document.show(filter_=wanted))
        if wanted.finder.trouble:
            self.show(lambda document: document.show(filter_=before))
            wanted.finder.check()

    def selection_updated(self, selection: Selection | None) -> None:
        """What is selected holds still."""
        if selection is not None:
            self.following = False
        super().selection_updated(selection)

    def _move_selection(self, by: int) -> None:
        selections = self.screen.selections
        if self in selections:
            moved = Selection(*(each and Offset(each.x, each.y + by) for each in selections[self]))
            self.screen.selections = {**selections, self: moved}

    def _forget_selection(self) -> None:
        if self in self.screen.selections:
            self.screen.clear_selection()

    def _marks(self, row: int, first: int, last: int, ground: Ground) -> list[tuple[int, int, Style]]:
        filtered = [(start, end, _FILTERED) for start, end in self.document.places_filtered(row)]
        return [*filtered, *super()._marks(row, first, last, ground)]

    def action_edge(self, direction: int) -> None:
        super().action_edge(direction)
        if direction > 0:
            self.follow(True)

    @property
    def found(self) -> tuple[str, int, int, str]:
        """What is searched for, the number of the match one stands on, how many there are; why there are no more."""
        return self._search.wanted, self._search.number, len(self._search.rows), self._search.trouble


_REMEMBERED = 50
_memories: WeakKeyDictionary[Session, OrderedDict[str, tuple[str, str]]] = WeakKeyDictionary()


def draw_line(screen: Any) -> None:
    """In the log on top."""
    panel = screen.tab_on_top("logs").panel
    panel.text.draw_line(panel.clock.time())


def toggle_all_containers(screen: Any) -> None:
    """Of the log on top; again the one that is usual."""
    panel = screen.tab_on_top("logs").panel
    panel.show_container(None if panel.container is not None else panel.default())


def remember(session: Session, whose: str, filter_: str, wanted: str) -> None:
    """By what logs were filtered, and what was searched for in them, when they were left."""
    memory = _memories.setdefault(session, OrderedDict())
    memory[whose] = (filter_, wanted)
    if len(memory) > _REMEMBERED:
        memory.popitem(last=False)


def remembered(session: Session, whose: str) -> tuple[str, str]:
    """The same, when one comes back."""
    memory = _memories.get(session)
    return memory.get(whose, ("", "")) if memory is not None else ("", "")


@dataclass(frozen=True, slots=True)
class Told:
    """Some words of it. `rank` 0 always stays, the highest goes first; `short` stands in before it goes."""

    words: str
    rank: int
    short: str | None = None
    is_bad: bool = False

    @property
    def in_short(self) -> Told:
        return self if self.short is None else replace(self, words=self.short)


_OF_THEN = (
    "Nodes have the log of containers that are still there, and of the run before (p).",
    "s looks further back.",
)
LogState = tuple[Told, ...]


def told_of_lines(document: LogDocument, wanted: str, number: int, total: int, trouble: str = "") -> Iterator[Told]:
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
        yield Told(f"/{wanted}: {f'{where}; {trouble}' if trouble else where}", 2, where)


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
    return ("Nothing was written.",) if state.ended else ("No line has come yet.",)


class LogStateLine(StateWidget[LogState]):
    """One line."""

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, ())

    def render_line(self, y: int) -> Strip:
        style = self._palette.style("kwatch-muted")
        parts = [Part(_INDENT, style)]
        for number, each in enumerate(fitting(self.state, self.size.width - len(_INDENT))):
            ink = self._palette.style("warning") if each.is_bad else style
            parts.append(Part(f"{_GAP if number else ''}{each.words}", ink))
        return bar(parts, (), self.size.width, style)


_INDENT, _GAP = "  ", "  ·  "
MATTERS = 4
"""The rank up to which words are said in short before they go."""


def fitting(told: LogState, width: int) -> LogState:
    """What there is room for. What matters least goes; what matters is said in short before any of it goes."""
    kept = [*told]
    ranks = sorted({each.rank for each in told if each.rank}, reverse=True)
    for is_first, rank in [*((True, rank) for rank in ranks), *((False, rank) for rank in ranks)]:
        if sum(cell_len(each.words) + len(_GAP) for each in kept) - len(_GAP) <= width:
            break
        if is_first and rank <= MATTERS:
            kept = [each.in_short if each.rank == rank else each for each in kept]
        else:
            kept = [each for each in kept if each.rank != rank]
    return tuple(kept)
