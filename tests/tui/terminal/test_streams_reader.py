"""What is typed is read, whatever keeps the app busy."""

from __future__ import annotations

import os
import queue
from collections.abc import Iterator, Sequence

import pytest
from textual import events
from textual.message import Message

from kwatch.tui.terminal import streams
from kwatch.tui.terminal.keyboard import Keyboard
from kwatch.tui.terminal.streams import Reader

PASTE = b"\x1b[200~a\x03b\x1b[201~"
INTERRUPT = "interrupt"


class Reading:
    """A reader on a pipe; what it tells is in `told`, keys by name."""

    def __init__(self) -> None:
        self.told: queue.Queue[str] = queue.Queue()
        self.is_crowded = False
        self._keys, self.terminal = os.pipe()
        self.reader = Reader(
            self._keys,
            Keyboard(),
            hand_on=self._hand_on,
            is_crowded=lambda: self.is_crowded,
            on_interrupt=lambda: self.told.put(INTERRUPT),
            on_gone=lambda: self.told.put("gone"),
            on_crash=lambda error: self.told.put(repr(error)),
        )

    def next(self) -> str:
        return self.told.get(timeout=60)

    def _hand_on(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self.told.put(message.key if isinstance(message, events.Key) else type(message).__name__)


@pytest.fixture
def reading() -> Iterator[Reading]:
    reading = Reading()
    yield reading
    reading.reader.end()
    os.close(reading.terminal)


def test_keys_in_order(reading: Reading) -> None:
    os.write(reading.terminal, b"ab\x03" + PASTE + b"c")
    assert [reading.next() for _ in range(5)] == ["a", "b", "ctrl+c", "Paste", "c"]


@pytest.mark.parametrize("ctrl_c", [b"\x03", b"\x1b[99;5u", b"\x1b[99:67;5u", b"\x1b[99;69u"])
def test_ctrl_c_is_found_behind_what_waits_and_only_once(reading: Reading, ctrl_c: bytes) -> None:
    reading.is_crowded = True
    os.write(reading.terminal, b"a" + PASTE + b"b" + ctrl_c + b"c")
    assert reading.next() == INTERRUPT
    reading.is_crowded = False
    assert [reading.next() for _ in range(4)] == ["a", "Paste", "b", "c"]


@pytest.mark.parametrize("pasted", [PASTE, b"\x1b[200~a\x03"])
def test_what_is_pasted_is_no_ctrl_c(reading: Reading, pasted: bytes) -> None:
    reading.is_crowded = True
    os.write(reading.terminal, pasted)
    os.write(reading.terminal, b"" if pasted is PASTE else b"\x1b[201~")
    os.write(reading.terminal, b"x\x03")
    assert reading.next() == INTERRUPT
    reading.is_crowded = False
    assert [reading.next() for _ in range(2)] == ["Paste", "x"], "it was the one behind the paste"


def test_more_than_enough_is_dropped_but_ctrl_c_is_found(monkeypatch: pytest.MonkeyPatch, reading: Reading) -> None:
    monkeypatch.setattr(streams, "MOST_AHEAD", 10)
    reading.is_crowded = True
    os.write(reading.terminal, b"a" * 4096)
    os.write(reading.terminal, b"b" * 50 + b"\x03")
    assert reading.next() == INTERRUPT
    reading.is_crowded = False
    os.write(reading.terminal, b"z")
    assert [reading.next() for _ in range(11)] == ["a"] * 10 + ["z"]


def test_a_terminal_that_goes_is_told_even_then(reading: Reading) -> None:
    reading.is_crowded = True
    os.write(reading.terminal, b"a")
    other = os.open(os.devnull, os.O_RDONLY)
    os.dup2(other, reading.terminal)
    os.close(other)
    assert reading.next() == "gone"
