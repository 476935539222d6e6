"""What stands beside the table: one tab of one object, below its name and the titles of the other tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.strip import Strip

from kwatch.base.printable import printable
from kwatch.config.settings import SPLIT_TABS
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.features.object.tabs import TABS
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.widgets.bar import PaintedWidget, Part, Tab, TabStrip, bar
from kwatch.tui.palette import Ground, Palette

if TYPE_CHECKING:
    from kwatch.informer.clock import Clock
    from kwatch.tui.features.object.subject import Subject

_SHARE = "45%"
_NARROWEST = 30
"""Cells."""
_TYPES = {each.id: each for each in TABS if each.id in SPLIT_TABS}


class DetailPanel(Vertical):
    """One tab of one object, below its name; the mouse moves its left edge."""

    DEFAULT_CSS = """
    DetailPanel { width: 45%; min-width: 30; height: 1fr; background: $background; layers: base edge; }
    DetailPanel > Edge { dock: left; width: 1; height: 1fr; }
    """

    @dataclass
    class Opened(Message):
        """Something in it was chosen: the object is to be opened on a tab."""

        tab: str

    @dataclass
    class TabClicked(Message):
        tab: str

    def __init__(self, palette: Palette, clock: Clock) -> None:
        super().__init__()
        self._palette = palette
        self._clock = clock
        self._shown: tuple[object, ...] = ()
        self._tab: ObjectTab | None = None
        self._tab_id = ""
        self.is_waiting = False
        """Whether another object is to be shown in a moment."""

    def compose(self) -> ComposeResult:
        yield Edge(self._palette)
        self._object_name = ObjectName(self._palette)
        yield self._object_name
        self._titles = TabStrip(self._palette)
        yield self._titles

    def set_palette(self, palette: Palette) -> None:
        self._palette = palette

    def show(self, subject: Subject | None, tab_id: str) -> None:
        """Another object, or another tab; None for no object."""
        shown = (tab_id, subject.feed, subject.key, subject.past) if subject is not None else ()
        if shown == self._shown and subject is not None:
            return
        self.clear()
        self._shown, self._tab_id = shown, tab_id
        self._titles.show([Tab(each.id, each.title) for each in _TYPES.values()], tab_id)
        self._object_name.say(f"{subject.resource.kind} {subject.key}" if subject is not None else "")
        if subject is not None:
            self._tab = _TYPES[tab_id].load()(subject, self._palette, self._clock)
            self.mount(self._tab)

    def clear(self) -> None:
        """Show nothing, and release what was watched for it."""
        tab, self._tab = self._tab, None
        self._shown = ()
        if tab is not None:
            if tab.is_mounted:
                tab.leave()
            tab.remove()

    @property
    def is_busy(self) -> bool:
        if self.is_waiting:
            return True
        return self._tab is not None and (not self._tab.is_mounted or self._tab.is_busy)

    def tick(self, now: float) -> None:
        if self._tab is not None and self._tab.is_mounted:
            self._tab.tick(now)

    def on_unmount(self) -> None:
        tab, self._tab = self._tab, None
        if tab is not None and tab.is_mounted:
            tab.leave()

    def on_object_tab_made(self, message: ObjectTab.Made) -> None:
        message.stop()
        if message.tab is self._tab:
            self.tick(self._clock.time())
        elif message.tab.is_mounted:
            message.tab.leave()  # it was let go of before its parts were there

    def on_object_tab_other_keys(self, message: ObjectTab.OtherKeys) -> None:
        message.stop()

    def on_object_tab_opens(self, message: ObjectTab.Opens) -> None:
        message.stop()
        self.post_message(self.Opened(message.tab))

    def on_tab_strip_clicked(self, message: TabStrip.Clicked) -> None:
        message.stop()
        self.post_message(self.TabClicked(message.tab))

    def on_virtual_table_chosen(self, message: VirtualTable.Chosen) -> None:
        message.stop()
        self.post_message(self.Opened(self._tab_id))

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        message.stop()

    def on_virtual_table_marks_changed(self, message: VirtualTable.MarksChanged) -> None:
        message.stop()

    def on_virtual_table_heading_clicked(self, message: VirtualTable.HeadingClicked) -> None:
        message.stop()

    def on_text_view_found(self, message: Message) -> None:
        message.stop()


class ObjectName(PaintedWidget):
    """Whose detail it is: it may be another row's for a moment. A click opens it."""

    DEFAULT_CSS = """
    ObjectName { height: 1; }
    """

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette)
        self._text = ""

    def say(self, text: str) -> None:
        self._text = printable(text)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        style = self._palette.style
        surface = style(ground=Ground.SURFACE)
        return bar(
            [Part(f"  {self._text}", style("foreground", Ground.SURFACE, bold=True))], (), self.size.width, surface
        )

    def on_click(self) -> None:
        if self._text:
            self.post_message(DetailPanel.Opened("overview"))


class Edge(PaintedWidget):
    """The line between table and object: it is dragged, and twice clicked it is where it was at first."""

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette)
        self.tooltip = "Drag to make it wider or narrower; double-click for the usual width"

    def render_line(self, y: int) -> Strip:
        style = self._palette.style("kwatch-muted")
        return bar([Part("│", style)], (), self.size.width, style)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        event.stop()
        self.capture_mouse()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        event.stop()
        self.release_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        panel, beside = self.parent, self.parent.parent if self.parent is not None else None
        if self.app.mouse_captured is not self or not isinstance(panel, DetailPanel) or beside is None:
            return
        event.stop()
        right = panel.region.right
        width = self.screen.size.width
        panel.styles.width = max(_NARROWEST, min(width - 2 * _NARROWEST, right - event.screen_x))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if event.chain == 2 and isinstance(self.parent, DetailPanel):
            self.parent.styles.width = _SHARE
