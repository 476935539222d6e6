"""The terminal that the app draws on and hears: its modes, the threads that write and read, stopping and going on."""

from __future__ import annotations

import contextvars
import logging
import os
import signal
import sys
import termios
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from textual import events
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message
from textual.widgets import Input

from kwatch.tui.terminal.keyboard import ASK_LIGHT_OR_DARK, TELL_LIGHT_OR_DARK, TELL_NO_MORE, Keyboard
from kwatch.tui.terminal.streams import HANGUP, Reader, Writer, end_on_signals, end_unless

if TYPE_CHECKING:
    from kwatch.tui.key_order import KeyOrder
    from kwatch.tui.keys import KeysInForce

log = logging.getLogger("kwatch.terminal")

MOST_WAITING = 256
"""Keys. What is read further waits as it is until these are worked on, so that a whole book can be pasted."""
LONGEST_END = 10.0
"""Seconds that an app has to end, or to answer Ctrl-C."""
STUCK = 1
"""The exit code if it does not."""
_PATIENCE = 3.0
"""Seconds for a terminal that takes little to take the last."""

_ALTERNATE_SCREEN = "\x1b[?1049h"
_ENTER = (
    "\x1b[?25l"  # no cursor
    "\x1b[?7l"  # no wrapping
    "\x1b[8l"  # no reordering of a line for a right-to-left text in one of its cells: columns stay straight
    "\x1b[?1004h"  # report the focus
    "\x1b[?2004h"  # mark what is pasted
    "\x1b[?2026$p" + ASK_LIGHT_OR_DARK + TELL_LIGHT_OR_DARK  # are updates without flicker known?
)
_CURSOR_ON = "\x1b[?25h"
_MOUSE_ON = "\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h"
_MOUSE_OFF = "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"
_KEYBOARD = 1 | 8 | 16
"""Kitty's protocol: every key unmistakable, with its text."""
_LEAVE = (
    "\x1b[?2026l"  # an update that was begun
    + TELL_NO_MORE
    + "\x1b[?2004l\x1b[?1004l\x1b[8h\x1b[?7h"
    + _MOUSE_OFF
    + "\x1b[<u"  # the keyboard as it was
    "\x1b[0m\x1b[?1049l\x1b[?25h"
)
_CANCEL = "\x18\x1b\\"
"""Ends whatever sequence was cut off."""
_AFRESH = "\x1b[0m\x1b[2J"


class NoTerminal(Exception):
    """There is none to read keys from; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """File descriptors: where keys come from, and what is drawn on."""

    keys: int = 0
    screen: int = 1


def open_terminal() -> Terminal:
    """Draw on stdout, hear stdin; where that is no terminal, as under xargs, the one that the process belongs to.

    Raise NoTerminal.
    """
    if os.isatty(0):
        return Terminal()
    try:
        return Terminal(keys=os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        raise NoTerminal(
            "there is no terminal to read keys from: stdin is none, and there is no /dev/tty; "
            "a stream needs none, add e.g. -o wide"
        ) from None


class TerminalApp(Protocol):
    """What the driver asks of the app, beside what every app of the toolkit has."""

    terminal: Terminal
    repaint: Callable[[], object]
    ring: Callable[[str], object]
    on_exit: Callable[[], object]
    has_ended: threading.Event
    is_plain: bool
    keys_in_force: KeysInForce
    key_order: KeyOrder


class TerminalDriver(Driver):
    """What the toolkit asks of a terminal. Its own driver reads strictly, writes to stderr, waits for the terminal in
    the app's thread, and comes back from a stop to an empty screen.
    """

    def __init__(
        self, app: Any, *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._kwatch = cast("TerminalApp", app)
        self._terminal = self._kwatch.terminal
        self._kwatch.repaint = self.repaint
        self._kwatch.ring = self.ring
        self._context = contextvars.copy_context()
        self._writer: Writer | None = None
        self._reader: Reader | None = None
        self._attributes: list[Any] | None = None
        """The terminal's own, to be put back; None while they are in force."""
        self._is_entered = False
        self._kwatch.on_exit = self._expect_end
        self._read: list[Message] = []
        self._posted = threading.Event()
        """Whether the loop has taken what was read."""
        self._posted.set()
        self._asked_to_end = threading.Event()

    @property
    def can_suspend(self) -> bool:
        return True

    def write(self, data: str) -> None:
        """Never waits; while the app is stopped it is not the app's terminal."""
        if self._writer is not None and self._is_entered:
            self._writer.write(data)

    def start_application_mode(self) -> None:
        self._hear_signals()
        self._enter()
        self._reader = self._reading()
        self._send_size()

    def disable_input(self) -> None:
        """Stop reading; what was typed meanwhile is dropped."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.end()
            with suppress(termios.error):
                termios.tcflush(self._terminal.keys, termios.TCIFLUSH)

    def stop_application_mode(self) -> None:
        self.disable_input()
        self._leave()

    def close(self) -> None:
        self.disable_input()
        self._leave()

    def ring(self, text: str) -> None:
        """The terminal's bell, and a word for the desktop where the terminal knows one."""
        from kwatch.session.hook_actions import notification

        self.write(notification(text, os.environ))

    def repaint(self) -> None:
        """Draw everything from scratch, over what other programs have drawn."""
        self._enter()
        self._send_size()
        self._draw()

    def _draw(self) -> None:
        for screen in self._app.screen_stack[-1:]:
            screen.refresh()

    def send_message(self, message: Message) -> None:
        """Collect; what was read together is handed on together."""
        self._read.append(message)

    def process_message(self, message: Message) -> None:
        """Hand on what happened; not what happened beside the screen, as when it just became smaller."""
        if isinstance(message, events.MouseEvent):
            width, height = self._app.size
            if not (0 <= message.x < width and 0 <= message.y < height):
                return
        super().process_message(message)

    # Modes

    def _enter(self) -> None:
        """Put the terminal into the app's modes, if it is ours to use now; again after other programs used it."""
        again, self._is_entered = self._is_entered, True
        if self._writer is None:
            self._writer = Writer(self._terminal.screen, self._gone, self._in_loop(self._draw), self._failed)
        if self._attributes is None:
            with suppress(termios.error):
                self._attributes = termios.tcgetattr(self._terminal.keys)
        if self._attributes is not None:
            with suppress(termios.error):
                termios.tcsetattr(self._terminal.keys, termios.TCSANOW, _raw(self._attributes))
        # The keyboard's protocol is pushed once, and then set.
        keyboard = f"\x1b[={_KEYBOARD};1u" if again else f"\x1b[>{_KEYBOARD}u"
        mouse = _MOUSE_ON if self._mouse else ""
        mouse += _CURSOR_ON if self._kwatch.is_plain else ""
        self._writer.write(_ALTERNATE_SCREEN + _ENTER + mouse + keyboard + _AFRESH, always=True)

    def _leave(self) -> None:
        if not self._is_entered:
            return
        self._is_entered = False
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.write(_LEAVE, always=True)
            if not writer.end():
                # It takes little or nothing: what it has not shown yet is dropped, so that it gets at least this.
                with suppress(termios.error):
                    termios.tcflush(self._terminal.screen, termios.TCOFLUSH)
                writer.end_with(_CANCEL + _LEAVE, _PATIENCE)
        self._restore_attributes()

    def _restore_attributes(self) -> None:
        attributes, self._attributes = self._attributes, None
        if attributes is None or self._is_in_background():
            return  # in the background it belongs to another program, with that program's modes
        with suppress(termios.error):
            termios.tcsetattr(self._terminal.keys, termios.TCSANOW, attributes)

    def _expect_end(self) -> None:
        """What the app waits for when it closes may never end."""
        end_unless(self._kwatch.has_ended, self._give_up, STUCK, LONGEST_END)

    def _give_up(self) -> None:
        """The app hangs: log where, and end it."""
        frame = sys._current_frames().get(threading.main_thread().ident or 0)
        log.error("it hangs and is ended, at:\n%s", "".join(traceback.format_stack(frame)))
        self._abandon()
        with suppress(OSError):
            os.write(2, f"kwatch: it did not answer for {LONGEST_END:.0f} s, and was ended\r\n".encode())

    def _abandon(self) -> None:
        """The app cannot leave any more, or not in time: put everything back without it. Called in another thread."""
        if not self._is_entered and self._attributes is None:
            return  # it has left
        self._restore_attributes()
        with suppress(OSError, termios.error):
            termios.tcflush(self._terminal.screen, termios.TCOFLUSH)
            os.set_blocking(self._terminal.screen, False)
            os.write(self._terminal.screen, _LEAVE.encode())

    # Signals

    def _hear_signals(self) -> None:
        with suppress(NotImplementedError, RuntimeError, ValueError):  # no signals here: not the main thread
            self._asked_to_end = end_on_signals(self._end, self._abandon)
            self._loop.add_signal_handler(signal.SIGWINCH, self._resized)
            self._loop.add_signal_handler(signal.SIGTSTP, self._stop)
            self._loop.add_signal_handler(signal.SIGCONT, self._go_on)

    def _resized(self) -> None:
        """The terminal may have become smaller and larger again: what was cut off is to be drawn, at any size."""
        self._send_size()
        self._draw()

    def _stop(self) -> None:
        """Stop like any program: with the terminal as it was."""
        self._leave()
        os.kill(os.getpid(), signal.SIGSTOP)

    def _go_on(self) -> None:
        """The shell says to go on; it had the terminal meanwhile, and has it still if that was said with `bg`."""
        while self._is_in_background() and not self._asked_to_end.is_set():
            os.kill(os.getpid(), signal.SIGSTOP)
        if not self._asked_to_end.is_set():
            self.repaint()

    def _is_in_background(self) -> bool:
        try:
            return os.tcgetpgrp(self._terminal.keys) != os.getpgrp()
        except OSError:
            return False  # it is not the terminal of this session: no other job uses it

    def _end(self, code: int) -> None:
        self._in_loop(lambda: self._app.exit(code))()

    def _gone(self) -> None:
        """Nothing can be read or written any more."""
        if self._is_entered:
            self._end(HANGUP)

    def _failed(self, error: BaseException) -> None:
        """A mistake in a thread: without it the app can neither hear nor be seen."""
        mistake = error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
        self._in_loop(lambda: self._app._handle_exception(mistake))()

    def _in_loop(self, work: Callable[[], object]) -> Callable[[], None]:
        """To be called from any thread."""

        def call() -> None:
            with suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(work, context=self._context)

        return call

    def _send_size(self) -> None:
        try:
            width, height = os.get_terminal_size(self._terminal.screen)
        except OSError:
            width = height = 0
        # Serial lines and some containers do not know.
        size = Size(width or _number("COLUMNS", 80), height or _number("LINES", 24))
        self._size = (size.width, size.height)
        self._app.post_message(events.Resize(size, size))

    # Keys

    def _reading(self) -> Reader:
        keyboard = Keyboard(lambda key: self._kwatch.keys_in_force.is_bound(key), self._is_typing)
        return Reader(
            self._terminal.keys,
            keyboard,
            hand_on=self._hand_on,
            is_crowded=self._is_crowded,
            on_interrupt=lambda: self._hand_on([events.Key("ctrl+c", "\x03")]),
            on_gone=self._gone,
            on_crash=self._failed,
        )

    def _is_typing(self) -> bool:
        on_top = self._app.screen_stack[-1:]
        return self._kwatch.key_order.is_settled and any(isinstance(screen.focused, Input) for screen in on_top)

    def _hand_on(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self.process_message(message)
        read, self._read = self._read, []
        if not read:
            return
        posted = self._posted = threading.Event()
        self._in_loop(lambda: self._post(read, posted))()
        if any(isinstance(each, events.Key) and each.key == "ctrl+c" for each in read):
            end_unless(posted, self._give_up, STUCK, LONGEST_END)

    def _post(self, read: Sequence[Message], posted: threading.Event) -> None:
        for message in read:
            self._app.post_message(message)
        posted.set()

    def _is_crowded(self) -> bool:
        """Whether more than enough waits, or the loop is held up."""
        return not self._posted.is_set() or self._kwatch.key_order.waiting > MOST_WAITING


def _raw(attributes: Sequence[Any]) -> list[Any]:
    """Every key is read at once and as it is, nothing is echoed, and no key is a signal."""
    input_flags, output_flags, control_flags, local_flags, *speeds, characters = attributes
    input_flags &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP)
    local_flags &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    characters = list(characters)
    characters[termios.VMIN], characters[termios.VTIME] = 1, 0
    return [input_flags, output_flags, control_flags, local_flags, *speeds, characters]


def _number(variable: str, otherwise: int) -> int:
    text = os.environ.get(variable, "")
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 10_000 else otherwise
