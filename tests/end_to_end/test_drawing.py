"""Keys are answered before the next frame: what then stands on the terminal is what a drawing from scratch shows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from kwatch.simulator.store import Store
from tests.end_to_end.program import Program
from tests.end_to_end.terminal import Terminal
from tests.end_to_end.test_fingers import drag
from tests.simulator.objects import namespace, widget, widget_definition
from tests.simulator.simulator_server import SimulatorServer

Cells = list[list[Any]]


def settled(terminal: Terminal) -> Cells:
    """Every cell below the header with its colours, when nothing more is written for a while."""
    deadline = time.monotonic() + 60
    cells, since = terminal.cells()[2:], time.monotonic()
    while time.monotonic() < since + 0.4:
        assert time.monotonic() < deadline, "it is drawn without end"
        time.sleep(0.02)
        now = terminal.cells()[2:]
        if now != cells:
            cells, since = now, time.monotonic()
    return cells


def assert_as_from_scratch(terminal: Terminal) -> None:
    drawn = settled(terminal)
    terminal.wipe("#")
    terminal.press("ctrl+l")
    terminal.wait_for(lambda text: "#" not in text)
    again = settled(terminal)
    differing = [number for number, (one, other) in enumerate(zip(drawn, again, strict=True), 2) if one != other]
    assert not differing, f"lines {differing} are others when drawn from scratch:\n{terminal.text()}"


def cursor_line(text: str) -> str:
    """The name in the row of the cursor; there is one such row."""
    (line,) = [line for line in text.splitlines() if line.startswith("▌")]
    return line.split()[1] if line.split()[0] == "▌" else line.split()[0]


@pytest.fixture
def many(program: Program) -> Iterator[SimulatorServer]:
    """More rows than lines, of a kind that nothing measures, an hour and half a minute old: they stay as they are."""
    store = Store(revision=100, clock=lambda: time.time() - 3630)
    store.create(namespace("shop"), manager="test")
    store.create(widget_definition(), manager="test")
    for number in range(60):
        store.create(widget(f"many-{number:02}", size=number), manager="test")
    with SimulatorServer(store) as serving:
        program.configure(serving.url)
        yield serving


@pytest.mark.parametrize(("columns", "rows", "env"), [(80, 24, {}), (120, 40, {}), (80, 24, {"NO_COLOR": "1"})])
def test_the_cursor_on_its_way(
    program: Program, many: SimulatorServer, columns: int, rows: int, env: dict[str, str]
) -> None:
    with program.start("widgets", columns=columns, rows=rows, **env) as terminal:
        terminal.wait_for("many-10")
        for keys in (("down",), ("down", "down", "up"), ("pagedown", "down"), ("end",), ("up", "pageup"), ("home",)):
            terminal.press(*keys)
            assert_as_from_scratch(terminal)
            cursor_line(terminal.text())
        terminal.press("/", "many-1", "enter", "down", "N")
        terminal.wait_for(lambda text: "many-10" in text and "many-20" not in text)
        assert_as_from_scratch(terminal)


def test_below_a_toast(program: Program, many: SimulatorServer) -> None:
    with program.start("widgets") as terminal:
        terminal.wait_for("many-10")
        terminal.press("end", "u")
        terminal.wait_for("kwatch only reads")
        terminal.press("up", "up", "up")
        settled(terminal)  # the toast is there for seconds, which may be over by now
        terminal.wait_for(lambda text: "kwatch only reads" not in text)
        assert_as_from_scratch(terminal)


def test_with_a_selection(program: Program, many: SimulatorServer) -> None:
    with program.start("widgets") as terminal:
        terminal.wait_for("many-10")
        terminal.press(drag((4, 6), (20, 7), (20, 9)))
        terminal.wait_for("copy")
        terminal.press("down", "down", "down", "down", "down")
        assert_as_from_scratch(terminal)


def test_lines_of_a_text(program: Program, many: SimulatorServer) -> None:
    with program.start("widgets") as terminal:
        terminal.wait_for("many-10")
        terminal.press("y")
        terminal.wait_for("kind: Widget")
        for keys in (("down", "down"), ("pagedown", "up"), ("end",), ("home",), ("down", "enter")):
            terminal.press(*keys)
            assert_as_from_scratch(terminal)
