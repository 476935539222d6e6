"""The app: one session, a stack of screens, and the beat that carries changes to them."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.events import Key, Paste
from textual.message import Message
from textual.screen import Screen
from textual.theme import Theme
from textual.widgets import Input
from textual.worker import WorkerFailed

from kwatch.base.printable import printable, printable_lines
from kwatch.base.threads import guard, report, spawn
from kwatch.config.locations import saved_views
from kwatch.config.prompt_history import PromptHistory
from kwatch.config.saved_views import SavedViews
from kwatch.config.settings import Settings
from kwatch.informer.clock import Clock, SystemClock
from kwatch.tui.commands.application import APPLICATION_COMMANDS, Quit
from kwatch.tui.commands.command import Command, bindings
from kwatch.tui.few_colours import OF_256
from kwatch.tui.key_order import KeyOrder
from kwatch.tui.keys import KeysInForce
from kwatch.tui.kit.widgets.prompt import LONGEST_LINE
from kwatch.tui.notice import Notice
from kwatch.tui.palette import Palette
from kwatch.tui.place import StartView
from kwatch.tui.preload import preload
from kwatch.tui.printing import ONLY_PRINTABLE
from kwatch.tui.screens.kwatch_screen import KwatchScreen
from kwatch.tui.terminal.driver import Terminal, TerminalDriver
from kwatch.tui.themes import ThemeStore
from kwatch.tui.unused_keys import of_unused_key

if TYPE_CHECKING:
    from textual.filter import LineFilter
    from textual.notifications import SeverityLevel
    from textual.timer import Timer

    from kwatch.session.session import Session
    from kwatch.tui.features.changes.baseline import Mark
    from kwatch.tui.namespaces import Namespaces
    from kwatch.tui.saved_settings import SavedSettings, SettingsSaved
    from kwatch.tui.screens.table_screen import TableScreen

BEATS_PER_SECOND = 20
QUIET = 1.0
"""Seconds between two sentences about keys."""
LONGEST_PASTE = LONGEST_LINE // 2


class KwatchApp(App[int]):
    """Starts nothing before it is mounted, and never exits because of a cluster."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "kwatch"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(APPLICATION_COMMANDS), Binding("ctrl+q", "quit", show=False)]

    def __init__(
        self,
        open_session: Callable[[str | None], Session],
        start: StartView,
        settings: Settings,
        *,
        banner: str = "",
        clock: Clock | None = None,
        settings_file: Path | None = None,
        views: SavedViews | None = None,
        prompt_history: PromptHistory | None = None,
        terminal: Terminal | None = None,
    ) -> None:
        # An empty NO_COLOR means nothing; the toolkit takes its presence for a yes.
        no_color = bool(os.environ.get("NO_COLOR"))
        if not no_color:
            os.environ.pop("NO_COLOR", None)
        super().__init__(ansi_color=True if no_color else None)
        self.terminal = terminal or Terminal()
        self.repaint: Callable[[], object] = lambda: None
        """Draw everything from scratch, whatever others have drawn there; the driver of a terminal knows how."""
        self.on_exit: Callable[[], object] = lambda: None
        """Called when it is to end; the driver of a terminal sees to it that it does, and is told with `has_ended`."""
        self.has_ended = threading.Event()
        self.key_order = KeyOrder(
            self, super().post_message, self._beat, quits=lambda key: key in self.keys_in_force.keys(Quit)
        )
        self.open_session = open_session
        self.start = start
        self.settings = settings
        self.banner = banner
        self._settings_file = settings_file
        self._saved: SavedSettings | None = None
        self.clock: Clock = clock or SystemClock()
        self.theme_store = ThemeStore(sixteen=self.console.color_system == "standard" and not no_color)
        self.views = views or SavedViews(saved_views())
        self.prompt_history = prompt_history or PromptHistory()
        self.prompt_history.on_problem = lambda sentence: self.post_message(Notice(sentence, "warning"))
        self.keys_in_force = KeysInForce(settings.keys)
        self.mistake: Exception | None = None
        """What nobody foresaw, and ended the app."""
        self.screens_then: tuple[str, ...] = ()
        self.baseline: Mark | None = None
        """What later states are compared with; None until it is set."""
        self._said: set[str] = set()
        self._said_at = float("-inf")
        self._session: Session | None = None
        theme, self._problem = self.theme_store.load_at_start(settings.theme)
        self.register_theme(theme)
        self.theme = theme.name
        self._palette: Palette | None = None
        self._namespaces: Namespaces | None = None
        self._is_preloaded = False
        self.set_keymap(settings.keys)

    @property
    def session(self) -> Session | None:
        """The open session; None until mounted."""
        return self._session

    @property
    def palette(self) -> Palette:
        """The colours of the current theme."""
        if self._palette is None:
            self._palette = Palette(self.get_css_variables(), no_color=self.no_color)
        return self._palette

    def get_driver_class(self) -> type[Driver]:
        """What draws and hears."""
        return TerminalDriver

    def get_default_screen(self) -> KwatchScreen[Any]:
        """The table is home."""
        from kwatch.tui.screens.table_screen import TableScreen

        return TableScreen()

    def post_message(self, message: Message) -> bool:
        """Post it; what was typed in its turn."""
        if KeyOrder.takes(message):
            if isinstance(message, Paste) and len(message.text) > LONGEST_PASTE:
                self.notify(f"The text was cut to {LONGEST_PASTE:,} characters.", severity="warning", markup=False)
                message = Paste(message.text[:LONGEST_PASTE])
            self.key_order.add(message)
            return True
        return super().post_message(message)

    def on_mount(self) -> None:
        """Everything that needs threads begins here, after the frame is on screen."""
        # The toolkit swallows what escapes from here, and the loop prints over the screen what escapes from a callback.
        self.theme_changed_signal.subscribe(self, lambda theme: guard("the change of theme", self._use_theme))
        asyncio.get_running_loop().set_exception_handler(_report_callback)
        self.set_interval(1 / BEATS_PER_SECOND, self._beat)
        self.call_after_refresh(self._connect)
        if self._problem:
            self.notify(self._problem, severity="warning", markup=False)
        if self._settings_file is not None:
            self.call_after_refresh(self._follow_settings, self._settings_file)

    def switch_session(self, context: str | None) -> Session:
        """Open another context; the old session ends in the background."""
        old, self._session = self._session, self.open_session(context)
        self._session.start()
        if old is not None:
            self.leave_for(self.home)  # what stands before the table is of the old one
            spawn("kwatch-closing", old.close)
        return self._session

    @property
    def home(self) -> TableScreen:
        """The table, wherever one is."""
        from kwatch.tui.screens.table_screen import TableScreen

        screen = self.screen_stack[0]
        assert isinstance(screen, TableScreen)
        return screen

    @property
    def namespaces(self) -> Namespaces | None:
        """Those one can go to; None while not connected."""
        from kwatch.tui.namespaces import Namespaces

        session = self._session
        if session is None or session.names is None:
            return None
        if self._namespaces is None or self._namespaces.session is not session:
            self._namespaces = Namespaces(session, self.start.namespace)
        return self._namespaces

    @property
    def names_of_namespaces(self) -> tuple[str, ...]:
        """As far as they are known."""
        known = self.namespaces
        return tuple(each.name for each in known.known(self.prompt_history.of(":"))) if known is not None else ()

    def leave_for(self, screen: Screen[Any]) -> None:
        """Leave every screen above one that is on the stack."""
        while self.screen is not screen and len(self.screen_stack) > 1:
            self.pop_screen()

    def say_once(self, sentence: str) -> None:
        """Say what is only worth saying the first time; quick fingers do not flood the screen."""
        now = self.clock.time()
        if sentence not in self._said and not self._said_at <= now < self._said_at + QUIET:
            self._said.add(sentence)
            self._said_at = now
            self.notify(sentence, markup=False, timeout=3)

    @property
    def commands_everywhere(self) -> Iterable[type[Command[Any]]]:
        """What works on every screen."""
        return APPLICATION_COMMANDS

    def commands_here(self) -> Iterable[type[Command[Any]]]:
        """The commands of the screen on top, then those of the app."""
        return self.commands_of(self.screen)

    def commands_of(self, screen: Screen[Any]) -> Iterable[type[Command[Any]]]:
        """The commands of a screen, then those of the app."""
        own = screen.COMMANDS_OF_SCREEN if isinstance(screen, KwatchScreen) else ()
        return (*own, *APPLICATION_COMMANDS)

    def action_run_command(self, command_id: str) -> None:
        """What every command's key is bound to."""
        self.run_command_by_id(command_id)

    def run_command_by_id(self, command_id: str) -> None:
        """Run a command of the screen on top, or of the app, if it is available."""
        if not self._is_ready:
            return
        for command in self.commands_here():
            if command.id == command_id:
                deed = command()
                if deed.available(self.screen):
                    deed.run(self.screen)
                    self._show_hints()
                return

    def _show_hints(self) -> None:
        """Much of what a key does is undone by the same key."""
        if isinstance(self.screen, KwatchScreen) and self.screen.is_ready:
            self.screen.show_hints()

    async def _on_key(self, event: Key) -> None:
        """A key that nobody took: what it is bound to, else a sentence, once."""
        event.prevent_default()
        if await self._check_bindings(event.key) or isinstance(self.focused, Input):
            return
        if isinstance(self.screen, KwatchScreen) and self.screen.is_ready:
            self.say_once(of_unused_key(event.key, self.commands_here(), self.keys_in_force))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of commands that make no sense now do nothing."""
        if action != "run_command":
            return True
        here = self.commands_here() if self._is_ready else ()
        return any(each.id == parameters[0] and each().available(self.screen) for each in here)

    @property
    def _is_ready(self) -> bool:
        return isinstance(self.screen, KwatchScreen) and self.screen.is_ready

    def use_theme(self, name: str) -> None:
        """Change the theme; a broken one is told and changes nothing."""
        theme, problem = self.theme_store.load_or_default(name)
        if problem:
            self.notify(problem, severity="warning", markup=False)
            return
        self.wear(theme)

    def wear(self, theme: Theme) -> None:
        """Change to a theme that was read."""
        self.register_theme(theme)
        self.theme = theme.name

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
        super().notify(
            printable_lines(message), title=printable(title), severity=severity, timeout=timeout, markup=False
        )

    def copy_to_clipboard(self, text: str) -> None:
        """Put lines into the clipboard, safe to be pasted into a terminal."""
        super().copy_to_clipboard(printable_lines(text))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every widget's every line goes through; what is safe to print is decided last."""
        of_256 = [OF_256] if self.console.color_system == "256" and not self.no_color else []
        return [*super().get_line_filters(), *of_256, ONLY_PRINTABLE]

    def on_notice(self, message: Notice) -> None:
        """Something that went on in the background has ended."""
        self.notify(message.text, severity=message.severity, markup=False)

    def use_settings(self, settings: Settings) -> None:
        """Take over other settings; the theme is not changed by this."""
        self.settings = settings
        self.keys_in_force = KeysInForce(settings.keys)
        self.set_keymap(settings.keys)
        for screen in self.screen_stack:
            if isinstance(screen, KwatchScreen):
                screen.use_settings()

    def _follow_settings(self, path: Path) -> None:
        from kwatch.tui.saved_settings import SavedSettings

        self._saved = SavedSettings(self, path)
        self._saved.follow()

    def on_settings_saved(self, message: SettingsSaved) -> None:
        """The files were read, beside the screen."""
        if self._saved is not None:
            self._saved.apply(message.news)

    def on_unmount(self) -> None:
        """The files are looked at no more."""
        if self._saved is not None:
            self._saved.close()

    def set_timer(self, *arguments: Any, **named: Any) -> Timer:
        """The toolkit takes a short timer that begins late for one that is over: it followed no size any more."""
        timer = super().set_timer(*arguments, **named)
        timer._skip = False
        return timer

    @property
    def is_asked_to_end(self) -> bool:
        """Whether somebody said `exit`."""
        return self._exit

    def exit(self, *arguments: Any, **named: Any) -> None:
        """End, in order if possible."""
        super().exit(*arguments, **named)
        self.on_exit()

    def _handle_exception(self, error: Exception) -> None:
        """End; whoever runs the app tells of it, when the terminal is as it was."""
        self._return_code = 1
        if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
            error = error.error
        if self._exception is None:
            self.mistake = self._exception = error
            self.screens_then = tuple(type(screen).__name__ for screen in self.screen_stack)
            self._exception_event.set()
        self._close_messages_no_wait()
        self.on_exit()

    def _connect(self) -> None:
        self.switch_session(None)

    def _use_theme(self) -> None:
        self._palette = None
        for screen in self.screen_stack:
            if isinstance(screen, KwatchScreen):
                screen.apply_palette(self.palette)

    def _beat(self) -> None:
        """Every screen of the stack: what lies below a list may be seen around it."""
        now = self.clock.time()
        for screen in self.screen_stack:
            if isinstance(screen, KwatchScreen) and screen.is_ready:
                screen.tick(now)
        if not self._is_preloaded and self._is_quiet:
            self._is_preloaded = True
            spawn("kwatch-preload", lambda: preload(self.has_ended))

    @property
    def _is_quiet(self) -> bool:
        """Whether the first lists are there, and no key waits."""
        informers = self._session.informers() if self._session is not None else ()
        return bool(informers) and all(each.informer.status.synced for each in informers) and not self.key_order.waiting


def _report_callback(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    report("the event loop", error if isinstance(error, BaseException) else RuntimeError(context.get("message", "")))
