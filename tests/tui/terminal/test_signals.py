"""A signal ends the program, in order or not."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

_PROGRAM = """
import os, signal, threading
from kwatch.tui.terminal.streams import end_on_signals
left = threading.Event()
def leave(code):
    assert code == 128 + {number}
    left.set()
asked = end_on_signals(leave, lambda: print("abandoned", flush=True), {patience})
assert not asked.is_set()
os.kill(os.getpid(), {number})
assert asked.is_set()
threading.Lock().acquire() and {wait}
"""


def run(number: int, wait: str, patience: float) -> tuple[int, str]:
    program = _PROGRAM.format(number=number, wait=wait, patience=patience)
    done = subprocess.run([sys.executable, "-c", program], timeout=120, check=False, stdout=subprocess.PIPE, text=True)
    return done.returncode, done.stdout


def test_an_orderly_end_is_waited_for() -> None:
    assert run(signal.SIGHUP, "left.wait(60) and os._exit(7)", 60.0) == (7, "")


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT, signal.SIGABRT])
def test_a_main_thread_that_waits_for_ever_does_not_keep_the_process(number: int) -> None:
    assert run(number, "threading.Event().wait()", 0.05) == (128 + number, "abandoned\n")


@pytest.mark.parametrize(("is_done", "code", "said"), [(True, 7, ""), (False, 1, "abandoned\n")])
def test_what_was_told_to_end_and_does_not_is_ended(is_done: bool, code: int, said: str) -> None:
    program = f"""
import os, threading
from kwatch.tui.terminal.streams import end_unless
done = threading.Event()
end_unless(done, lambda: print("abandoned", flush=True), 1, {60 if is_done else 0.05})
{"done.set(); os._exit(7)" if is_done else "threading.Event().wait()"}
"""
    done = subprocess.run([sys.executable, "-c", program], timeout=120, check=False, stdout=subprocess.PIPE, text=True)
    assert (done.returncode, done.stdout) == (code, said)
