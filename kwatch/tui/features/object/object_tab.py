"""What every tab of the object screen is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual.containers import Vertical
from textual.message import Message

from kwatch.informer.clock import Clock
from kwatch.tui.features.object.subject import Subject
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.prompt import Mistake
from kwatch.tui.palette import Palette

if TYPE_CHECKING:
    from kwatch.informer.status import InformerStatus
    from kwatch.tui.base_app import Application


class ObjectTab(Vertical):
    """Made when it is first shown; ticks while it is on top."""

    DEFAULT_CSS = """
    ObjectTab { height: 1fr; background: $background; }
    ObjectTab > Words { height: 1; width: 100%; background: $background; color: $kwatch-muted; padding: 0 2; }
    """

    @dataclass
    class Made(Message):
        """Its widgets are mounted."""

        tab: ObjectTab

    @dataclass
    class Opens(Message):
        """What was clicked leads on: to a place on a tab, from 1 on."""

        tab: str
        place: int

    class OtherKeys(Message):
        """The commands that are available changed."""

    tab: ClassVar[str]
    """Its id in the registry, `tabs.TABS`."""
    clears: ClassVar[str] = "clear search"
    """What Escape does first while it `is_filtered`."""
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
        """Resource name and informer status of what it shows beside the object itself."""
        return ()

    def search(self, text: str, *, typing: bool = False) -> Mistake | None:
        """Search or filter by a text, which may be half typed while `typing`; returns the mistake in it, if any."""
        if self.text is not None:
            self.text.search(text)
        return None

    def jump(self, words: str) -> None:
        """Go to a moment, as people write it, where the tab has one; raise ValueError with a sentence."""
        raise ValueError("There is no moment to go to here.")

    @property
    def is_filtered(self) -> bool:
        """Whether only a part is shown, or what was searched for is marked."""
        return self.text is not None and self.text.is_searched

    def clear_filter(self) -> None:
        """Show all of it."""
        self.search("")

    def set_palette(self, palette: Palette) -> None:
        """Use other colours for what is made from now on."""
        self.palette = palette

    def take_focus(self) -> None:
        """Called when the tab comes on top; like all below only once its widgets are mounted."""

    @property
    def wake(self) -> Callable[[], object]:
        """To be called, in any thread, when something changed."""
        return cast("Application", self.app).wake

    def awaited(self) -> Iterator[object]:
        """What makes, in a thread, what a key asked for."""
        return iter(())

    @property
    def is_busy(self) -> bool:
        """Whether something goes on that is to be seen as it does, and does not wake the app."""
        return False

    def tick(self, now: float) -> None:
        """Called when something may have changed, and as often as ages do, while on top."""

    def leave(self) -> None:
        """The screen closes: release everything."""
