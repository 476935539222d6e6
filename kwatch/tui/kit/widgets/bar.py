"""Widgets that paint cleaned text: plain words, lines to scroll over, and one line of parts, some to the left and some
to the right, or of tabs. What does not fit goes, the least important first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from kwatch.base.printable import is_url, printable, printable_lines
from kwatch.tui.palette import Ground, Palette


class OnlyPrintable(LineFilter):
    """Of every widget's every line: no control character, no reordering, and no link but to the address that it shows.
    A line stays as wide as it was.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, cleaned where one needs it."""
        if all(map(_is_clean, segments)):
            return segments
        return [segment if _is_clean(segment) else _cleaned(segment) for segment in segments]


ONLY_PRINTABLE = OnlyPrintable()


class Words(Static):
    """Plain words: no markup, made safe to print."""

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002 - as every widget
        super().__init__(printable_lines(text), markup=False, id=id)

    def say(self, text: str) -> None:
        """Other words."""
        self.update(printable_lines(text))


class LineView(ScrollView):
    """Scrolls over lines that its subclass paints and keeps, without padding, and with no border but one above.

    So they need no styles of the toolkit, which keeps lines by their place on the screen: there all are others when
    one scrolls.
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a region, as they are written."""
        above = self.gutter.top
        lines = [self.render_line(y - above) if y >= above else self._border for y in crop.line_range]
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            lines = [line.apply_filter(line_filter, background) for line in lines]
        return lines if crop.column_span == (0, self.size.width) else [line.crop(*crop.column_span) for line in lines]

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Lines at once. Painting the scroll bar takes as long as they do: it follows with the next frame."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.set_reactive(ScrollBar.position, new_value)
            self.call_next(self.vertical_scrollbar.refresh)
        if round(old_value) != round(new_value):
            self.refresh(self.size.region.translate((0, self.gutter.top)))

    @property
    def _border(self) -> Strip:
        """The line above the first; blank where its colour is none."""
        colour, background = self.styles.border_top[1], self.background_colors[1]
        style = Style.from_color((background + colour).rich_color, background.rich_color)
        return Strip([Segment(("─" if colour.a else " ") * self.size.width, style)], self.size.width)


def _is_clean(segment: Segment) -> bool:
    text, style, control = segment
    if control or not (text.isprintable() or printable(text) == text):
        return False
    return style is None or style.link is None or _is_honest(style.link, text)


def _is_honest(link: str, text: str) -> bool:
    """Whether it is the address of a page, and what is shown is that address or a part of it."""
    return is_url(link) and text in link


def _cleaned(segment: Segment) -> Segment:
    text, style, control = segment
    if style is not None and style.link is not None:
        style = style.update_link(None)
    return Segment("" if control else set_cell_size(printable(text), cell_len(text)), style)


S = TypeVar("S")


class PaintedWidget(Widget):
    """`_palette` has the colours."""

    ALLOW_SELECT = False
    """A bar says how things are; the mouse clicks there."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette

    def set_palette(self, palette: Palette) -> None:
        self._palette = palette
        self.refresh()


class StateWidget(PaintedWidget, Generic[S]):
    """Shows a state, which is a value: an equal one needs no repaint."""

    def __init__(self, palette: Palette, state: S) -> None:
        super().__init__(palette)
        self._state = state

    @property
    def state(self) -> S:
        return self._state

    def show(self, state: S) -> None:
        """Show another state; does nothing when it is equal."""
        if state != self._state:
            self._state = state
            self.refresh()


class _Part(NamedTuple):
    text: str
    style: Style
    rank: int = 0
    short: str | None = None
    joined: bool = False
    """Goes together with the part before it."""


class Part(_Part):
    """A piece of a bar, made safe to print. `rank` 0 always stays; the highest goes first. `short` stands in before
    it goes.
    """

    __slots__ = ()

    def __new__(cls, text: str, style: Style, rank: int = 0, short: str | None = None, joined: bool = False) -> Part:
        return super().__new__(cls, printable(text), style, rank, short and printable(short), joined)


def bar(left: Sequence[Part], right: Sequence[Part], width: int, blank: Style) -> Strip:
    """A strip of exactly `width` cells."""
    lefts, rights = list(left), list(right)
    while _length(lefts) + _length(rights) > width and _give_way(lefts, rights):
        pass
    room = width - _length(lefts) - _length(rights)
    if room < 0:
        lefts = _cut(lefts, max(0, width - _length(rights)))
        room = max(0, width - _length(lefts) - _length(rights))
    segments = [Segment(part.text, part.style) for part in lefts]
    segments.append(Segment(" " * room, blank))
    segments += [Segment(part.text, part.style) for part in rights]
    return Strip(segments).crop_extend(0, width, blank)


def _length(parts: Sequence[Part]) -> int:
    return sum(cell_len(part.text) for part in parts)


def _give_way(lefts: list[Part], rights: list[Part]) -> bool:
    """Shorten or drop the least important part; False when only those are left that always stay."""
    rank, side, index = max(
        ((part.rank, side, index) for side, parts in enumerate((lefts, rights)) for index, part in enumerate(parts)),
        default=(0, 0, 0),
    )
    if rank == 0:
        return False
    parts = (lefts, rights)[side]
    part = parts[index]
    if part.short is not None and part.short != part.text:
        parts[index] = part._replace(text=part.short, short=None)
    else:
        while parts[index].joined and index > 0:
            index -= 1
        del parts[index]
        while index < len(parts) and parts[index].joined:
            del parts[index]
    return True


def _cut(parts: Sequence[Part], width: int) -> list[Part]:
    """What fits of what is too long, with a sign at its end."""
    kept: list[Part] = []
    room = width - 1
    for part in parts:
        size = cell_len(part.text)
        if size > room:
            if room >= 0:
                kept.append(part._replace(text=set_cell_size(part.text, room) + "…"))
            break
        kept.append(part)
        room -= size
    return kept


@dataclass(frozen=True, slots=True)
class Tab:
    """One title; `note` is what is said beside it, e.g. how many entries it has."""

    id: str
    title: str
    key: str = ""
    note: str = ""


_MARGIN = 2


class TabStrip(PaintedWidget):
    """One line."""

    DEFAULT_CSS = """
    TabStrip { height: 1; }
    """

    @dataclass
    class Clicked(Message):
        """A title was clicked."""

        tab: str

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette)
        self._tabs: Sequence[Tab] = ()
        self._active = ""

    def show(self, tabs: Sequence[Tab], active: str) -> None:
        """Show other titles."""
        if (tabs, active) != (self._tabs, self._active):
            self._tabs, self._active = tabs, active
            self.refresh()

    def render_line(self, y: int) -> Strip:
        style = self._palette.style
        surface = style(ground=Ground.SURFACE)
        first, gap = self._fitting()
        parts = [Part("  " if not first else "… ", surface)]
        for tab in self._tabs[first:]:
            active = tab.id == self._active
            ground = Ground.PLAIN if active else Ground.SURFACE
            ink = "primary" if active else "kwatch-muted"
            parts += [
                Part(f" {tab.title}", style(ink, ground, bold=active, underline=active and self._palette.plain)),
                Part(f" {tab.note} " if tab.note else " ", style("kwatch-muted", ground)),
                Part(" " * gap, surface),
            ]
        return bar(parts[:-1], (), self.size.width, surface)

    def on_click(self, event: events.Click) -> None:
        first, gap = self._fitting()
        position = _MARGIN
        for tab in self._tabs[first:]:
            position += _tab_length(tab) + gap
            if event.x < position:
                self.post_message(self.Clicked(tab.id))
                return

    def _fitting(self) -> tuple[int, int]:
        """The first title that is shown, and the room between them: as much of all as fits, with the active one."""
        width, lengths = self.size.width - _MARGIN, [_tab_length(tab) for tab in self._tabs]
        for gap in (1, 0):
            if sum(lengths) + gap * (len(lengths) - 1) <= width:
                return 0, gap
        end = next((place for place, tab in enumerate(self._tabs, 1) if tab.id == self._active), 1)
        more = end < len(self._tabs)
        return next((first for first in range(end) if sum(lengths[first:end]) + more <= width), max(0, end - 1)), 0


def _tab_length(tab: Tab) -> int:
    return cell_len(tab.title) + (cell_len(tab.note) + 3 if tab.note else 2)
