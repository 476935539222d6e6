"""stdin, stdout and stderr that are closed, full or broken: a sentence, 1, and never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.end_to_end.program import Program, command
from tests.simulator.objects import pod
from tests.simulator.simulator_server import SimulatorServer


def in_shell(program: Program, line: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a line of the shell in which `"$@"` is the program."""
    return subprocess.run(
        ["bash", "-c", line, "bash", *command(*words)],
        env=program.env(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("words", [("pods",), ("pods", "-o", "json"), ("info",), ("completion", "bash"), ("--help",)])
@pytest.mark.parametrize("target", [">/dev/full", ">&-"])
def test_a_stdout_that_takes_nothing(
    program: Program, server: SimulatorServer, words: tuple[str, ...], target: str
) -> None:
    done = in_shell(program, f'"$@" {target}', *words)
    assert done.returncode == 1
    why = "it is closed" if target == ">&-" else "No space left on device"
    assert done.stderr == f"kwatch: nothing can be written to stdout: {why}\n"


@pytest.mark.parametrize("target", ["2>/dev/full", "2>&-"])
def test_a_stderr_that_takes_nothing_does_not_keep_a_stream(
    program: Program, server: SimulatorServer, target: str
) -> None:
    done = in_shell(program, f'"$@" {target}', "pods", "--until-synced", "-o", "name")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "pod/cart-1")
    assert in_shell(program, f'"$@" {target}', "nosuch", "--until-synced").returncode == 1
    assert in_shell(program, f'"$@" {target}', "--nosuch").returncode == 2


@pytest.mark.parametrize("words", [("pods", "-o", "json"), ("info",), ("diff", "pods", "--baseline", "/dev/null")])
def test_a_pipe_that_nobody_reads_ends_it_as_kubectl(
    program: Program, server: SimulatorServer, words: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen(command(*words), env=program.env(), stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        assert process.stderr is not None
        told = process.stderr.read()
        if words[0] == "diff":
            assert (process.wait(60), told.count(b"\n")) == (2, 1), "it failed before it printed anything"
        else:
            assert (process.wait(60), told) == (141, b"")


def test_a_pipe_that_nobody_empties_does_not_keep_it_from_ending(program: Program, server: SimulatorServer) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    os.write(writing, b"x" * 65536)
    os.set_blocking(writing, True)
    with subprocess.Popen(command("pods", "-o", "yaml"), env=program.env(), stdout=writing) as process:
        os.close(writing)
        deadline = time.monotonic() + 3
        while "pipe_write" not in wchan(process.pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGTERM
    os.close(reading)


def test_a_pipe_that_others_made_to_wait_for_nobody(program: Program, server: SimulatorServer) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    command_line = command("pods", "--until-synced", "-o", "yaml", "--show-managed-fields")
    server.call(lambda store: [store.create(pod(f"more-{n}"), manager="test") for n in range(300)])
    with subprocess.Popen(command_line, env=program.env(), stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        time.sleep(2)  # it fills the pipe, which holds 64 KB
        with os.fdopen(reading, "rb") as pipe:
            got = pipe.read()
        assert process.stderr is not None
        assert (process.wait(60), process.stderr.read()) == (0, b"")
        assert got.count(b"kind: Pod") == 303


def wchan(pid: int) -> str:
    """What the main thread waits for in the kernel, where that is told."""
    return Path(f"/proc/{pid}/wchan").read_text()


@pytest.mark.parametrize("target", ["2>/dev/full", "2>&-"])
@pytest.mark.parametrize("words", [("pods",), ("demo", "--objects", "5")])
def test_a_screen_needs_a_stderr(
    program: Program, server: SimulatorServer, target: str, words: tuple[str, ...]
) -> None:
    with program.start_in_shell(f'"$@" {target}', *words) as terminal:
        assert terminal.wait_for_exit() == 1
        terminal.wait_for("kwatch: ")
        assert "stderr" in terminal.text()
        assert b"\x1b" not in terminal.raw


@pytest.mark.parametrize("name", ["dumb", "unknown", ""])
def test_a_terminal_that_can_draw_nothing_gets_the_stream(program: Program, server: SimulatorServer, name: str) -> None:
    with program.start(TERM=name) as terminal:
        terminal.wait_for("web-1")
        assert ("TERM=" + name if name else "TERM says nothing") in terminal.text()
        assert b"\x1b" not in terminal.raw
        terminal.press("ctrl+c")
        assert terminal.wait_for_exit() == 130
