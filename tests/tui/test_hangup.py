"""A terminal that goes away ends the program, in order or not."""

from __future__ import annotations

import signal
import subprocess
import sys

from kwatch.tui.hangup import EXIT_CODE

_PROGRAM = """
import os, signal, threading
from kwatch.tui.hangup import end_on_hangup
left = threading.Event()
end_on_hangup({leave}, {patience})
print("ready", flush=True)
os.kill(os.getpid(), signal.SIGHUP)
threading.Lock().acquire() and {wait}
"""


def run(leave: str, wait: str, patience: float) -> int:
    program = _PROGRAM.format(leave=leave, wait=wait, patience=patience)
    return subprocess.run([sys.executable, "-c", program], timeout=30, check=False).returncode


def test_an_orderly_end_is_waited_for() -> None:
    assert run("left.set", "left.wait(20) and os._exit(7)", 20.0) == 7


def test_a_main_thread_that_waits_for_ever_does_not_keep_the_process() -> None:
    assert run("left.set", "threading.Event().wait()", 0.05) == EXIT_CODE == 128 + signal.SIGHUP
