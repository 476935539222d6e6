"""The shape of a command: key, footer hint, tooltip, palette entry and deed in one place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType

if TYPE_CHECKING:
    from textual.screen import Screen

    from kwatch.config.settings import Settings
    from kwatch.tui.kit.widgets.prompt import Completion

S = TypeVar("S", bound="Screen[Any]")


class Command(ABC, Generic[S]):
    """One thing to do on a screen of type S. Subclasses are listed in a screen's COMMANDS, in footer order."""

    id: ClassVar[str]
    """What a key map calls it."""
    keys: ClassVar[str] = ""
    """Default keys, separated by commas; empty: only by the palette or the command line."""
    title: ClassVar[str]
    """What it does, for the palette and the help."""
    footer: ClassVar[str] = ""
    """The word in the footer; empty: no hint."""
    needs: ClassVar[str] = ""
    """What is said once where the key does nothing, in a sentence; empty: in general words."""
    rank: ClassVar[int] = 5
    """Where the hint stands in the footer: lower ones further left; what does not fit is left out."""
    group: ClassVar[str] = "General"
    """The heading in the help."""
    words: ClassVar[tuple[str, ...]] = ()
    """What runs it on the command line, after the colon."""
    priority: ClassVar[bool] = False
    """Whether the key works even while an input has the focus."""

    @classmethod
    def title_for(cls, settings: Settings) -> str:
        """The title, where it depends on the settings."""
        return cls.title

    @classmethod
    def binding(cls) -> Binding:
        """The key binding."""
        return Binding(
            cls.keys,
            f"app.run_command({cls.id!r})",
            cls.footer or cls.title,
            show=bool(cls.footer),
            tooltip=cls.title,
            id=cls.id,
            priority=cls.priority,
        )

    def available(self, screen: S) -> bool:
        """Whether it makes sense now; the key, the hint and the palette entry vanish otherwise."""
        return True

    def footer_on(self, screen: S) -> str:
        """The word in the footer, where it depends on what is shown."""
        return self.footer

    def say(self, screen: S, argument: str) -> None:
        """Do it as typed on the command line; most commands take no argument."""
        self.run(screen)

    def complete(self, screen: S, prefix: str) -> Sequence[Completion]:
        """What the argument on the command line may become."""
        return ()

    @abstractmethod
    def run(self, screen: S) -> None:
        """Do it."""


def bindings(commands: Iterable[type[Command[Any]]]) -> list[BindingType]:
    """The bindings of commands that have keys."""
    return [command.binding() for command in commands if command.keys]
