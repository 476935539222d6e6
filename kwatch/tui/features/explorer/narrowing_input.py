"""What is typed to narrow a list, while other keys move in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class NarrowingInput(Input):
    """Tells of the keys that are not for typing. Left and right open and close, and are for typing once something is
    typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "tell('choose')", "Filter by the value, or no more; open the facet", id="explorer.choose"),
        Binding("ctrl+x", "tell('exclude')", "Leave the value out, or no more", id="explorer.exclude"),
        Binding("up", "tell('up')", "Up", id="explorer.up"),
        Binding("down", "tell('down')", "Down", id="explorer.down"),
        Binding("pageup", "tell('page-up')", "A page up", id="explorer.page-up"),
        Binding("pagedown", "tell('page-down')", "A page down", id="explorer.page-down"),
        Binding("escape", "tell('escape')", "Forget what is typed, then close", id="explorer.close"),
    ]

    @dataclass
    class Told(Message):
        """A key that is not for typing; `left` and `right` only while nothing is typed."""

        what: str

    def action_tell(self, what: str) -> None:
        """Hand the key on."""
        self.post_message(self.Told(what))

    async def _on_key(self, event: events.Key) -> None:
        if not self.value and event.key in ("left", "right"):
            event.stop()
            event.prevent_default()
            self.action_tell(event.key)
            return
        await super()._on_key(event)
