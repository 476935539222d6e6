"""What can be done with a tab that is a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.tui.commands.command import Command

if TYPE_CHECKING:
    from kwatch.tui.screens.object_screen import ObjectScreen


class _OnText(Command["ObjectScreen"]):
    group = "Text"
    needs = "This is no text: YAML, the overview and logs are."

    def available(self, screen: ObjectScreen) -> bool:
        """Only on tabs that are texts."""
        return screen.text is not None


class Search(_OnText):
    """`/`."""

    id = "text.search"
    keys = "slash"
    title = "Search; n and Shift-N go from match to match"
    footer = "search"

    def run(self, screen: ObjectScreen) -> None:
        """Open the search bar."""
        screen.open_search()


class Wrap(_OnText):
    """`w`."""

    id = "text.wrap"
    keys = "w"
    title = "Break long lines, or let them run on"

    def run(self, screen: ObjectScreen) -> None:
        """Turn it around."""
        if screen.text is not None:
            screen.text.toggle_wrap()


class CopyText(_OnText):
    """`c`."""

    id = "text.copy"
    keys = "c"
    title = "Copy the whole text, or what the mouse selected"

    def available(self, screen: ObjectScreen) -> bool:
        """What is selected comes first."""
        return super().available(screen) and not screen.has_selection

    def run(self, screen: ObjectScreen) -> None:
        """By OSC 52, which works over ssh too."""
        if screen.text is not None:
            text = screen.text.document.text()
            screen.app.copy_to_clipboard(text)
            screen.notify(f"Copied {text.count(chr(10)) + 1:,} lines.", markup=False, timeout=2)


TEXTS: tuple[type[Command[Any]], ...] = (Search, Wrap, CopyText)
