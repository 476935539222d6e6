"""A screen in a frame: what lies below is seen around it, and its keys rest."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click

from kwatch.base.printable import printable
from kwatch.tui.kwatch_screen import KwatchScreen

R = TypeVar("R")


class FramedScreen(KwatchScreen[R]):
    """Its subclass composes what is within `self.frame`."""

    DEFAULT_CSS = """
    FramedScreen { align: center middle; background: $background 60%; }
    FramedScreen:ansi { background: transparent; }
    FramedScreen > Vertical {
        height: auto; background: $background; padding: 0 1;
        border: round $primary; border-title-color: $primary; border-title-style: bold;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", show=False, priority=True, id="framed.quit"),
    ]

    def __init__(self, title: str, keys: str) -> None:
        """`keys`: the hint below what is in the frame."""
        super().__init__()
        self.frame = Vertical()
        self.frame.border_title = Content(printable(title))
        self.frame.border_subtitle = Content(keys)

    @property
    def is_modal(self) -> bool:
        return True

    def on_click(self, event: Click) -> None:
        """Beside the frame: back to what is seen there."""
        if event.widget is self:
            self.dismiss(None)

    def action_quit(self) -> None:
        """As everywhere, unless text is selected: an input would copy what is selected in it."""
        if not self.copy_selection():
            self.app.exit(0)
