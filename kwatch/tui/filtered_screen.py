"""A list that can be filtered: `/` opens the line, what is typed takes effect at once, Escape takes it back."""

from __future__ import annotations

from textual.widgets import Input

from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.widgets.prompt import Prompt
from kwatch.tui.kwatch_screen import KwatchScreen


class FilteredScreen(KwatchScreen[None]):
    """A screen with a table and a prompt, both made in `compose`."""

    table: VirtualTable
    prompt: Prompt
    _filter_before = ""

    @property
    def filter(self) -> str:
        raise NotImplementedError

    def use_filter(self, text: str, *, typing: bool = False) -> bool:
        """Show only what matches; False where the text is broken, which is marked. `typing`: it may be half typed."""
        raise NotImplementedError

    @property
    def is_filtered(self) -> bool:
        return bool(self.filter)

    def clear_filter(self) -> None:
        self.use_filter("")

    @property
    def is_typing(self) -> bool:
        return self.prompt.is_open or isinstance(self.focused, Input)

    def open_filter(self) -> None:
        """Type a filter."""
        self._filter_before = self.filter
        self.prompt.open("/", self.filter)

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        if self.prompt.is_open:
            self.use_filter(message.text, typing=True)

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        """Keep it; a broken one stays to be mended."""
        if self.use_filter(message.text):
            self._close_prompt()

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        self._close_prompt()
        self.use_filter(self._filter_before)

    def _close_prompt(self) -> None:
        if self.prompt.close():
            self.table.focus()
