"""Merged logs as a text: their lines as they look, which of them are shown, and what is found.

Tens of thousands of lines are kept, a thousand may come in a second, and some dozens are seen: of each its text is made
when it comes, so that it is filtered, searched and broken in a moment, and its colours when it is drawn.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from textual.cache import LRUCache

from kwatch.base.finding import Finder
from kwatch.tui.kit.text.document import Document
from kwatch.tui.kit.text.line import Line, Span, breaks, hang_in, plain
from kwatch.view.log_lines import (
    LONGEST,
    NANO,
    Folded,
    FoldedPart,
    LogFilter,
    LogLevel,
    LogLine,
    LogSource,
    Mark,
    clean,
    fold,
    level_in,
    short_labels,
    shown_text,
)

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
_LINE = 32


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
    inks = {FoldedPart.LEVEL: ink, FoldedPart.MESSAGE: ink, FoldedPart.KEY: "kwatch-muted"}
    for part, text in folded.pieces:
        is_loud = part is FoldedPart.LEVEL and folded.level is LogLevel.ERROR
        yield Span(text, inks.get(part, "foreground"), "", is_loud)


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
        self._shown: list[str] = []
        """The text of each kept line, JSON folded."""
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
            self._shown.append(shown_text(cut.text))
            self._size += self._size_of(cut, self._shown[-1])
            self.kept.append(cut)
            self._consider(self.dropped + len(self.kept) - 1, cut)
        return self._make_room()

    def draw_line(self, at: float) -> int:
        """Below what is there, with the time of day; as `add`."""
        if not self.kept:
            return 0
        return self.add([LogLine(int(at * NANO), self.kept[-1].source, _clock(int(at * NANO)), Mark.LINE)])

    def clear(self) -> None:
        """Forget everything."""
        self.kept.clear()
        self._shown.clear()
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

    def find(self, finder: Finder) -> list[int]:
        """The rows on which what is looked for begins; only what came since the last time is looked at."""
        if finder.wanted != self._found[0]:
            self._found, self._searched = (finder.wanted, []), 0
        if not finder:
            return []
        found, numbers = self._found[1], self._numbers
        for row in range(self._searched, len(numbers)):
            number = numbers[row]
            if number >= 0 and (not row or numbers[row - 1] != number) and self._finds(finder, number):
                found += dict.fromkeys(row + piece for piece, _, _ in self._pieces_found(number, finder))
        self._searched = len(numbers)
        return [*found]

    def places(self, row: int, finder: Finder) -> list[tuple[int, int]]:
        """From which to which character of a row it stands; all of a line in whose JSON it stands otherwise."""
        number = self._numbers[row]
        if number < 0 or not self._finds(finder, number):
            return []
        piece = row - self._first_row(row)
        return [(start, end) for place, start, end in self._pieces_found(number, finder, parts=True) if place == piece]

    def places_filtered(self, row: int) -> list[tuple[int, int]]:
        """The same of what the filter looks for."""
        return [] if self.filter.is_negated else self.places(row, self.filter.finder)

    def continues(self, row: int) -> bool:
        """Whether a row goes on the line of the row above."""
        return row > 0 and self._numbers[row] >= 0 and self._numbers[row - 1] == self._numbers[row]

    def text(self) -> str:
        """What is shown, each line whole."""
        numbers = dict.fromkeys(number for number in self._numbers if number >= 0)
        return "\n".join(f"{self._head(number)}{self._body(number)}" for number in numbers)

    def records(self) -> Iterator[str]:
        """What is shown, to be kept in a file: time, pod, container and what was written, safe to print."""
        for number in dict.fromkeys(number for number in self._numbers if number >= 0):
            line = self.kept[number - self.dropped]
            said = f"-- {clean(line.text)}" if line.mark is not None else clean(line.text)
            yield f"{line.timestamp} {line.source} {said}"

    def row(self, row: int) -> Line:
        """How a row looks."""
        number = self._numbers[row]
        if number < 0:
            hidden = -number
            return plain(f"···  {hidden:,} {'line' if hidden == 1 else 'lines'} hidden  ···", "kwatch-comment")
        pieces = self._drawn.get(number)
        if pieces is None:
            line = self.look_of(number)
            pieces = (line,) if self._wrap_width is None else tuple(line.cut(self._wrap_width))
            self._drawn[number] = pieces
        return pieces[min(row - self._first_row(row), len(pieces) - 1)]

    def look_of(self, number: int) -> Line:
        """A line in its colours."""
        line, head, body = self.kept[number - self.dropped], self._head(number), self._body(number)
        spans: list[Span] = []
        times = len(_clock(line.at)) + 1 if self.times else 0
        if times:
            spans.append(Span(head[:times], "kwatch-muted"))
        if head[times:]:
            spans.append(Span(head[times:], self._inks.get(line.source.pod, "foreground")))
        if line.mark is not None:
            is_news = line.mark in _NEWS
            spans.append(Span(body, "kwatch-muted" if is_news else "warning", "", not is_news))
        else:
            folded = fold(line.text) if self.folded_json else None
            spans += _folded_spans(folded) if folded is not None else _spans(body)
        return Line(tuple(spans), hang=len(head))

    def _head(self, number: int) -> str:
        """What stands before a line: its time, and whose it is."""
        line = self.kept[number - self.dropped]
        name = self._labels.get(line.source, "") if line.mark is not Mark.LINE else ""
        label = f"{name:<{self._label_width - 1}} " if self._label_width else ""
        return f"{_clock(line.at)} {label}" if self.times else label

    def _body(self, number: int) -> str:
        line = self.kept[number - self.dropped]
        if line.mark is Mark.LINE:
            return f"{'─' * _LINE} {line.text} {'─' * _LINE}"
        if line.mark is not None:
            who = "" if self._labels.get(line.source) else f"{line.source.container} "
            return f"── {clean(who)}{clean(line.text)} ──"
        return self._shown[number - self.dropped] if self.folded_json else clean(line.text)

    def _finds(self, finder: Finder, number: int) -> bool:
        return finder.finds(self._body(number)) or finder.finds(self.kept[number - self.dropped].text)

    def _pieces_found(self, number: int, finder: Finder, *, parts: bool = False) -> Iterator[tuple[int, int, int]]:
        """In which piece of a line that is found, and from where to where in it, it stands; with `parts` also what goes
        on in the next piece.
        """
        head, body = self._head(number), self._body(number)
        before, found = len(head), finder.places(body) or [(0, len(body))]
        pieces = [*self._breaks(head, body)]
        for start, end in ((start + before, end + before) for start, end in found):
            for place, (low, high) in enumerate(pieces):
                if low <= start < high or (parts and start < low < end):
                    indent = self._hang(before) - low if place else 0
                    yield place, max(start, low) + indent, min(end, high) + indent

    def _breaks(self, head: str, body: str) -> Iterable[tuple[int, int]]:
        width, length = self._wrap_width, len(head) + len(body)
        if width is None or (length <= width and body.isascii()):
            return ((0, length),)
        return breaks(head + body, width, self._hang(len(head)))

    def _hang(self, head: int) -> int:
        return hang_in(head, self._wrap_width) if self._wrap_width is not None else 0

    def _first_row(self, row: int) -> int:
        """The row in which the line of a row begins."""
        while self.continues(row):
            row -= 1
        return row

    @staticmethod
    def _size_of(line: LogLine, shown: str) -> int:
        return len(line.text) if shown is line.text else len(line.text) + len(shown)

    def _consider(self, number: int, line: LogLine) -> None:
        """Show a line, or hide it; with one that is shown come those before it, as many as are wanted."""
        if not self.filter:
            self._show(number)
        elif self.filter.shows(line, self._shown[number - self.dropped]):
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
            pieces = self._breaks(self._head(number), self._body(number))
            self._numbers += [number] * (sum(1 for _ in pieces) - 1)
        else:
            self._widest = max(self._widest, len(self._body(number)))

    def _make_room(self) -> int:
        """Trimmed in large steps: each one moves everything."""
        excess = len(self.kept) - self._most
        if excess < max(1, self._most // 10) and self._size <= ROOM:
            return 0
        going = [*zip(self.kept, self._shown, strict=True)]
        excess = max(excess, 0)
        self._size -= sum(self._size_of(*each) for each in going[:excess])
        while self._size > ROOM * 9 // 10:
            self._size -= self._size_of(*going[excess])
            excess += 1
        self.matching -= sum(self.filter.shows(*each) for each in going[:excess]) if self.filter else 0
        del self.kept[:excess], self._shown[:excess]
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
