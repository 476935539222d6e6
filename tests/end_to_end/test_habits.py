"""What a user of k9s and kubectl types without thinking, at the real program."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.program import Program
from tests.simulator.simulator_server import SimulatorServer


def test_a_recording_of_one_kind_is_asked_for_what_it_lacks(
    program: Program, server: SimulatorServer, tmp_path: Path
) -> None:
    file = tmp_path / "f.kwatch"
    recorded = program.run("record", str(file), "pods", "-n", "shop", "--for", "1s")
    assert recorded.returncode == 0, recorded.stderr
    with program.start("replay", str(file), columns=110) as terminal:
        terminal.wait_for("web-1")
        terminal.press(":ns\r")
        terminal.wait_for("all namespaces")
        terminal.press("escape")
        terminal.press(":pods ")
        terminal.wait_for(": pods")
        terminal.press("sho", "backspace", "escape")
        terminal.press(":nodes\r")
        terminal.wait_for("The recording holds no nodes; it holds pods.")
        terminal.press("!", "escape", "q")
        assert terminal.wait_for_exit() == 0


def test_a_broken_filter_is_marked_wherever_it_is_typed(program: Program, server: SimulatorServer) -> None:
    with program.start() as terminal:
        terminal.wait_for("web-1")
        terminal.press(':pods /"abc\r')
        terminal.wait_for('The quote " is never closed.')
        terminal.press("escape")
        terminal.press("\x1a")
        terminal.wait_for("/unhealthy")
        terminal.press("\x1a", "q")
        assert terminal.wait_for_exit() == 0
