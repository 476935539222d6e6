"""What every tab of the object screen is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.message import Message

from kwatch.informer.clock import Clock
from kwatch.tui.features.object.subject import Subject
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.prompt import Mistake
from kwatch.tui.palette import Palette

if TYPE_CHECKING:
    from kwatch.informer.status import InformerStatus


class ObjectTab(Vertical):
    """Made when it is first looked at; ticks while it is on top."""

    DEFAULT_CSS = """
    ObjectTab { height: 1fr; background: $background; }
    """

    @dataclass
    class Made(Message):
        """Its parts are there."""

        tab: ObjectTab

    class OtherKeys(Message):
        """Keys do other things now than before."""

    tab: ClassVar[str]
    """Its id in the registry, `tabs.TABS`."""
    text: TextView | None = None
    """The text that is searched, wrapped and copied; None where there is none. Made in `compose`."""

    def __init__(self, subject: Subject, palette: Palette, clock: Clock) -> None:
        super().__init__()
        self.subject = subject
        self.palette = palette
        self.clock = clock

    def on_mount(self) -> None:
        self.post_message(self.Made(self))

    @property
    def note(self) -> str:
        """What is said beside the title."""
        return ""

    @property
    def behind(self) -> Sequence[tuple[str, InformerStatus]]:
        """What it shows beside the object itself: of each resource how its informer is."""
        return ()

    def search(self, text: str, *, typing: bool = False) -> Mistake | None:
        """Search or filter by another text, which may be only half typed; where it breaks, if it does."""
        if self.text is not None:
            self.text.search(text)
        return None

    def jump(self, words: str) -> None:
        """To a moment, as people write it, where the tab has one; raise ValueError with a sentence."""
        raise ValueError("There is no time here to go to.")

    @property
    def is_filtered(self) -> bool:
        """Whether only a part is shown."""
        return False

    def set_palette(self, palette: Palette) -> None:
        """Use other colours for what is made from now on."""
        self.palette = palette

    def take_focus(self) -> None:
        """Called when the tab comes on top, and like all below only when its parts are there."""

    def tick(self, now: float) -> None:
        """Called 20 times a second while on top."""

    def leave(self) -> None:
        """The screen closes: let go of what is held."""
