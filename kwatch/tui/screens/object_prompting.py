"""Typing into the object screen: a search or a filter of the tab on top, live as it is typed, or a moment to go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.prompt import Mistake, Prompt
from kwatch.tui.screens.kwatch_screen import KwatchScreen

if TYPE_CHECKING:
    from kwatch.tui.features.object.object_tab import ObjectTab

SEARCH = "/"
MOMENT = "@"
"""What a moment is typed after."""
MOMENT_HELP = "14:02, 14:02:10, -10m (ago), +5m (from the beginning)"


class ObjectPrompting(KwatchScreen[None]):
    """Part of the object screen."""

    _searched = ""

    @property
    def on_top(self) -> ObjectTab | None:
        """The tab that is shown; None while it is being made."""
        raise NotImplementedError

    @property
    def is_typing(self) -> bool:
        """Whether something is typed into a line below."""
        return self._prompt.is_open or isinstance(self.screen.focused, Input)

    def open_search(self, text: str = "") -> None:
        """Search or filter the tab on top; `text` is what it is filtered by."""
        self._searched = text
        self._prompt.open(SEARCH, text)

    def ask_moment(self) -> None:
        """Ask for the time to go to."""
        self._prompt.open(MOMENT)
        self._prompt.mark(None, MOMENT_HELP)

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        """Search while it is typed."""
        if self._prompt.is_open and message.sign == SEARCH:
            self._search(message.text, typing=True)

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        """Stay at the match, or go to the moment."""
        if message.sign == MOMENT and message.text.strip() and self.on_top is not None:
            try:
                self.on_top.jump(message.text)
            except ValueError as error:
                self._prompt.mark(Mistake(0, len(message.text), str(error)))
                return
        is_filter = message.sign == SEARCH and self.on_top is not None and self.on_top.text is None
        if not is_filter or self._search(message.text) is None:
            self._close()

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        """Forget the search."""
        if message.sign == SEARCH:
            self._search(self._searched)
        self._close()

    def on_text_view_found(self, message: TextView.Found) -> None:
        """Say how many matches there are."""
        self._prompt.mark(None, f"{message.current} of {message.total}" if message.total else "no match")

    @property
    def _prompt(self) -> Prompt:
        return self.query_one(Prompt)

    def _search(self, text: str, *, typing: bool = False) -> Mistake | None:
        """Where the text breaks, which is marked."""
        tab = self.on_top
        mistake = tab.search(text, typing=typing) if tab is not None else None
        if tab is not None and tab.text is None:
            self._prompt.mark(mistake)
        return mistake

    def _close(self) -> None:
        if self._prompt.close() and self.on_top is not None:
            self.on_top.take_focus()
