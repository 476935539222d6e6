"""A thread behind the screen that crashes: it is said, it goes on, and a stream says it too."""

from __future__ import annotations

import subprocess
import sys

from tests.end_to_end.program import Program
from tests.end_to_end.terminal import Terminal
from tests.simulator.objects import pod
from tests.simulator.simulator_server import SimulatorServer

BROKEN = """
import sys
from kwatch.history import background
from kwatch.informer.delta_processor import DeltaProcessor

def broken(journal_store, budget, older_than, calls=[], evict=background.evict):
    calls.append(1)
    if len(calls) < 3:
        raise KeyError("uid-7")
    return evict(journal_store, budget, older_than)

def once(self, batch, work=DeltaProcessor.process, calls=[]):
    calls.append(1)
    if len(calls) == 1:
        raise ValueError("of a batch")
    return work(self, batch)

background.evict = broken
background.AGE_CHECK = 0.1
if "--until-synced" in sys.argv:
    DeltaProcessor.process = once
from kwatch.cli import run
sys.exit(run(sys.argv[1:]))
"""
"""The program with a mistake in the history's thread, or in the informer's."""


def test_history_that_crashes_is_said_and_goes_on(program: Program, server: SimulatorServer) -> None:
    command = [sys.executable, "-c", BROKEN, "pods", "--history-age", "1h"]
    with Terminal(command, columns=110, rows=30, env=program.env()) as terminal:
        terminal.wait_for("web-1")
        server.call(lambda store: store.create(pod("first", app="web"), manager="test"))
        terminal.wait_for("! 2 internal errors, see :informers")
        terminal.press("I")
        terminal.wait_for("internal error in history: KeyError: 'uid-7'")
        terminal.wait_for("Mistakes in kwatch itself")
        terminal.press("escape")
        server.call(lambda store: store.create(pod("late", app="web"), manager="test"))
        terminal.wait_for("late")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0


def test_a_stream_whose_informer_crashes_is_complete_all_the_same(program: Program, server: SimulatorServer) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BROKEN, "pods", "-o", "name", "--until-synced"],
        env=program.env(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done
    assert done.stdout.split() == ["pod/cart-1", "pod/cart-2", "pod/web-1"]
    assert "internal error in informer pods: ValueError: of a batch" in done.stderr
