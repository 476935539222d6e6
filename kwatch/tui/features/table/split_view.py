"""The object under the cursor beside the table, where the screen is broad enough: it follows when the cursor rests."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from kwatch.config.settings import OFF, SPLIT_TABS
from kwatch.tui.features.explorer.explorer_panel import BESIDE

if TYPE_CHECKING:
    from kwatch.tui.features.object.subject import Subject
    from kwatch.tui.features.table.detail_panel import DetailPanel
    from kwatch.tui.features.table.live_table_screen import LiveTableScreen

BROAD = 160
"""Cells of a screen that has room for both."""
REST = 0.15
"""Seconds that the cursor must rest before the object under it is shown; and between two moments of the past."""


class SplitView:
    """Of the table screen; nothing is made before it is first asked for."""

    def __init__(self, screen: LiveTableScreen, subject: Callable[[], Subject | None]) -> None:
        """`subject` tells the object under the cursor."""
        self._screen = screen
        self._subject = subject
        self._tab: str | None = None
        """What was asked for here, OFF for nothing; None: what the settings say."""
        self._panel: DetailPanel | None = None
        self._wanted: tuple[object, ...] = ()
        self._wanted_at = 0.0

    @property
    def tab(self) -> str:
        """Which tab of the object is wanted; OFF for none."""
        if self._tab is not None:
            return self._tab
        return self._screen.kwatch.settings.split

    @property
    def is_open(self) -> bool:
        return self.tab != OFF and self._screen.size.width >= BROAD

    @property
    def has_focus(self) -> bool:
        """Whether keys scroll the object, and not the table."""
        focused = self._screen.focused
        return self._panel is not None and focused is not None and self._panel in focused.ancestors

    def toggle(self) -> None:
        self.use(OFF if self.tab != OFF else "")

    def use(self, word: str) -> None:
        """`:split yaml`, `:split off`; without a word the usual tab."""
        word = word.strip()
        if word and word not in (*SPLIT_TABS, OFF):
            there = ", ".join(SPLIT_TABS)
            self._screen.notify(f"There is no {word!r} to show beside the table: {there}, or {OFF}.", severity="error")
            return
        usual = self._screen.kwatch.settings.split
        self._tab = word or (usual if usual != OFF else SPLIT_TABS[0])
        width = self._screen.size.width
        if self.tab != OFF and width < BROAD:
            self._screen.notify(
                f"Table and object stand side by side from {BROAD} columns on: there are {width}.", severity="warning"
            )
        self._wanted = ()
        self.tick()

    def tick(self) -> None:
        """Follow the cursor once it rests; the keys that move it never wait for this."""
        panel = self._panel
        if not self.is_open:
            if panel is not None and panel.display:
                self._hide(panel)
            return
        if panel is None:
            from kwatch.tui.features.table.detail_panel import DetailPanel

            panel = self._panel = DetailPanel(self._screen.palette, self._screen.kwatch.clock)
            # Before what else stands beside the table.
            self._screen.query_one(f"#{BESIDE}").mount(panel, after=self._screen.table)
        panel.display = True
        screen = self._screen
        wanted = (self.tab, screen.live, screen.table.cursor_key, screen.moment_in_view())
        if wanted != self._wanted:
            is_only_later = wanted[:3] == self._wanted[:3] and panel.is_waiting
            self._wanted = wanted
            self._wanted_at = self._wanted_at if is_only_later else monotonic()
            panel.is_waiting = True
        if panel.is_waiting and panel.is_mounted and monotonic() - self._wanted_at >= REST:
            panel.is_waiting = False
            panel.show(self._subject(), self.tab)
        panel.tick(screen.kwatch.clock.time())

    @property
    def is_busy(self) -> bool:
        """Whether another object is to be shown in a moment, or what is shown of this one is still being found out."""
        return self.is_open and self._panel is not None and self._panel.is_busy

    def close(self) -> None:
        """The session is left: nothing of it may be shown any more."""
        if self._panel is not None:
            self._panel.clear()
        self._wanted = ()

    def _hide(self, panel: DetailPanel) -> None:
        if self.has_focus:
            self._screen.table.focus()
        panel.clear()
        panel.display = False
        self._wanted = ()
