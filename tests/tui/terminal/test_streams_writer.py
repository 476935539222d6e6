"""Whoever draws never waits for the terminal, which gets everything, or everything anew."""

from __future__ import annotations

import os
import pty
import threading
import tty
from collections.abc import Iterator

import pytest

from kwatch.tui.terminal import streams
from kwatch.tui.terminal.streams import Writer

FRAME = "x" * 70_000
"""More than a pipe holds."""


class Told:
    """What a writer says."""

    def __init__(self) -> None:
        self.gone = threading.Event()
        self.caught_up = threading.Event()
        self.crashes: list[BaseException] = []


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(writing)


def writer(fd: int, told: Told) -> Writer:
    return Writer(fd, told.gone.set, told.caught_up.set, told.crashes.append)


def read(fd: int, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += os.read(fd, 65536)
    return data


def test_what_is_written_arrives_in_order_before_the_end(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    written = writer(writing, told := Told())
    for number in range(100):
        written.write(f"{number}\ud800")
    assert written.end()
    written.write("late")
    assert os.read(reading, 65536).decode() == "".join(f"{number}?" for number in range(100))
    assert not told.gone.is_set() and not told.caught_up.is_set()
    os.close(reading)


def test_a_terminal_that_takes_nothing_gets_everything_anew_later(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_UNWRITTEN", 2 * len(FRAME))
    reading, writing = pipe
    written = writer(writing, told := Told())
    for _ in range(50):
        written.write(FRAME)
    written.write("modes", always=True)
    assert not told.caught_up.is_set()
    got = b""
    while not got.endswith(b"modes"):
        got += os.read(reading, 65536)
    assert told.caught_up.wait(60)
    assert len(got) <= 6 * len(FRAME), "the rest was left out, but not what must be written"
    written.write("anew")
    assert read(reading, 4) == b"anew"
    assert written.end()
    os.close(reading)


def test_a_slow_line_lags_behind_by_some_frames_and_no_minutes(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    written = writer(writing, told := Told())
    for _ in range(100):
        written.write(FRAME)
    written.write("end", always=True)
    got = b""
    while not got.endswith(b"end"):
        got += os.read(reading, 65536)
    assert told.caught_up.wait(60)
    assert len(got) < 500_000
    assert written.end()
    os.close(reading)


def test_a_terminal_that_takes_nothing_does_not_keep_it_from_ending(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    written = writer(writing, Told())
    written.write(FRAME)
    assert not written.end(0.05)
    read(reading, len(FRAME))
    assert written.end()
    os.close(reading)


def test_a_terminal_that_has_gone_is_told_once(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.close(reading)
    written = writer(writing, told := Told())
    written.write("x")
    assert told.gone.wait(60)
    written.write(FRAME)
    assert written.end() and not told.crashes


def test_a_terminal_that_others_made_to_wait_for_nobody(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.set_blocking(writing, False)
    written = writer(writing, told := Told())
    written.write(FRAME + "end")
    assert read(reading, len(FRAME) + 3).endswith(b"end")
    assert written.end() and not told.gone.is_set()
    os.close(reading)


def test_a_slow_terminal_gets_what_was_written_last_instead_of_all_before_it() -> None:
    reads, writes = os.pipe()
    slow = writer(writes, Told())
    slow.write("x" * 2_000_000)
    assert not slow.end(timeout=0.1), "nobody reads"
    got = bytearray()

    def read() -> None:
        while data := os.read(reads, 65536):
            got.extend(data)

    reader = threading.Thread(target=read)
    reader.start()
    assert slow.end_with("modes", timeout=60)
    os.close(writes)
    reader.join()
    os.close(reads)
    assert got.endswith(b"xmodes")
    assert len(got) < 1_000_000


def test_what_a_terminal_takes_at_once_is_not_left_to_the_thread_and_all_stays_in_order() -> None:
    reading, writing = pty.openpty()
    tty.setraw(writing)
    written = writer(writing, told := Told())
    written.write("first")
    assert os.read(reading, 5) == b"first"
    frames = [f"{number:05}" * 700 for number in range(30)]  # more than a terminal holds that nobody reads
    found = bytearray()
    reader = threading.Thread(target=lambda: found.extend(read(reading, sum(map(len, frames)))))
    for number, frame in enumerate(frames):
        if number == 5:
            reader.start()
        written.write(frame)
    assert written.end(30)
    reader.join(30)
    assert found.decode() == "".join(frames)
    assert not told.gone.is_set() and not told.crashes
    os.close(reading)
    os.close(writing)
