"""Merged logs as a text: their lines as they look, which of them are shown, and what is found.

Tens of thousands of lines are kept, a thousand may come in a second, and some dozens are seen: a line is put into its
colours when it is drawn, and not before.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, overload
from weakref import WeakKeyDictionary

from textual.cache import LRUCache

from kwatch.tui.kit.text.document import Document
from kwatch.tui.kit.text.line import Line, Span, plain
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.palette import Palette
from kwatch.view.log_lines import (
    LONGEST,
    NANO,
    Folded,
    LogFilter,
    LogLevel,
    LogLine,
    LogSource,
    Mark,
    clean,
    finder,
    fold,
    level_in,
    short_labels,
)

if TYPE_CHECKING:
    from kwatch.session.session import Session

LIMIT = 50_000
"""Lines kept on screen..."""
ROOM = 64 << 20
"""...and the characters that they may have in all."""
_DRAWN = 2_000
"""Lines whose looks are kept."""
_MOST_SOURCES = 2_000
_TIME = re.compile(r"^\S*\d{2}:\d{2}:\d{2}\S*")
_INKS = ("primary", "success", "accent", "secondary", "kwatch-string", "kwatch-number", "kwatch-progress", "kwatch-key")
_LEVEL_INKS = {LogLevel.ERROR: "kwatch-unhealthy", LogLevel.WARNING: "warning", LogLevel.DEBUG: "kwatch-muted"}
_NEWS = (Mark.JOINED, Mark.ENDED, Mark.RESUMED)


def log_line(text: str) -> Line:
    """One line, its terminal codes taken out, with the colours of its time and its level."""
    return Line(tuple(_spans(clean(text))))


def _spans(text: str) -> Iterator[Span]:
    level = level_in(text)
    ink = _LEVEL_INKS.get(level, "foreground") if level is not None else "foreground"
    found = _TIME.match(text)
    if found is not None:
        yield Span(text[: found.end()], "kwatch-muted")
    yield Span(text[found.end() :] if found is not None else text, ink)


def _folded_spans(folded: Folded) -> Iterator[Span]:
    ink = _LEVEL_INKS.get(folded.level, "foreground") if folded.level is not None else "foreground"
    if folded.word:
        yield Span(f"{clean(folded.word).upper():<5} ", ink, "", folded.level is LogLevel.ERROR)
    if folded.message:
        yield Span(f"{clean(folded.message)}  ", ink)
    for key, value in folded.fields:
        yield Span(f"{clean(key)}=", "kwatch-muted")
        yield Span(f"{clean(value)} ")


class LogDocument(Document):
    """A Document of log lines. Rows are made when they are asked for; a row that stands for lines that a filter hides,
    between the surroundings of two matches, says how many they are.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.kept: list[LogLine] = []
        """The newest lines, `limit` of them and a tenth more at most."""
        self.times = False
        """Whether each line begins with its time, by its node's clock."""
        self.folded_json = True
        self.filter = LogFilter("")
        self.context = 0
        """Lines shown around one that the filter shows."""
        self.matching = 0
        """How many of the kept lines match the filter."""
        self._most = limit
        self._size = 0
        self._numbers: list[int] = []
        """The line of each row, counted from the first that ever came; negative: so many are hidden there."""
        self._labels: dict[LogSource, str] = {}
        self._label_width = 0
        self._inks: dict[str, str] = {}
        self._drawn: LRUCache[int, tuple[Line, ...]] = LRUCache(_DRAWN)
        self._widest = 0
        self._shown_until = 0
        self._after = 0
        self._found: tuple[str, list[int]] = ("", [])
        self._searched = 0
        super().__init__()

    @property
    def rows(self) -> Sequence[Line]:
        return _Rows(self)

    @property
    def row_count(self) -> int:
        return len(self._numbers)

    @property
    def width(self) -> int:
        return self._widest + self._label_width + (14 if self.times else 0)

    @property
    def sources(self) -> Sequence[LogSource]:
        """Those that lines have come from."""
        return tuple(self._labels)

    def add(self, lines: Sequence[LogLine]) -> int:
        """More at the end; how many rows went at the top."""
        fresh = {line.source for line in lines} - self._labels.keys()
        if fresh:
            self._name((*self._labels, *sorted(fresh)))
        for line in lines:
            cut = line if len(line.text) <= LONGEST else line._replace(text=clean(line.text))
            self._size += len(cut.text)
            self.kept.append(cut)
            self._consider(self.dropped + len(self.kept) - 1, cut)
        return self._make_room()

    def clear(self) -> None:
        """Forget everything."""
        self.kept.clear()
        self._labels.clear()
        self.dropped = self._size = 0
        self.lay_out()

    def show(
        self,
        *,
        filter_: LogFilter | None = None,
        context: int | None = None,
        times: bool | None = None,
        folded_json: bool | None = None,
    ) -> None:
        """Look otherwise; what is None stays."""
        self.filter = self.filter if filter_ is None else filter_
        self.context = self.context if context is None else context
        self.times = self.times if times is None else times
        self.folded_json = self.folded_json if folded_json is None else folded_json
        self.lay_out()

    def row_of(self, number: int) -> int:
        """The row of a line, or of the next one that is shown."""
        return next((row for row, each in enumerate(self._numbers) if each >= number), len(self._numbers))

    def number_at(self, row: int) -> int:
        """The line that a row shows, or the next one does."""
        later = (each for each in self._numbers[row:] if each >= 0)
        return next(later, self.dropped + len(self.kept))

    def lay_out(self) -> None:
        self._numbers, self._widest, self._shown_until, self._after = [], 0, self.dropped, 0
        self.matching = 0
        self._found, self._searched = (self._found[0], []), 0
        self._drawn.clear()
        for number, line in enumerate(self.kept, self.dropped):
            self._consider(number, line)

    def find(self, wanted: str) -> list[int]:
        """The rows of lines with a text; only what came since the last time is looked at."""
        if not wanted:
            self._found, self._searched = ("", []), 0
            return []
        if wanted != self._found[0]:
            self._found, self._searched = (wanted, []), 0
        find, found, numbers = finder(wanted), self._found[1], self._numbers
        for row in range(self._searched, len(numbers)):
            number = numbers[row]
            if number >= 0 and (not row or numbers[row - 1] != number) and find(self._line(number).text):
                found.append(row)
        self._searched = len(numbers)
        return [*found]

    def text(self) -> str:
        """What is shown, each line whole."""
        numbers = dict.fromkeys(number for number in self._numbers if number >= 0)
        return "\n".join(self.look_of(self._line(number)).text for number in numbers)

    def records(self) -> Iterator[str]:
        """What is shown, to be kept in a file: time, pod, container and what was written, safe to print."""
        for number in dict.fromkeys(number for number in self._numbers if number >= 0):
            line = self._line(number)
            said = f"-- {clean(line.text)}" if line.mark is not None else clean(line.text)
            yield f"{line.timestamp} {line.source} {said}"

    def row(self, row: int) -> Line:
        """How a row looks."""
        number = self._numbers[row]
        if number < 0:
            hidden = -number
            return plain(f"···  {hidden:,} {'line' if hidden == 1 else 'lines'} hidden  ···", "kwatch-comment")
        pieces = self._pieces(number)
        if len(pieces) == 1:
            return pieces[0]
        first = row
        while first and self._numbers[first - 1] == number:
            first -= 1
        return pieces[min(row - first, len(pieces) - 1)]

    def look_of(self, line: LogLine) -> Line:
        """A line in its colours."""
        spans: list[Span] = []
        if self.times:
            spans.append(Span(f"{_clock(line.at)} ", "kwatch-muted"))
        label = self._labels.get(line.source, "")
        if self._label_width:
            spans.append(Span(f"{label:<{self._label_width - 1}} ", self._inks.get(line.source.pod, "foreground")))
        hang = sum(len(span.text) for span in spans)
        if line.mark is not None:
            who = "" if label else f"{line.source.container} "
            ink = "kwatch-muted" if line.mark in _NEWS else "warning"
            spans.append(Span(f"── {who}{clean(line.text)} ──", ink, "", line.mark not in _NEWS))
        else:
            folded = fold(line.text) if self.folded_json else None
            spans += _folded_spans(folded) if folded is not None else _spans(clean(line.text))
        return Line(tuple(spans), hang=hang)

    def _line(self, number: int) -> LogLine:
        return self.kept[number - self.dropped]

    def _pieces(self, number: int) -> tuple[Line, ...]:
        pieces = self._drawn.get(number)
        if pieces is None:
            line = self.look_of(self._line(number))
            pieces = (line,) if self._wrap_width is None else tuple(line.cut(self._wrap_width))
            self._drawn[number] = pieces
        return pieces

    def _consider(self, number: int, line: LogLine) -> None:
        """Show a line, or hide it; with one that is shown come those before it, as many as are wanted."""
        if not self.filter:
            self._show(number)
        elif self.filter.matches(line):
            start = max(self._shown_until, number - self.context, self.dropped)
            if self.context and start > self._shown_until:
                self._numbers.append(self._shown_until - start)
            for each in range(start, number + 1):
                self._show(each)
            self._shown_until, self._after = number + 1, self.context
            self.matching += 1
        elif self._after:
            self._show(number)
            self._shown_until, self._after = number + 1, self._after - 1

    def _show(self, number: int) -> None:
        self._numbers.append(number)
        if self._wrap_width is not None:
            self._numbers += [number] * (len(self._pieces(number)) - 1)
        else:
            self._widest = max(self._widest, len(self._line(number).text))

    def _make_room(self) -> int:
        """Trimmed in large steps: each one moves everything."""
        excess = len(self.kept) - self._most
        if excess < max(1, self._most // 10) and self._size <= ROOM:
            return 0
        excess = max(excess, 0)
        self._size -= sum(len(line.text) for line in self.kept[:excess])
        while self._size > ROOM * 9 // 10:
            self._size -= len(self.kept[excess].text)
            excess += 1
        self.matching -= sum(map(self.filter.matches, self.kept[:excess])) if self.filter else 0
        del self.kept[:excess]
        self.dropped += excess
        self._shown_until = max(self._shown_until, self.dropped)
        gone = self.row_of(self.dropped)
        del self._numbers[:gone]
        self._found = self._found[0], [row - gone for row in self._found[1] if row >= gone]
        self._searched = max(0, self._searched - gone)
        if len(self._labels) > _MOST_SOURCES:
            self._name(tuple(dict.fromkeys(line.source for line in self.kept)))
        return gone

    def _name(self, sources: Sequence[LogSource]) -> None:
        """Other labels for everything: one more may make longer ones necessary."""
        self._labels = short_labels(sources)
        widest = max(map(len, self._labels.values()), default=0)
        self._label_width = widest + 1 if widest else 0
        for source in sources:
            self._inks.setdefault(source.pod, _INKS[len(self._inks) % len(_INKS)])
        if self._wrap_width is not None:
            self.lay_out()
        self._drawn.clear()


def _clock(at: int) -> str:
    """`14:02:10.250` in local time; blank where it is not known."""
    if not at:
        return " " * 12
    return time.strftime("%H:%M:%S", time.localtime(at // NANO)) + f".{at % NANO // 1_000_000:03d}"


class LogView(TextView):
    """Follows the end until one moves up; End follows again."""

    document: LogDocument

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, document=LogDocument())

    def add(self, lines: Sequence[LogLine]) -> None:
        """More at the end."""
        gone = self.document.add(lines)
        self._search.renew()
        self._resize_content()
        if self.following:
            self.follow(True)
        elif gone:
            self.scroll_to(y=max(0, self.scroll_offset.y - gone), animate=False, force=True)

    def show(self, change: Callable[[LogDocument], None]) -> None:
        """Look otherwise; the line at the top stays there."""
        document, top = self.document, self.scroll_offset.y
        number = document.number_at(top)
        change(document)
        self._search.renew()
        self._resize_content()
        self.scroll_to(y=document.row_count if self.following else document.row_of(number), animate=False, force=True)

    def action_edge(self, direction: int) -> None:
        super().action_edge(direction)
        if direction > 0:
            self.follow(True)

    @property
    def found(self) -> tuple[str, int, int]:
        """What is searched for, the number of the match one stands on, and how many there are."""
        return self._search.wanted, self._search.number, len(self._search.rows)


_REMEMBERED = 50
_memories: WeakKeyDictionary[Session, OrderedDict[str, tuple[str, str]]] = WeakKeyDictionary()


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


class _Rows(Sequence[Line]):
    def __init__(self, document: LogDocument) -> None:
        self._document = document

    def __len__(self) -> int:
        return self._document.row_count

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | Sequence[Line]:
        if isinstance(index, slice):
            return [self._document.row(row) for row in range(*index.indices(len(self)))]
        return self._document.row(range(len(self))[index])
