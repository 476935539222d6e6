"""What screens, their parts and commands may ask of the app: its state, and where the table is.

The app itself is in kwatch.tui.app, which no part imports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from textual.app import App
from textual.message import Message
from textual.screen import Screen
from textual.theme import Theme

from kwatch.base.namespaces import in_words
from kwatch.base.printable import printable, printable_lines
from kwatch.config.locations import saved_views
from kwatch.config.prompt_history import PromptHistory
from kwatch.config.saved_views import SavedViews
from kwatch.config.settings import Settings
from kwatch.informer.clock import Clock, SystemClock
from kwatch.session.open_sessions import OpenSessions
from kwatch.tui.commands.command import Command
from kwatch.tui.commands.everywhere import APPLICATION_COMMANDS
from kwatch.tui.keys import KeysInForce
from kwatch.tui.location import Location, StartView
from kwatch.tui.navigation import NavigationHistory
from kwatch.tui.palette import Palette
from kwatch.tui.terminal.keyboard import LightOrDark
from kwatch.tui.themes import AUTO, ThemeStore

if TYPE_CHECKING:
    from textual.filter import LineFilter
    from textual.notifications import SeverityLevel

    from kwatch.history.version import Moment, Version
    from kwatch.informer.resource import Resource
    from kwatch.query.row import Row
    from kwatch.session.hook import Hook
    from kwatch.session.hooks import Hooks
    from kwatch.session.namespaces import Namespaces
    from kwatch.session.session import Session
    from kwatch.tui.features.changes.baseline import Baseline
    from kwatch.tui.features.object.subject import PastObject


QUIET = 1.0
"""Seconds between two sentences about keys."""


class ShownMoment(Protocol):
    """What others ask of the moment that the table shows. Everything is None for now."""

    def moment(self) -> Moment | None: ...
    def last_delta(self) -> Version | None: ...
    def past_with(self, version: Version) -> PastObject | None: ...
    def hold(self) -> None: ...


class Navigation(Protocol):
    """Where the table is, was, and how it goes elsewhere."""

    history: NavigationHistory

    @property
    def home_namespace(self) -> str | None: ...
    @property
    def namespace_in_use(self) -> str | None: ...
    @property
    def is_connecting(self) -> bool: ...
    @property
    def why_not_yet(self) -> str: ...
    def go(self, place: Location, cursor: str | None = None, context: str = "") -> None: ...
    def table_of(self, resources: Sequence[Resource], namespace: str | None, asked: str) -> Location: ...
    def open_object(self, resource: Resource, namespace: str | None, name: str, tab: str) -> None: ...
    def go_once_connected(self, what: str, go: Callable[[], None]) -> None: ...
    def open_context(self, name: str) -> bool: ...
    def use_namespace(self, namespace: str | None) -> None: ...
    def resolve_all(self, text: str) -> tuple[Resource, ...]: ...


class Home(Protocol):
    """The table, as other screens and commands see it."""

    @property
    def place(self) -> Location | None: ...
    @property
    def navigation(self) -> Navigation: ...
    @property
    def time_travel(self) -> ShownMoment: ...
    @property
    def all_rows(self) -> Sequence[Row]: ...
    def use_filter(self, text: str) -> None: ...


class Application(App[int]):
    """One session, the settings, colours and keys in force. Used on the UI thread."""

    def __init__(
        self,
        open_session: Callable[[str | None], Session],
        start: StartView,
        settings: Settings,
        *,
        banner: str,
        clock: Clock | None,
        views: SavedViews | None,
        prompt_history: PromptHistory | None,
        no_color: bool,
    ) -> None:
        super().__init__(ansi_color=True if no_color else None)
        self.open_sessions = OpenSessions(open_session, clock or SystemClock(), lambda: self.wake())
        self.start = start
        self.settings = settings
        self.banner = banner
        self.clock: Clock = clock or SystemClock()
        self.theme_store = ThemeStore(sixteen=self.console.color_system == "standard" and not no_color)
        self.is_plain = settings.plain_screen
        """Whether it is for a screen reader, from the start to the end."""
        self.theme_asked = settings.theme
        """What was asked for: the name of a theme, or AUTO."""
        self.theme_store.use(settings)
        self.views = views or SavedViews(saved_views())
        self.prompt_history = prompt_history or PromptHistory()
        self.prompt_history.on_problem = lambda sentence: self.post_message(Notice(sentence, "warning"))
        self.keys_in_force = KeysInForce(settings.keys)
        self.baseline: Baseline | None = None
        """What later states are compared with; None until it is set."""
        self.repaint: Callable[[], object] = lambda: None
        """Draw everything from scratch, whatever others have drawn there; the driver of a terminal knows how."""
        self.ring: Callable[[str], object] = lambda text: None
        """Tell it by the terminal's bell, and to the desktop; the driver of a terminal knows how."""
        self.wake: Callable[[], object] = lambda: None
        """Something changed that a screen may show; from any thread."""
        self.kubectl_flags: Callable[[], Sequence[str]] = tuple
        """What kubectl is to be told to reach the cluster, beside the context."""
        self.wish: tuple[str, ...] = ()
        """What the last key, which nothing took, would change elsewhere, as `view.kubectl` names it..."""
        self.wish_before: tuple[str, ...] = ()
        """...and the key before it."""
        self._palette: Palette | None = None
        self.hooks: Hooks | None = None
        """What is done when objects begin to match filters; None while there are none."""
        self._said: set[str] = set()
        self._said_at = float("-inf")
        self._hook_failed_at = float("-inf")

    @property
    def session(self) -> Session | None:
        """The open session, of several contexts the leading one; None until mounted."""
        return self.open_sessions.leading

    @property
    def sessions(self) -> tuple[Session, ...]:
        """Of each context that is shown."""
        return self.open_sessions.shown

    @property
    def contexts(self) -> tuple[str, ...]:
        """By name, where several are shown."""
        return self.open_sessions.contexts

    @property
    def sessions_by_context(self) -> Mapping[str, Session]:
        """Of each context that is shown, as it was asked for; in the order of the table."""
        names = self.contexts or tuple(each.context for each in self.sessions)
        return dict(zip(names, self.sessions, strict=True))

    @property
    def context_words(self) -> str:
        """What is shown, for a header: `demo`, `prod-eu, prod-us`."""
        if self.contexts:
            return in_words(",".join(self.contexts))
        return self.session.context if self.session is not None else ""

    def session_of(self, context: str) -> Session | None:
        """Of any context that is open, shown or not."""
        return next((each for each in self.open_sessions.all if each.context == context), None)

    def show_contexts(self, contexts: Sequence[str | None]) -> None:
        """Open others; None is the one that the user's files name. Those before stay warm for a while."""
        if self.sessions:
            self.leave_for(self.screen_stack[0])  # what stands before the table is of the old ones
        self.open_sessions.show(contexts)
        table: Any = self.screen_stack[0]
        if table.is_ready:
            table.tick(self.clock.time())  # one that is warm is there with the key

    @property
    def home(self) -> Home:
        """The table, wherever one is."""
        return cast("Home", self.screen_stack[0])

    @property
    def is_attentive(self) -> bool:
        """Whether somebody was at the keys just now."""
        return False

    def leave_for(self, screen: Screen[Any]) -> None:
        """Leave every screen above one that is on the stack."""
        while self.screen is not screen and len(self.screen_stack) > 1:
            self.pop_screen()

    @property
    def palette(self) -> Palette:
        if self._palette is None:
            self._palette = Palette(self.get_css_variables(), no_color=self.no_color)
        return self._palette

    @property
    def namespaces(self) -> Namespaces | None:
        """Those one can go to; None while not connected."""
        session = self.session
        if session is None or session.names is None:
            return None
        session.namespaces.asked = self.start.namespace
        return session.namespaces

    @property
    def names_of_namespaces(self) -> tuple[str, ...]:
        """As far as they are known."""
        known = self.namespaces
        return tuple(each.name for each in known.known(self.prompt_history.of(":"))) if known is not None else ()

    def commands_here(self) -> Sequence[Command]:
        """The commands of the screen on top, then those of the app."""
        return self.commands_of(self.screen)

    def commands_of(self, screen: object) -> Sequence[Command]:
        """The commands of a screen, then those of the app."""
        return (*getattr(screen, "COMMANDS_OF_SCREEN", ()), *APPLICATION_COMMANDS)

    def run_command_by_id(self, command_id: str) -> None:
        """Run a command of the screen on top, or of the app, if it is available."""
        raise NotImplementedError

    def use_theme(self, name: str) -> None:
        """Change the theme; a broken one is reported and changes nothing."""
        theme, problem = self.theme_store.load_or_default(name)
        if problem:
            self.notify(problem, severity="warning", markup=False)
            return
        self.theme_asked = name
        self.wear(theme)

    def on_light_or_dark(self, message: LightOrDark) -> None:
        """The terminal is light now, or dark: so is what AUTO stands for."""
        store = self.theme_store
        store.is_light = message.is_light
        if self.theme_asked == AUTO:
            theme, problem = store.load_or_default(AUTO)
            if not problem and theme.name != self.theme:
                self.wear(theme)

    def wear(self, theme: Theme) -> None:
        """Change to a theme that was read."""
        self.register_theme(theme)
        self.theme = theme.name

    def use_settings(self, settings: Settings) -> None:
        """Take over other settings; the theme is not changed by this."""
        before, self.settings = self.settings, settings
        if settings.theme != before.theme:
            self.theme_asked = settings.theme
        self.theme_store.use(settings)
        self.keys_in_force = KeysInForce(settings.keys)
        self.set_keymap(settings.keys)
        if settings.hooks != before.hooks:
            self.use_hooks()

    def use_hooks(self) -> None:
        """Those of the settings instead of what they said before; a broken one is left out, which is said elsewhere."""
        from kwatch.session.hook import hook_of

        if self.hooks is not None:
            self.hooks.remove(lambda hook: hook.of_settings)
        for each in self.settings.hooks:
            with suppress(ValueError):
                self.add_hook(hook_of(each))

    def add_hook(self, hook: Hook) -> None:
        from kwatch.session.hook import Onset, in_few_words
        from kwatch.session.hooks import Hooks

        def tell(onsets: Sequence[Onset]) -> None:
            for text in in_few_words(onsets):
                self.post_message(Notice(text, "warning", rings=onsets[0].hook.notifies))

        if self.hooks is None:
            self.hooks = Hooks(lambda: self.sessions, self.clock, on_onsets=tell, on_failure=self._hook_failed)
        self.hooks.add(hook)

    def _hook_failed(self, sentence: str) -> None:
        """From any thread. Many at once are told as one: `:notify` counts them."""
        now = self.clock.monotonic()
        if now - self._hook_failed_at >= QUIET:
            self._hook_failed_at = now
            self.post_message(Notice(f"A hook failed: {sentence}; :notify counts what fails", "error"))

    @property
    def plain_filters(self) -> Sequence[LineFilter]:
        """What takes drawing characters away, where they are not wanted."""
        if not self.is_plain:
            return ()
        from kwatch.tui.plain_screen import WITHOUT_DRAWING

        return (WITHOUT_DRAWING,)

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """The terminal's cursor goes to the row that one is on, where it is seen."""
        if self.is_plain:
            from kwatch.tui.plain_screen import place_of_cursor

            place = place_of_cursor(self.focused)
            self.cursor_position = self.cursor_position if place is None else place
        super()._display(screen, renderable)

    def dress(self, screen: Screen[Any]) -> None:
        """Give a screen its line for what is announced, where that is wanted."""
        if self.is_plain:
            from kwatch.tui.plain_screen import Announcement

            screen.mount(Announcement(self.palette))

    def announce(self, sentence: str) -> None:
        """Say it in the line of a plain screen."""
        from kwatch.tui.plain_screen import Announcement

        for each in self.screen.query(Announcement):
            each.say(sentence)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Say something in a toast. It may come from a cluster: never as markup, and safe to print."""
        if self.is_plain:
            self.announce(f"{title}: {message}" if title else message)
            return
        super().notify(
            printable_lines(message), title=printable(title), severity=severity, timeout=timeout, markup=False
        )

    def say_once(self, sentence: str) -> None:
        """Say what is only worth saying the first time; quick fingers do not flood the screen."""
        now = self.clock.time()
        if sentence not in self._said and not self._said_at <= now < self._said_at + QUIET:
            self._said.add(sentence)
            self._said_at = now
            self.notify(sentence, markup=False, timeout=3)

    def copy_to_clipboard(self, text: str) -> None:
        """Put lines into the clipboard, safe to be pasted into a terminal."""
        super().copy_to_clipboard(printable_lines(text))


class Notice(Message):
    """Posted to the app, which shows it as a toast."""

    def __init__(
        self, text: str, severity: Literal["information", "warning", "error"] = "information", *, rings: bool = False
    ) -> None:
        """`rings`: the terminal is told, too."""
        super().__init__()
        self.text = text
        self.severity = severity
        self.rings = rings
