"""The terminal itself: what it sends, what it is, what becomes of it, and how it is left."""

from __future__ import annotations

import re
import signal

import pytest

from tests.end_to_end.program import Program
from tests.end_to_end.terminal import Terminal
from tests.simulator.simulator_server import SimulatorServer

LEFT = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?2004l", b"\x1b[?7h", b"\x1b[<u")


def is_left(terminal: Terminal) -> bool:
    """Whether it is as it was."""
    return terminal.wrote(*LEFT) and terminal.modes() == terminal.modes_before


def test_bytes_that_are_no_keys(program: Program, server: SimulatorServer) -> None:
    with program.start() as terminal:
        terminal.wait_for("web-1")
        terminal.send(b"\xff")
        terminal.send(b"\x1b[M \xff\xf0\x1b[?62;22c\x1b]11;rgb:0000/0000/0000\x07\x1b[97;1:3u\x1b[48;0;0;0;0t")
        terminal.send(b"/cart-caf\xe9")
        terminal.wait_for("/ cart-caf\ufffd")
        terminal.send(b"\x1b[200~" + b"x" * 300_000)
        terminal.send(b"\x1b[201~\x15cart\r")
        terminal.wait_for(lambda text: "cart-1" in text and "web-1" not in text)
        terminal.send(b"q")
        assert terminal.wait_for_exit() == 0
        assert is_left(terminal)


def test_one_filter_and_then_another_in_one_write(program: Program, server: SimulatorServer) -> None:
    with program.start(columns=120) as terminal:
        terminal.wait_for("web-1")
        terminal.send(b"/status:Error\r\x1b/\x15restarts>=0\r")
        terminal.wait_for("/restarts>=0")
        terminal.wait_for("web-1")
        terminal.send(b":q\r")
        assert terminal.wait_for_exit() == 0


@pytest.mark.parametrize("line", ['"$@" </dev/null', '"$@" <&-', 'echo pods | xargs "$@"', '"$@" 2>/dev/null'])
def test_keys_come_from_the_terminal_wherever_stdin_is(program: Program, server: SimulatorServer, line: str) -> None:
    with program.start_in_shell(line) as terminal:
        terminal.wait_for("web-1")
        terminal.press("/cart", "enter")
        terminal.wait_for(lambda text: "cart-1" in text and "web-1" not in text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert is_left(terminal)


@pytest.mark.parametrize("words", [("pods",), ("demo", "--objects", "5")])
def test_without_a_terminal_for_keys_it_says_so(program: Program, server: SimulatorServer, words: str) -> None:
    with program.start_in_shell('setsid --wait "$@" </dev/null', *words) as terminal:
        assert terminal.wait_for_exit() == 2
        terminal.wait_for("kwatch: there is no terminal to read keys from")
        assert b"\x1b" not in terminal.raw


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT, signal.SIGABRT, signal.SIGINT, signal.SIGUSR1])
def test_a_signal_that_ends_restores_the_terminal(
    program: Program, server: SimulatorServer, number: signal.Signals
) -> None:
    with program.start() as terminal:
        terminal.wait_for("web-1")
        terminal.process.send_signal(number)
        assert terminal.wait_for_exit() == 128 + number
        assert is_left(terminal)


def test_a_terminal_that_is_closed_ends_it(program: Program, server: SimulatorServer) -> None:
    with program.start() as terminal:
        terminal.wait_for("web-1")
        terminal.hang_up()
        assert terminal.wait_for_exit() == 128 + signal.SIGHUP


def test_a_terminal_that_is_closed_ends_it_even_under_nohup(program: Program, server: SimulatorServer) -> None:
    with program.start_in_shell('trap "" HUP; "$@"; exit $?') as terminal:
        terminal.wait_for("web-1")
        terminal.hang_up()
        terminal.wait_for_exit()


def test_a_terminal_that_takes_nothing_does_not_freeze_it(program: Program, server: SimulatorServer) -> None:
    with program.start(columns=200, rows=50) as terminal:
        terminal.wait_for("web-1")
        terminal.freeze()
        terminal.send(b"\x0c" * 600)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.wait_for_exit() == 128 + signal.SIGTERM
        assert terminal.modes() == terminal.modes_before


def test_stopped_and_going_on(program: Program, server: SimulatorServer) -> None:
    with program.start() as terminal:
        terminal.wait_for("web-1")
        terminal.process.send_signal(signal.SIGTSTP)
        terminal.wait_for_stop()
        assert is_left(terminal)
        terminal.scribble("$ fg")
        terminal.process.send_signal(signal.SIGCONT)
        terminal.wait_for(lambda text: "web-1" in text and "$ fg" not in text)
        assert terminal.modes() != terminal.modes_before
        terminal.press("/cart", "enter")
        terminal.wait_for(lambda text: "cart-1" in text and "web-1" not in text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert is_left(terminal)


def test_stopped_from_outside_and_going_on(program: Program, server: SimulatorServer) -> None:
    with program.start() as terminal:
        terminal.wait_for("web-1")
        raw = terminal.modes()
        terminal.process.send_signal(signal.SIGSTOP)
        terminal.wait_for_stop()
        terminal.cook()
        terminal.scribble("$ fg")
        terminal.process.send_signal(signal.SIGCONT)
        terminal.wait_for(lambda text: "web-1" in text and "$ fg" not in text)
        assert terminal.modes() == raw
        terminal.press("j", "d")
        terminal.wait_for("Overview")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert is_left(terminal)


def test_ctrl_l_draws_everything_from_scratch(program: Program, server: SimulatorServer) -> None:
    with program.start() as terminal:
        terminal.wait_for("web-1")
        terminal.scribble("Broadcast message from root")
        terminal.send(b"\x0c")
        terminal.wait_for(lambda text: "Broadcast" not in text and "web-1" in text and text.endswith("q quit"))
        terminal.press("/")
        terminal.scribble("Broadcast message from root")
        terminal.send(b"\x0c")
        terminal.wait_for(lambda text: "Broadcast" not in text and "web-1" in text)
        terminal.press("ctrl+c")


def test_smaller_and_as_large_as_before_at_once(program: Program, server: SimulatorServer) -> None:
    """What the terminal cut off meanwhile is drawn again, though the size is the one the program knows."""
    with program.start() as terminal:
        terminal.wait_for("quit")
        terminal.wait_for("web-1")
        for _ in range(3):  # what is drawn anyway while it begins, is no proof
            terminal.squeeze(20, 2)
            terminal.wait_for(lambda text: "web-1" in text and text.endswith("q quit"))


def test_a_terminal_of_sixteen_colours_gets_no_others(program: Program, server: SimulatorServer) -> None:
    with program.start(columns=120, TERM="xterm", COLORTERM="") as terminal:
        terminal.wait_for(lambda text: "cart-1" in text and "↵ open" in text)
        terminal.press("y")
        terminal.wait_for("apiVersion")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        sets = re.findall(rb"\x1b\[([\d;]*)m", bytes(terminal.raw))
        assert sets and not [each for each in sets if b"8;2;" in each or b"8;5;" in each]
