"""A command is data: its keys and words, and the names of what does it and of what tells whether it makes sense now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from textual.binding import Binding, BindingType

from kwatch.tui.kit.widgets.prompt import Completion
from kwatch.tui.navigation import load

if TYPE_CHECKING:
    from kwatch.config.settings import Settings


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do on a screen, listed in the screen's COMMANDS_OF_SCREEN in footer order.

    `run`, `run_with_args`, `when`, `footer_if`, `footer_now` and `candidates` are names: of an attribute of the screen
    or of what it holds (`time_travel.step`), or of a function that takes the screen, and is imported when it is first
    asked for (`kwatch.tui.saved_views:save_view`). They are looked up when the command is used, so that a table of
    commands imports no screen.
    """

    id: str
    """What a key map calls it."""
    keys: str
    """Default keys, separated by commas; empty: only by the palette or the command line."""
    title: str
    """What it does, for the palette and the help."""
    run: str
    """The method that does it, called with `args`."""
    args: tuple[Any, ...] = ()
    _: KW_ONLY
    tab: str = ""
    """The tab of the object screen that it is of: the names are the tab's, which must be on top."""
    when: str = ""
    """What must be true for it to make sense, e.g. `has_row and not has_selection`; else the key, the hint and the
    palette entry vanish. A method is called with `args`."""
    run_with_args: str = ""
    """The method that does it as typed on the command line, called with what follows the word; empty: `run` does."""
    candidates: str | tuple[str, ...] = ()
    """What the argument on the command line may be, or what tells that."""
    completes: str = ""
    """What is asked instead with what is typed of the last word, and answers with completions."""
    footer: str = ""
    """The word in the footer; empty: no hint."""
    footer_if: tuple[str, str] = ("", "")
    """Another word for the footer, after the name of what makes it so."""
    footer_now: str = ""
    """What tells the word for the footer, where there are more than two."""
    needs: str = ""
    """What is said once where the key does nothing, in a sentence; empty: in general words."""
    rank: int = 5
    """Where the hint stands in the footer: lower ones further left; what does not fit is left out."""
    group: str = "General"
    """The heading in the help."""
    words: tuple[str, ...] = ()
    """What runs it on the command line, after the colon."""
    priority: bool = False
    """Whether the key works even while an input has the focus, and before the next key is looked at: what follows in
    a burst of keys is typed into the line that this one opens."""
    favourite: int = 0
    """The number of the user's favourite that it leads to, if it does."""

    def title_for(self, settings: Settings) -> str:
        """The title, where it depends on the settings."""
        favourites = settings.favourites
        return f"Go to {favourites[self.favourite - 1]}" if 0 < self.favourite <= len(favourites) else self.title

    def binding(self) -> Binding:
        return Binding(
            self.keys,
            f"app.run_command({self.id!r})",
            self.footer or self.title,
            show=bool(self.footer),
            tooltip=self.title,
            id=self.id,
            priority=self.priority,
        )

    def is_available(self, screen: Any) -> bool:
        owner = self._owner(screen)
        return owner is not None and all(
            bool(_value(get(owner), self.args)) is wanted for get, wanted in _conditions(self.when)
        )

    def footer_on(self, screen: Any) -> str:
        owner, (condition, word) = self._owner(screen), self.footer_if
        if self.footer_now:
            return str(attrgetter(self.footer_now)(owner))
        return word if condition and attrgetter(condition)(owner) else self.footer

    def run_on(self, screen: Any) -> None:
        self._method(self.run, screen)(*self.args)

    def run_with(self, screen: Any, argument: str) -> None:
        """Do it as typed on the command line; most commands take no argument."""
        if self.run_with_args:
            self._method(self.run_with_args, screen)(argument)
        else:
            self.run_on(screen)

    def completions(self, screen: Any, prefix: str) -> Sequence[Completion]:
        """What the argument on the command line may become."""
        if self.completes:
            found: Sequence[Completion] = self._method(self.completes, screen)(prefix)
            return found
        texts = self.candidates
        if isinstance(texts, str):
            texts = self._method(texts, screen)()
        return [Completion(text) for text in longer(prefix, texts)]

    def _owner(self, screen: Any) -> Any:
        return screen.tab_on_top(self.tab) if self.tab else screen

    def _method(self, name: str, screen: Any) -> Callable[..., Any]:
        if ":" in name:
            function = load(name)
            return lambda *args: function(screen, *args)
        method: Callable[..., Any] = attrgetter(name)(self._owner(screen))
        return method


def longer(prefix: str, texts: Iterable[str]) -> list[str]:
    """What a text may become that is typed so far."""
    return [text for text in texts if text.startswith(prefix) and text != prefix]


def bindings(commands: Iterable[Command]) -> list[BindingType]:
    """The bindings of commands that have keys."""
    return [command.binding() for command in commands if command.keys]


@cache
def _conditions(when: str) -> tuple[tuple[Callable[[Any], Any], bool], ...]:
    """`a and not b` as what looks each up, and what it must be."""
    terms = when.split(" and ") if when else ()
    return tuple((attrgetter(term.removeprefix("not ")), not term.startswith("not ")) for term in terms)


def _value(found: Any, args: tuple[Any, ...]) -> Any:
    return found(*args) if callable(found) else found
