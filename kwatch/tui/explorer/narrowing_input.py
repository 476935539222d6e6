"""What is typed to narrow a list, while other keys move in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class NarrowingInput(Input):
    """Tells of the keys that are not for typing. Left and right are for typing once something is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "tell('up')", show=False, id="explorer.up"),
        Binding("down", "tell('down')", show=False, id="explorer.down"),
        Binding("pageup", "tell('page-up')", show=False, id="explorer.page-up"),
        Binding("pagedown", "tell('page-down')", show=False, id="explorer.page-down"),
        Binding("escape", "tell('escape')", show=False, id="explorer.close"),
        Binding("ctrl+x", "tell('exclude')", show=False, id="explorer.exclude"),
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
