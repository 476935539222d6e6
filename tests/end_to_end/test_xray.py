"""`:xray` on a recorded cluster: from a deployment down to what its pods use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.end_to_end.program import Program
from tests.end_to_end.test_screen import quit_and_check
from tests.simulator.recordings import recorded_store
from tests.simulator.simulator_server import SimulatorServer


@pytest.fixture
def recorded(program: Program) -> Iterator[SimulatorServer]:
    with SimulatorServer(recorded_store()) as serving:
        program.configure(serving.url, namespace="demo")
        yield serving


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (180, 50)])
def test_down_from_a_deployment(program: Program, recorded: SimulatorServer, columns: int, rows: int) -> None:
    with program.start(columns=columns, rows=rows) as terminal:
        terminal.wait_for("8 pods")
        terminal.press(":xray dp\r")
        terminal.wait_for("xray deployments")
        terminal.wait_for("▾ deployment demo/web")
        terminal.wait_for("▾ replicaset web-6f7588df49")
        shown = terminal.wait_for("pod web-6f7588df49-mtbm7")
        assert shown.count("pod web-6f7588df49-") == 3
        terminal.press("x")
        terminal.wait_for("▸ deployment demo/web")
        terminal.press("\x1b[C")
        terminal.wait_for("▸ replicaset web-6f7588df49")
        terminal.press("/", "mtbm7", "enter")
        shown = terminal.wait_for(lambda text: "pod web-6f7588df49-mtbm7" in text and "8qr8z" not in text)
        assert "deployment demo/web" in shown
        terminal.press("G", "k", "d")
        terminal.wait_for("Overview ")
        terminal.press("escape")
        terminal.wait_for("xray deployments")
        terminal.press("escape")
        terminal.wait_for("▸ replicaset web-6f7588df49")
        terminal.press("escape")
        terminal.wait_for("8 pods")
        terminal.press(":xray svc\r")
        terminal.wait_for("xray services")
        terminal.press("escape")
        terminal.wait_for("8 pods")
        terminal.press(":xray nosuch\r")
        terminal.wait_for('"nosuch"')
        quit_and_check(terminal, "q")


def test_as_it_was(program: Program, recorded: SimulatorServer) -> None:
    with program.start(columns=120, rows=40) as terminal:
        terminal.wait_for("8 pods")
        terminal.press("t")
        terminal.wait_for("as it was at")
        terminal.press(":xray pods\r")
        terminal.wait_for("xray pods")
        terminal.wait_for("◀ as it was at")
        terminal.wait_for("pod demo/web-6f7588df49-mtbm7")
        quit_and_check(terminal, "q")
