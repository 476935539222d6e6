"""What fingers do to it in the first minutes, on the real terminal: none of it ends the program."""

from __future__ import annotations

from tests.end_to_end.program import Program
from tests.end_to_end.test_screen import quit_and_check
from tests.simulator.simulator_server import SimulatorServer


def drag(start: tuple[int, int], *over: tuple[int, int]) -> str:
    """What the terminal sends of a mouse that is pressed, moved and released; places begin with 1."""
    moves = "".join(f"\x1b[<32;{x};{y}M" for x, y in over)
    return f"\x1b[<0;{start[0]};{start[1]}M{moves}\x1b[<0;{over[-1][0]};{over[-1][1]}m"


def test_keys_that_are_faster_than_screens(program: Program, server: SimulatorServer) -> None:
    with program.start(columns=100, rows=24) as terminal:
        terminal.wait_for("web-1")
        terminal.press(": ", "escape")
        terminal.press(":ns\r\r\r")
        terminal.press("escape", "escape", "escape")
        terminal.wait_for("3 pods")
        terminal.press("\x1b[200~:ns\r\r\r\x1b[201~", "escape", "escape")
        terminal.press("d\t")
        terminal.wait_for("kind: Pod")
        terminal.press("escape")
        for key in "dylTe":
            terminal.press(key)
            terminal.press("".join(f"\x1b[<0;{x};24M\x1b[<0;{x};24m" for x in range(2, 80, 9)))
            terminal.press("\x1b", "\x1b", "\x1b", "\x1b", "\x1b", "\x1b")
        terminal.press("?")
        terminal.wait_for("Esc goes back")
        quit_and_check(terminal, "ctrl+c")


def test_text_is_selected_and_copied(program: Program, server: SimulatorServer) -> None:
    with program.start(columns=100, rows=24) as terminal:
        terminal.wait_for("web-1")
        for key in "ydvT":
            terminal.raw.clear()
            terminal.press(key)
            terminal.wait_for("Overview ")
            terminal.press(drag((4, 5), (30, 6), (20, 8)), "c")
            assert terminal.wrote(b"\x1b]52;c;")
            terminal.press(drag((80, 22), (60, 20), (20, 8)))  # out of the toast
            terminal.press("escape", "escape")
        terminal.press("?")
        terminal.wait_for("Drill down")
        terminal.press(drag((4, 5), (30, 6)), "c", "escape")
        quit_and_check(terminal, "ctrl+c")


def test_the_terminals_own_colours(program: Program, server: SimulatorServer) -> None:
    with program.start(NO_COLOR="1") as terminal:
        terminal.wait_for("web-1")
        for theme in ("terminal", "nord", "terminal"):
            terminal.press(f":theme {theme}\r", "d")
            terminal.wait_for("Overview ")
            terminal.press("escape")
        quit_and_check(terminal, "q")
    (program.home / "config").mkdir(exist_ok=True)
    (program.home / "config" / "config.yaml").write_text("theme: terminal\n")
    with program.start() as terminal:
        terminal.wait_for("web-1")
        quit_and_check(terminal, "q")
