"""The app: what it draws with, the order of keys, and the tick that carries changes to the screens."""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.events import Event, Key, Paste
from textual.message import Message
from textual.widgets import Input
from textual.worker import WorkerFailed

from kwatch.base.limits import LIMIT
from kwatch.base.threads import guard, report, spawn
from kwatch.config.prompt_history import PromptHistory
from kwatch.config.saved_views import SavedViews
from kwatch.config.settings import Settings
from kwatch.informer.clock import Clock
from kwatch.tui.base_app import Application, Notice
from kwatch.tui.commands.command import bindings
from kwatch.tui.commands.command_line import run_hotkey
from kwatch.tui.commands.everywhere import APPLICATION_COMMANDS, QUIT
from kwatch.tui.features.object.tabs import preload
from kwatch.tui.key_order import KeyOrder
from kwatch.tui.keys import of_unused_key, wish_of
from kwatch.tui.kit.widgets.bar import ONLY_PRINTABLE
from kwatch.tui.kit.widgets.prompt import LONGEST_LINE
from kwatch.tui.kwatch_screen import KwatchScreen
from kwatch.tui.location import StartView
from kwatch.tui.navigation import make_screen
from kwatch.tui.terminal.driver import Terminal, TerminalDriver
from kwatch.tui.themes import OF_256

if TYPE_CHECKING:
    from textual.filter import LineFilter
    from textual.screen import Screen
    from textual.timer import Timer

    from kwatch.session.memory import Economy
    from kwatch.session.session import Session
    from kwatch.tui.features.table.table_screen import TableScreen
    from kwatch.tui.settings_reload import SavedSettings, SettingsSaved

FASTEST = 0.05
"""Seconds between two ticks while a screen is busy, or somebody is at the keys."""
PACE = 0.1
"""Seconds between two ticks for what changes by itself: ten pictures a second are enough to watch."""
SLOWEST = 1.0
"""Seconds between two ticks when nothing happens at all."""
ATTENTION = 1.0
"""Seconds after a key: what it began in the background may have an answer soon."""
LONGEST_PASTE = LONGEST_LINE // 2


class Ticks:
    """Calls `tick` as rarely as possible: it returns after how many seconds it wants to be called again. `wake` calls
    it sooner, every PACE seconds at most; after `attend` it is called every FASTEST seconds for a while.

    All on the loop's thread, but `wake`.
    """

    def __init__(self, tick: Callable[[], float], on_mistake: Callable[[Exception], object]) -> None:
        self._tick = tick
        self._on_mistake = on_mistake
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context = contextvars.copy_context()
        self._timer: asyncio.TimerHandle | None = None
        self._ended_at = self._attentive_until = 0.0
        """By the loop's clock."""
        self._is_woken = False

    def start(self) -> None:
        """In the app's context: what a tick posts is posted by the app."""
        self._loop, self._context = asyncio.get_running_loop(), contextvars.copy_context()
        self._call_at(self._loop.time())

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._loop = self._timer = None

    def wake(self) -> None:
        """Something changed; from any thread, and cheap when it is said already."""
        loop = self._loop
        if loop is None or self._is_woken:
            return
        self._is_woken = True
        with suppress(RuntimeError):  # the loop is closed: nobody looks any more
            loop.call_soon_threadsafe(self._hear)

    def attend(self) -> None:
        """Somebody is at the keys."""
        if self._loop is not None:
            self._attentive_until = self._loop.time() + ATTENTION
            self._call_at(self._ended_at + FASTEST)

    @property
    def is_attentive(self) -> bool:
        """Whether somebody was at the keys just now. From any thread."""
        return self._loop is not None and self._loop.time() < self._attentive_until

    def _hear(self) -> None:
        self._call_at(self._ended_at + PACE)

    def _call_at(self, when: float) -> None:
        """At that time, or when it was to be anyhow."""
        if self._loop is None or (self._timer is not None and self._timer.when() <= when):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._run, context=self._context)

    def _run(self) -> None:
        loop, self._timer = self._loop, None
        if loop is None:
            return
        began = loop.time()
        self._is_woken = False  # before the look: what changes during it is looked at the next time
        try:
            wait = self._tick()
        except Exception as error:  # noqa: BLE001 - as the toolkit does with what its own timers call
            self._on_mistake(error)
            return
        self._ended_at = now = loop.time()
        if now < self._attentive_until:
            wait = 0.0
        # A tick that takes long leaves as much time to the keys.
        self._call_at(max(began + max(FASTEST, wait), 2 * now - began))


class KwatchApp(Application):
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
        kubectl_flags: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        # An empty NO_COLOR means nothing; the toolkit takes its presence for a yes.
        no_color = bool(os.environ.get("NO_COLOR"))
        if not no_color:
            os.environ.pop("NO_COLOR", None)
        super().__init__(
            open_session,
            start,
            settings,
            banner=banner,
            clock=clock,
            views=views,
            prompt_history=prompt_history,
            no_color=no_color,
        )
        self.terminal = terminal or Terminal()
        self.kubectl_flags = kubectl_flags
        self.on_exit: Callable[[], object] = lambda: None
        """Called when it is to end; the terminal's driver makes sure that it does, and waits for `has_ended`."""
        self.has_ended = threading.Event()
        self._ticks = Ticks(self._tick, self._handle_exception)
        self.wake = self._ticks.wake
        self.key_order = KeyOrder(
            self, super().post_message, self._tick, quits=lambda key: key in self.keys_in_force.keys(QUIT)
        )
        self._settings_file = settings_file
        self._is_preloaded = False
        self._saved: SavedSettings | None = None
        self._economy: Economy | None = None
        self.mistake: Exception | None = None
        """What nobody foresaw, and ended the app."""
        self.screens_then: tuple[str, ...] = ()
        theme, self._problem = self.theme_store.load_at_start(settings.theme)
        self.wear(theme)
        self.set_keymap(settings.keys)

    def get_driver_class(self) -> type[Driver]:
        return TerminalDriver

    def get_default_screen(self) -> Screen[Any]:
        return make_screen("table")

    @property
    def home(self) -> TableScreen:
        """The table, wherever one is."""
        from kwatch.tui.features.table.table_screen import TableScreen

        screen = self.screen_stack[0]
        assert isinstance(screen, TableScreen)
        return screen

    def post_message(self, message: Message) -> bool:
        """Post it; what was typed in its turn."""
        if KeyOrder.takes(message):
            if isinstance(message, Paste) and len(message.text) > LONGEST_PASTE:
                self.notify(f"The text was cut to {LONGEST_PASTE:,} characters.", severity="warning", markup=False)
                message = Paste(message.text[:LONGEST_PASTE])
            self.key_order.add(message)
            self._ticks.attend()
            return True
        return super().post_message(message)

    def on_mount(self) -> None:
        """Everything that needs threads begins here, after the frame is on screen."""
        # The toolkit swallows what escapes from here, and the loop prints over the screen what escapes from a callback.
        self.theme_changed_signal.subscribe(self, lambda theme: guard("the change of theme", self._use_theme))
        asyncio.get_running_loop().set_exception_handler(_report_callback)
        self._ticks.start()
        self.call_after_refresh(self._connect)
        if self.settings.hooks:
            self.call_after_refresh(self.use_hooks)
        if self._problem:
            self.notify(self._problem, severity="warning", markup=False)
        if self._settings_file is not None:
            self.call_after_refresh(self._follow_settings, self._settings_file)

    def action_run_command(self, command_id: str) -> None:
        self.run_command_by_id(command_id)

    def run_command_by_id(self, command_id: str) -> None:
        """Run a command of the screen on top, or of the app, if it is available."""
        if not self._is_ready:
            return
        command = next((each for each in self.commands_here() if each.id == command_id), None)
        if command is not None and command.is_available(self.screen):
            command.run_on(self.screen)
            if isinstance(self.screen, KwatchScreen) and self.screen.is_ready:
                self.screen.show_hints()  # much of what a key does is undone by the same key

    async def on_event(self, event: Event) -> None:
        """What a key does at once is seen at once."""
        if isinstance(event, Key) and not event.is_forwarded:
            self.wish_before, self.wish = self.wish, ()
        await super().on_event(event)
        if isinstance(event, Key):
            self._draw_now()

    async def _on_key(self, event: Key) -> None:
        """A key that nobody took: what it is bound to, else a sentence, once."""
        event.prevent_default()
        if await self._check_bindings(event.key) or isinstance(self.focused, Input):
            return
        if self._is_ready and not run_hotkey(self.screen, event.key):
            self.wish = wish_of(event.key)
            self.say_once(of_unused_key(event.key, self.commands_here(), self.keys_in_force))

    def _draw_now(self) -> None:
        screen = self.screen_stack[-1] if self.screen_stack else None
        if isinstance(screen, KwatchScreen):
            screen.draw_now()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of commands that make no sense now do nothing."""
        if action != "run_command":
            return True
        here = self.commands_here() if self._is_ready else ()
        return any(each.id == parameters[0] and each.is_available(self.screen) for each in here)

    @property
    def _is_ready(self) -> bool:
        return isinstance(self.screen, KwatchScreen) and self.screen.is_ready

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every widget's every line goes through; what is safe to print is decided last."""
        of_256 = [OF_256] if self.console.color_system == "256" and not self.no_color else []
        return [*super().get_line_filters(), *of_256, *self.plain_filters, ONLY_PRINTABLE]

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        """The toolkit takes what lies below a screen that hides it for seen, and repaints the one for the other."""
        return [] if self.screen.styles.background.a == 1 else super()._background_screens

    def on_notice(self, message: Notice) -> None:
        """Something that went on in the background has ended."""
        self.notify(message.text, severity=message.severity, markup=False)
        if message.rings:
            self.ring(message.text)

    def use_settings(self, settings: Settings) -> None:
        """Take over other settings; the theme is not changed by this."""
        super().use_settings(settings)
        for screen in self._screens():
            screen.use_settings()

    def _follow_settings(self, path: Path) -> None:
        from kwatch.tui.settings_reload import SavedSettings

        self._saved = SavedSettings(self, path)
        self._saved.follow()

    def on_settings_saved(self, message: SettingsSaved) -> None:
        """The files were read, beside the screen."""
        if self._saved is not None:
            self._saved.apply(message.news)

    def on_unmount(self) -> None:
        self._ticks.stop()
        if self.hooks is not None:
            self.hooks.close()
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
        """End; what runs the app tells of it, when the terminal is as it was."""
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
        self.show_contexts(self.start.contexts or (None,))

    def _use_theme(self) -> None:
        self._palette = None
        for screen in self._screens():
            screen.apply_palette(self.palette)

    def _tick(self) -> float:
        """Every screen of the stack: what lies below a list may be seen around it. The seconds until the next tick."""
        now, wait = self.clock.time(), SLOWEST
        for screen in self._screens():
            if screen.is_ready:
                screen.tick(now)
                wait = min(wait, screen.next_tick(now))
        self.open_sessions.close_cold()
        if LIMIT.bytes:
            self._stay_below_limit(now)
        if not self._is_preloaded and self._is_quiet:
            self._is_preloaded = True
            spawn("kwatch-preload", lambda: preload(self.has_ended, lambda: self.is_attentive))
        return wait

    def _stay_below_limit(self, now: float) -> None:
        if self._economy is None:
            from kwatch.session.memory import Economy

            self._economy = Economy()
        journal = self.session.journal if self.session is not None else None
        give_up = self.open_sessions.give_up_background
        sentence = self._economy.look(journal, lambda: self.home.all_rows, now, give_up)
        if sentence:
            self.notify(sentence, severity="warning", markup=False)

    @property
    def is_attentive(self) -> bool:
        return self._ticks.is_attentive

    @property
    def _is_quiet(self) -> bool:
        """Whether the first lists are there, or do not come, and no key waits."""
        statuses = [each.informer.status for session in self.open_sessions.all for each in session.informers()]
        settled = all(each.synced or each.last_error is not None for each in statuses)
        return bool(statuses) and settled and not self.key_order.waiting

    def _screens(self) -> Iterator[KwatchScreen[Any]]:
        return (screen for screen in self.screen_stack if isinstance(screen, KwatchScreen))


def _report_callback(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    report("the event loop", error if isinstance(error, BaseException) else RuntimeError(context.get("message", "")))
