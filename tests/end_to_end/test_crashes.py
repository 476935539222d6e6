"""A mistake of kwatch itself never ends with 0, nor with a traceback: a sentence, a report, and what was remembered."""

from __future__ import annotations

import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.end_to_end.program import Program
from tests.end_to_end.terminal import Terminal
from tests.simulator.simulator_server import SimulatorServer

BROKEN = """
import sys
from kwatch.{module} import {cls}
def broken(*args, **kwargs): raise KeyError("hunter2")
{cls}.{method} = broken
from kwatch.cli import run
sys.exit(run(sys.argv[1:]))
"""


def broken(module: str, cls: str, method: str) -> list[str]:
    """The program with a mistake in a method."""
    return [sys.executable, "-c", BROKEN.format(module=module, cls=cls, method=method)]


@pytest.mark.parametrize(
    ("module", "cls", "method"),
    [
        ("tui.features.table.table_screen", "TableScreen", "toggle_wide"),
        ("tui.features.table.table_screen", "TableScreen", "tick"),
        ("tui.kit.table.virtual_table", "VirtualTable", "render_line"),
        ("tui.terminal.keyboard", "Keyboard", "feed"),
    ],
)
def test_a_mistake_on_the_screen(program: Program, server: SimulatorServer, module: str, cls: str, method: str) -> None:
    command = broken(module, cls, method)
    with Terminal([*command, "pods"], env=program.env()) as terminal:
        if method in ("toggle_wide", "feed"):
            terminal.wait_for("web-1")
            terminal.press("ctrl+w")
        assert terminal.wait_for_exit() == 1
        assert terminal.wrote(b"\x1b[?1049l", b"kwatch: internal error, KeyError", b".txt")
        assert terminal.modes() == terminal.modes_before
        told = terminal.raw.partition(b"kwatch: internal")[2].decode()
        assert "Traceback" not in terminal.raw.decode(errors="replace")
    found = re.search(r"the report is (\S+\.txt)", told)
    assert found is not None, told
    report = Path(found[1])
    assert report.parent == program.home / "config" and stat.S_IMODE(report.stat().st_mode) == 0o600
    assert "hunter2" not in report.read_text() and "KeyError" in report.read_text()
    if method == "toggle_wide":
        assert "TableScreen" in report.read_text()
        kept = report.with_suffix(".kwatch")
        assert "3 changes" in told and str(kept) in told
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert (
            '"resource_version":"104"' in program.run("history", "pod/web-1", "--file", str(kept), "-o", "json").stdout
        )


@pytest.mark.parametrize("error", ["BaseException('hunter2')", "__import__('asyncio').CancelledError"])
def test_what_is_no_ordinary_mistake_does_not_end_it_with_0_either(
    program: Program, server: SimulatorServer, error: str
) -> None:
    raising = BROKEN.replace('KeyError("hunter2")', error)
    script = raising.format(module="tui.features.table.table_screen", cls="TableScreen", method="toggle_wide")
    with Terminal([sys.executable, "-c", script, "pods"], env=program.env()) as terminal:
        terminal.wait_for("web-1")
        terminal.press("ctrl+w")
        assert terminal.wait_for_exit() == 1
        assert terminal.wrote(b"\x1b[?1049l", b"kwatch: internal error, ", b".txt")
        assert b"Traceback" not in terminal.raw and terminal.modes() == terminal.modes_before


@pytest.mark.parametrize("by", ["a signal", "Ctrl-C"])
def test_a_screen_that_hangs_is_ended(program: Program, server: SimulatorServer, by: str) -> None:
    sign = program.home / "hangs"
    hang = f"open({str(sign)!r}, 'w').close(); __import__('threading').Event().wait()"
    hanging = BROKEN.replace('raise KeyError("hunter2")', hang)
    script = hanging.format(module="tui.features.table.table_screen", cls="TableScreen", method="toggle_wide")
    script = f"from kwatch.tui.terminal import driver; driver.LONGEST_END = 0.5{script}"
    with Terminal([sys.executable, "-c", script, "pods"], env=program.env()) as terminal:
        terminal.wait_for("web-1")
        terminal.press("ctrl+w")
        while not sign.exists():
            assert terminal.process.poll() is None
            time.sleep(0.01)
        terminal.press("j")
        if by == "a signal":
            terminal.process.send_signal(signal.SIGTERM)
            assert terminal.wait_for_exit() == 128 + signal.SIGTERM
        else:
            terminal.press("ctrl+c")
            assert terminal.wait_for_exit() == 1
            assert terminal.wrote(b"kwatch: it did not answer for 0 s, and was ended")
        assert terminal.wrote(b"\x1b[?1049l", b"\x1b[?25h") and terminal.modes() == terminal.modes_before


def test_a_mistake_of_a_stream(program: Program, server: SimulatorServer) -> None:
    done = subprocess.run(
        [*broken("output.stream", "Stream", "run"), "pods", "-o", "wide"],
        env=program.env(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"kwatch: internal error, KeyError in \S+:\d+: the report is \S+\n", done.stderr)
