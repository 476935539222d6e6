"""Bytes from a terminal as keys, pastes and moves of the mouse; what is none of these is left out, and never an end."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

from textual import events, messages
from textual._xterm_parser import _MAX_SEQUENCE_SEARCH_THRESHOLD, XTermParser
from textual.message import Message

ASK_LIGHT_OR_DARK = "\x1b[?996n"
"""Some terminals answer; those that do not know it say nothing, and nobody waits for them."""
TELL_LIGHT_OR_DARK, TELL_NO_MORE = "\x1b[?2031h", "\x1b[?2031l"
"""Also when it becomes another."""
_LIGHT_OR_DARK = re.compile(rb"\x1b\[\?997;([12])n")
ESCAPE_DELAY = 0.1
"""Seconds after which an Escape was the key, and not the beginning of something longer."""
SEQUENCE_DELAY = 1.0
"""Seconds after which the rest of a sequence, which no finger typed, does not come any more."""
LONGEST_SEQUENCE = 256
"""Bytes; the longest are of input methods, which send several characters at once."""
LONGEST_PASTE = 1 << 20
"""Bytes; what is more is dropped."""

_MOVING = ("b", "f", "\x7f")
"""What some terminals send after an Escape for Alt with an arrow to the left, to the right, and with backspace."""
_PASTE = b"\x1b[200~"
_PASTE_END = b"\x1b[201~"
_WHOLE = re.compile(
    rb"""
      \x1b\[M(?P<x10>[\s\S]{3})             # the mouse, as X10 reports it: three bytes, any bytes
    | \x1b\[(?P<urxvt>\d{1,4};\d{1,5};\d{1,5})M  # the mouse, as urxvt reports it
    | \x1b\[\[[A-E]                         # a function key of the Linux console
    | \x1b\[\d+\$                           # a shifted key of rxvt
    | \x1b\[(?![M\[])[0-?-]*[ -/]*[@-~]     # any other control sequence; some terminals send minus signs
    | \x1bO[@-~]                            # a key of the keypad
    """,
    re.VERBOSE,
)
_PART = re.compile(rb"\x1b(?:\[(?:M[\s\S]{0,2}|\[|[0-?-]*[ -/]*)|O|[\]P_])?\Z")
"""What may still become one of those, or a string."""
_STRING = re.compile(rb"\x1b(?:\][0-9lLI]|P[0-9>!=+$|]|_G)")
"""How an answer begins that was not asked for: an operating system command, a device control string."""
_STRING_END = re.compile(rb"\x07|\x1b\\")
_BEGUN = re.compile(rb"\x1b\[[0-?-]*[ -/]*")
_SEQUENCE_END = re.compile(rb"[@-~]")
_WINDOW_REPORT = re.compile(r"\x1b\[[\d;:]*t")
_OTHER_BUTTON = re.compile(r"\x1b\[<(?:12[89]|1[3-9]\d|[2-9]\d\d|\d{4,});")
"""The mouse's buttons beyond the wheel."""
_WANTED = (events.InputEvent, events.AppFocus, events.AppBlur, messages.TerminalSupportsSynchronizedOutput)


class LightOrDark(Message):
    """The terminal says which it is."""

    def __init__(self, *, is_light: bool) -> None:
        super().__init__()
        self.is_light = is_light


class Keyboard:
    """Feed it what was read; used by one thread. Times in seconds, of any clock that only goes forward.

    The toolkit's parser says what a sequence means. It gets each one whole, never half or broken, and no paste: so it
    cannot stop in the middle, wait for ever, or take an answer of the terminal for typed letters.
    """

    def __init__(
        self, is_bound: Callable[[str], bool] = lambda key: False, is_typing: Callable[[], bool] = lambda: False
    ) -> None:
        """`is_bound` tells whether a key like `alt+x` does something: else Escape and x were typed, and came together,
        as on a slow line. Only while a line `is_typing` and nothing else came, Alt with an arrow may be what it was:
        some terminals send Escape and b for it.
        """
        self._is_bound = is_bound
        self._is_typing = is_typing
        self._is_alone = False
        """Whether two bytes were read, and nothing else."""
        self._parser = XTermParser()
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = b""
        """The beginning of a sequence."""
        self._left_out_until: re.Pattern[bytes] | None = None
        self._pasted: bytearray | None = None
        self._found: list[Message] = []
        self._last = 0.0

    @property
    def waits(self) -> bool:
        """Whether `tick` has something to decide once nothing came for a while."""
        half = self._held or self._text.getstate()[0]
        return bool(half) or self._left_out_until is not None or self._pasted is not None

    def feed(self, data: bytes, now: float) -> list[Message]:
        """What the bytes say."""
        self._last = now
        self._is_alone = len(data) == 2
        data, self._held = self._held + data, b""
        while data:
            if self._pasted is not None:
                data = self._paste(self._pasted, data)
            elif self._left_out_until is not None:
                data = self._leave_out(self._left_out_until, data)
            else:
                data = self._next(data)
        return self._take()

    def tick(self, now: float) -> list[Message]:
        """What it means that nothing came since."""
        silent = now - self._last
        if silent >= ESCAPE_DELAY:
            self._parse(self._text.decode(b"", final=True))
        if self._held and silent >= (ESCAPE_DELAY if len(self._held) <= 2 else SEQUENCE_DELAY):
            held, self._held = self._held, b""
            if len(held) <= 2:
                self._typed(held)
        if silent >= SEQUENCE_DELAY:
            self._left_out_until = None
            if self._pasted is not None:
                self._end_paste(self._pasted)
        return self._take()

    def _next(self, data: bytes) -> bytes:
        """Understand the beginning; the rest."""
        escape = data.find(b"\x1b")
        if escape != 0:
            end = escape if escape > 0 else len(data)
            self._parse(self._text.decode(data[:end], final=escape > 0))
            return data[end:]
        self._parse(self._text.decode(b"", final=True))
        whole = _WHOLE.match(data)
        if whole is not None:
            self._sequence(whole)
            return data[whole.end() :]
        if _STRING.match(data):
            self._left_out_until = _STRING_END
            return data[2:]
        if _PART.match(data):
            if len(data) > LONGEST_SEQUENCE:
                self._left_out_until = _SEQUENCE_END
            else:
                self._held = data
            return b""
        begun = _BEGUN.match(data)
        if begun is not None:  # and broken off, by what belongs in none
            return data[begun.end() :]
        length = 1 if data[1:2] == b"\x1b" or not data[1:2].isascii() else 2
        self._typed(data[:length])
        return data[length:]

    def _sequence(self, whole: re.Match[bytes]) -> None:
        said = _LIGHT_OR_DARK.fullmatch(whole[0])
        if said is not None:
            self._found.append(LightOrDark(is_light=said[1] == b"2"))
        elif whole[0] == _PASTE:
            self._pasted = bytearray()
        elif whole["x10"] is not None:
            self._mouse(*(byte - 32 for byte in whole["x10"]))
        elif whole["urxvt"] is not None:
            button, column, row = map(int, whole["urxvt"].split(b";"))
            self._mouse(button - 32, column, row)
        else:
            self._parse(whole[0][:LONGEST_SEQUENCE].decode("ascii"))

    def _mouse(self, button: int, column: int, row: int) -> None:
        """As the newer protocol says it, which the parser knows. The older ones do not say which button went up."""
        if button < 0 or column < 1 or row < 1:
            return
        let_go = button & 3 == 3 and not button & (32 | 64)
        self._parse(f"\x1b[<{button - 3 if let_go else button};{column};{row}{'m' if let_go else 'M'}")

    def _typed(self, keys: bytes) -> None:
        """Escape, and perhaps a key right behind it."""
        follows = keys[1:].decode("ascii")
        if follows:
            for key in self._parser._sequence_to_key_events(follows, alt=True):
                if self._is_bound(key.key):
                    self._found.append(key)
                    return
        if follows in _MOVING and self._is_alone and self._is_typing():
            self._found += self._parser._sequence_to_key_events(keys.decode("ascii"))
            return
        self._found.append(events.Key("escape", "\x1b"))
        self._parse(follows)

    def _parse(self, text: str) -> None:
        if not text or _WINDOW_REPORT.fullmatch(text) or _OTHER_BUTTON.match(text):
            return
        # The parser itself gives up on a sequence that is longer than any key of most terminals.
        is_long = text.startswith("\x1b") and len(text) > _MAX_SEQUENCE_SEARCH_THRESHOLD
        read = self._parser._sequence_to_key_events if is_long else self._parser.feed
        try:
            for message in read(text):
                if isinstance(message, _WANTED):
                    self._found.append(message)
        except (ValueError, ArithmeticError, LookupError):  # numbers that are none, or are too large
            self._begin_anew()
        if self._parser._awaiting.timeout is not None:  # a whole sequence that it does not know
            self._begin_anew()

    def _begin_anew(self) -> None:
        old, self._parser = self._parser, XTermParser()
        self._parser.last_x, self._parser.last_y = old.last_x, old.last_y

    def _paste(self, pasted: bytearray, data: bytes) -> bytes:
        searched = max(0, len(pasted) - len(_PASTE_END))
        pasted += data
        end = pasted.find(_PASTE_END, searched)
        if end < 0:
            del pasted[LONGEST_PASTE : -len(_PASTE_END)]
            return b""
        rest = bytes(pasted[end + len(_PASTE_END) :])
        del pasted[end:]
        self._end_paste(pasted)
        return rest

    def _end_paste(self, pasted: bytearray) -> None:
        self._pasted = None
        text = pasted.decode("utf-8", "replace")
        self._found.append(events.Paste("".join(each for each in text if each.isprintable() or each in "\r\n\t")))

    def _leave_out(self, until: re.Pattern[bytes], data: bytes) -> bytes:
        end = until.search(data)
        if end is None:
            # The end may be two bytes, of which one is here.
            self._held = b"\x1b" if until is _STRING_END and data.endswith(b"\x1b") else b""
            return b""
        self._left_out_until = None
        return data[end.end() :]

    def _take(self) -> list[Message]:
        found, self._found = self._found, []
        return found
