"""The index explorer beside the table: facets with live counts; Enter puts a value into the filter, or takes it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from kwatch.base.printable import printable
from kwatch.query.editing import choose, chosen_values, exclude, excluded_values
from kwatch.query.index_names import IndexNames
from kwatch.query.query import explanation
from kwatch.query.syntax import QuerySyntaxError
from kwatch.tui.features.explorer.facet_rows import FacetLine, LineKind, Opened, facet_lines, facet_rows
from kwatch.tui.features.table.table_model import TableModel
from kwatch.tui.keys import KeysInForce, readable
from kwatch.tui.kit.table.rows import ListedRows
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.widgets.bar import Words
from kwatch.tui.kit.widgets.footer import Footer, Hint
from kwatch.tui.palette import Palette
from kwatch.view.exploration import Exploration

if TYPE_CHECKING:
    from kwatch.tui.features.table.live_table_screen import LiveTableScreen


BESIDE = "beside"
"""The id of the container that holds the table and what is shown beside it."""
_PREFIX = "explorer."
_TOLD = {"explorer.close": "escape"}


class Explorer:
    """The facets at the side, once they were asked for."""

    def __init__(self, screen: LiveTableScreen) -> None:
        self._screen = screen
        self.panel: ExplorerPanel | None = None

    def open(self) -> None:
        """Show the facets, or go to them if they are there already."""

        if self.panel is None:
            self.panel = ExplorerPanel(self._screen.palette)
            self._screen.query_one(f"#{BESIDE}").mount(self.panel)
        self.panel.open()

    @property
    def is_open(self) -> bool:
        return self.panel is not None and self.panel.is_open

    @property
    def has_focus(self) -> bool:
        """Whether keys are typed into it."""
        return self.panel is not None and self.panel.input.has_focus

    def hints(self) -> tuple[Hint, ...]:
        """Its own keys, while it has the focus."""

        assert self.panel is not None
        return explorer_hints(self._screen.kwatch.keys_in_force, typed=bool(self.panel.input.value))

    def hint_clicked(self, message: Footer.Clicked) -> None:
        """A clicked hint of the explorer does what its key does."""
        if self.panel is None or not message.action.startswith(_PREFIX):
            return
        if message.action == f"{_PREFIX}table":
            self._screen.table.focus()
        else:
            self.panel.input.action_tell(_TOLD.get(message.action, message.action.removeprefix(_PREFIX)))

    @property
    def is_counting(self) -> bool:
        """Whether the facets will be others in a moment."""
        return self.panel is not None and self.panel.is_open and self.panel.is_counting

    def awaited(self) -> Iterator[object]:
        """What is counted for a key, until it is shown."""
        if self.panel is not None and self.panel.is_open and self.panel.is_awaited:
            yield self.panel

    def tick(self, now: float) -> None:
        """Let the facets follow the table."""
        if self.panel is not None and self.panel.is_mounted:
            self.panel.tick(self._screen.live, now)


PERIOD = 0.5
"""Seconds between counts while nothing is asked for."""
PATIENCE = 10
"""How many times as long as a count took is waited until the next: counting takes a tenth of a core at most."""
Choice = Callable[[str, str, IndexNames], str]
"""What becomes of a filter when a term is chosen."""
_OPEN_AT_FIRST = Opened(frozenset({"kind", "ns", "status", "node"}))


class ExplorerPanel(Vertical):
    """Hidden until opened. Follows the table that it is given."""

    DEFAULT_CSS = """
    ExplorerPanel {
        display: none; width: 34%; min-width: 34; max-width: 60; height: 1fr;
        background: $background; border-left: vkey $panel;
    }
    ExplorerPanel.-open { display: block; }
    ExplorerPanel > Words { height: auto; max-height: 3; padding: 0 1; color: $kwatch-muted; }
    ExplorerPanel > Input, ExplorerPanel > Input:focus {
        border: none; height: 1; padding: 0 1; background: $panel; background-tint: $panel 0%;
    }
    ExplorerPanel > VirtualTable { height: 1fr; }
    """

    @dataclass
    class Filtered(Message):
        text: str

    class Closed(Message):
        pass

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self._live: TableModel | None = None
        self._exploration: Exploration | None = None
        self._opened = _OPEN_AT_FIRST
        self._counted_at = 0.0
        self.is_awaited = False
        """Whether a key asked for what is yet to be counted and shown."""
        self._shown: tuple[object, ...] = ()
        self._lines: dict[str, FacetLine] = {}
        self._answer = ""
        self._seeks = False
        # Kept by name: a tick may come while the panel is being taken down, when nothing can be looked up any more.
        self.list = VirtualTable(ListedRows((), ()), palette, headless=True, markable=False, one_click=True)
        self.input = NarrowingInput(placeholder="Type to narrow", compact=True)
        self._answered = Words()

    def compose(self) -> ComposeResult:
        yield self._answered
        yield self.input
        yield self.list

    def on_mount(self) -> None:
        """Keys go to the input, which hands on those that move."""
        self.list.can_focus = False
        if self.is_open:
            self.input.focus()

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    @property
    def is_counting(self) -> bool:
        """Whether they are counted, or will be at once."""
        return not self._counted_at or (self._exploration is not None and self._exploration.is_counting)

    def open(self) -> None:
        self.add_class("-open")
        self._counted_at = 0.0
        self.input.focus()

    def close(self) -> None:
        """Hide it, and release the indexes that were made for it."""
        self.remove_class("-open")
        if self._exploration is not None:
            self._exploration.close()
        self.input.value = ""
        self.post_message(self.Closed())

    def tick(self, live: TableModel | None, now: float) -> None:
        """Follow the table, and count again when it is time."""
        if not self.is_open:
            return
        if live is not self._live:
            self._live = live
            if self._exploration is not None:
                self._exploration.close()
            self._exploration = Exploration(live.projection) if live is not None else None
            self._counted_at = 0.0
        exploration = self._exploration
        if exploration is None or live is None:
            return
        if now - self._counted_at >= max(PERIOD, PATIENCE * exploration.seconds) and not exploration.is_counting:
            self._counted_at = now
            exploration.projection, exploration.index = live.projection, live.index_to_explore
            exploration.count(self._opened.facets, everything=bool(self.input.value.strip()))
        is_counted = self._counted_at > 0 and not exploration.is_counting
        self._show()
        self.is_awaited = self.is_awaited and not is_counted

    def on_input_changed(self, message: Input.Changed) -> None:
        self.list.cursor.reset()
        self._seeks = True
        self._shown = ()  # a tick may have shown what was typed before this was heard
        self._count_soon()

    def on_narrowing_input_told(self, message: NarrowingInput.Told) -> None:
        message.stop()
        self._show()  # what was typed just before the key counts
        self._seeks = False
        match message.what:
            case "up" | "down":
                self.list.action_move(1 if message.what == "down" else -1)
            case "page-up" | "page-down":
                self.list.action_page(1 if message.what == "page-down" else -1)
            case "left" | "right":
                self._fold(message.what == "right")
            case "choose":
                self._choose()
            case "exclude":
                self._filter_by(exclude)
            case "escape" if self.input.value:
                self.input.value = ""
            case "escape":
                self.close()

    def on_virtual_table_chosen(self, message: VirtualTable.Chosen) -> None:
        message.stop()
        self._choose()

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        message.stop()

    @property
    def _line(self) -> FacetLine | None:
        return self._lines.get(self.list.cursor_key or "")

    def _choose(self) -> None:
        line = self._line
        if line is None:
            return
        if line.kind is LineKind.VALUE:
            self._filter_by(choose)
        elif line.kind is LineKind.MORE:
            self._opened = self._opened.widen(line.facet)
            self._count_soon()
        else:
            self._opened = self._opened.toggle(line.facet)
            self._count_soon()

    def _fold(self, wanted: bool) -> None:
        line = self._line
        if line is not None and (line.facet in self._opened.facets) is not wanted:
            self._opened = self._opened.toggle(line.facet)
            self._count_soon()

    def _filter_by(self, change: Choice) -> None:
        line, live = self._line, self._live
        if line is None or live is None or line.kind is not LineKind.VALUE:
            return
        try:
            text = change(live.place.filter, line.term, live.projection.names)
        except QuerySyntaxError as error:
            self.notify(error.message, severity="error", markup=False)
            return
        self.post_message(self.Filtered(text))
        self._count_soon()

    def _count_soon(self) -> None:
        """For a key."""
        self._counted_at, self.is_awaited = 0.0, True

    def _show(self) -> None:
        """Show what was counted last, if that is another picture than before."""
        live, exploration = self._live, self._exploration
        if live is None or exploration is None:
            return
        self.list.set_empty((_nothing(exploration, self.input.value),))
        answer = _answer(live, exploration, self._opened)
        if answer != self._answer:
            self._answer = answer
            self._answered.say(answer)
        width = self.list.size.width
        picture = (exploration.facets, self._opened, live.place.filter, self.input.value, width)
        if picture == self._shown:
            return
        self._shown = picture
        chosen, excluded = _choices(live)
        narrowed, names = self.input.value, live.projection.names
        lines = facet_lines(exploration.facets, self._opened, chosen, narrowed, names, excluded)
        self._lines = {line.key: line for line in lines}
        rows = facet_rows(lines, width - 1, filtered=bool(live.place.filter))
        self.list.show(rows, keep_cursor=True)
        if self._seeks:
            self._seek(lines)

    def _seek(self, lines: Sequence[FacetLine]) -> None:
        """Until a key moves the cursor, it is on the first value that is called as typed: Enter filters by it."""
        words = self.input.value.casefold().split()
        for line in lines:
            if words and line.kind is LineKind.VALUE and all(word in line.text.casefold() for word in words):
                self.list.move_cursor_to(line.key)
                return


def _nothing(exploration: Exploration, typed: str) -> str:
    """Why there is no line: it is being counted, nothing is called so, or there is nothing."""
    if exploration.problem:
        return exploration.problem
    if exploration.is_counting:
        return "Counting …"
    return "Nothing has that name" if typed.strip() else "There is nothing to count"


_Values = frozenset[tuple[str, str]]


def _choices(live: TableModel) -> tuple[_Values, _Values]:
    """What the filter has chosen, and what it leaves out."""
    try:
        filtered, names = live.place.filter, live.projection.names
        return chosen_values(filtered, names), excluded_values(filtered, names)
    except QuerySyntaxError:
        return frozenset(), frozenset()


def _answer(live: TableModel, exploration: Exploration, opened: Opened) -> str:
    """What the filter left over, and by what it was answered."""
    waiting = [each.id for each in exploration.facets if each.id in opened.facets and each.facet is None]
    if waiting and exploration.is_counting:
        return f"Indexing {', '.join(waiting)} …"
    if exploration.problem:
        return f"! Not counted: {printable(exploration.problem)}"
    projection = live.projection
    name = "objects" if live.place.others else live.place.resource.name
    if live.moment is None and not live.status.synced:
        name += " so far"
    if not live.place.filter:
        return f"No filter: {projection.total:,} {name}\n"
    return f"{projection.shown:,} of {projection.total:,} {name}\n{explanation(projection.explain)}"


class NarrowingInput(Input):
    """Posts the keys that are not for typing. Left and right open and close, and are for typing once something is
    typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "tell('choose')",
            "Filter by the value, or stop filtering by it; open the facet",
            id="explorer.choose",
        ),
        Binding("ctrl+x", "tell('exclude')", "Leave the value out, or let it in again", id="explorer.exclude"),
        Binding("up", "tell('up')", "Up", id="explorer.up"),
        Binding("down", "tell('down')", "Down", id="explorer.down"),
        Binding("pageup", "tell('page-up')", "A page up", id="explorer.page-up"),
        Binding("pagedown", "tell('page-down')", "A page down", id="explorer.page-down"),
        Binding("escape", "tell('escape')", "Clear what is typed, then close", id="explorer.close"),
    ]

    @dataclass
    class Told(Message):
        """A key that is not for typing; `left` and `right` only while nothing is typed."""

        what: str

    def action_tell(self, what: str) -> None:
        self.post_message(self.Told(what))

    async def _on_key(self, event: events.Key) -> None:
        if not self.value and event.key in ("left", "right"):
            event.stop()
            event.prevent_default()
            self.action_tell(event.key)
            return
        await super()._on_key(event)


_FOOTER = {"explorer.choose": "filter", "explorer.exclude": "exclude", "explorer.close": "close"}
_FOLDING = (Hint("→", "open", "explorer.right"), Hint("←", "fold", "explorer.left"))


def explorer_hints(keys: KeysInForce, *, typed: bool) -> tuple[Hint, ...]:
    """What can be done while it has the focus; `typed`: while something is, where the arrows move in that."""
    first = {each.id: readable(keys.keys_of(each.id or "", each.key).partition(",")[0]) for each in _bindings()}
    choose, exclude, close = (Hint(first[name], word, name) for name, word in _FOOTER.items())
    leave = replace(close, text="clear" if typed else close.text, leaves=True)
    return choose, exclude, leave, *(() if typed else _FOLDING), Hint("Tab", "table", "explorer.table")


def explorer_help(keys: KeysInForce) -> list[tuple[str, str]]:
    named = [(keys.keys_of(each.id or "", each.key), each.description) for each in _bindings()]
    entries = [(", ".join(readable(key) for key in names.split(",")), title) for names, title in named]
    return [*entries, ("→, ←", "Open or fold the facet"), ("Tab", "To the table; i comes back")]


def _bindings() -> list[Binding]:
    return [each for each in NarrowingInput.BINDINGS if isinstance(each, Binding)]
