"""What K copies is run by the real kubectl: it shows the rows that are on screen, and the object under the cursor."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.end_to_end.program import Program
from tests.end_to_end.terminal import Terminal
from tests.end_to_end.test_screen import quit_and_check
from tests.simulator.recordings import recorded_store
from tests.simulator.simulator_server import SimulatorServer

_COPIED = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)")
NO_EVENTS = "No events found in demo namespace.\n"
STAMP = "2026-11-23T03:47:35.000000001Z"


class Logs:
    """Three lines a container."""

    def logs(self, namespace: str, pod: str, container: str, previous: bool) -> list[str]:
        return [f"{STAMP} {container} of {pod}: line {number}" for number in range(3)]

    async def follow(self, namespace: str, pod: str, container: str) -> AsyncIterator[str]:
        yield f"{STAMP} followed"


@pytest.fixture
def recorded(program: Program) -> Iterator[SimulatorServer]:
    """The objects of a real cluster."""
    with SimulatorServer(recorded_store(), logs=Logs()) as serving:
        program.configure(serving.url, namespace="demo")
        yield serving


def copied(terminal: Terminal) -> str:
    """What was copied last."""
    assert terminal.wrote(b"\x1b]52;c;")
    return base64.b64decode(_COPIED.findall(bytes(terminal.raw))[-1]).decode()


def command_here(terminal: Terminal, *keys: str) -> str:
    """What K copies; by keys another line is chosen."""
    terminal.raw.clear()
    terminal.press("K")
    terminal.wait_for("↵ copy")
    if keys:
        terminal.raw.clear()
        terminal.press(*keys, "enter")
    else:
        terminal.press("escape")
    terminal.wait_for(lambda text: "kubectl: copied" not in text)
    return copied(terminal)


def run(program: Program, command: str) -> str:
    """As somebody pastes it into a shell."""
    beside = Path(sys.executable).parent
    env = program.env(PATH=f"{beside}{os.pathsep}{os.environ['PATH']}")
    done = subprocess.run(["sh", "-c", command], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and done.stderr in ("", NO_EVENTS), (command, done)
    return done.stdout


def names_on_screen(text: str) -> list[str]:
    rows = [line for line in text.splitlines()[3:-1] if line.strip()]
    return [line[3:].split()[0] for line in rows if line[3:4].strip()]


def printed(out: str) -> list[str]:
    return [line.split()[0] for line in out.splitlines() if not line.startswith("NAME")]


FILTERS = (
    ("", "", 8),
    ("app=web", "-l app=web", 3),
    ("app!=web", "-l 'app!=web'", 5),
    ("app in (web,db)", "-l 'app in (db,web)'", 5),
    ("-l app", "-l app", None),
    (".status.phase=Running", "--field-selector status.phase=Running", None),
    ("node:node-0000", "--field-selector spec.nodeName=node-0000", None),
    ("web", "| grep -F -i -e web", None),
    ("!web", "| grep -F -i -v -e web", None),
    ("/(web|db)-/", "| grep -E -i -e '(web|db)-'", None),
)
"""Typed into the filter, what the command says of it, and how many rows that are."""


def test_rows_are_those_of_the_real_kubectl(program: Program, recorded: SimulatorServer) -> None:
    with program.start(columns=180, rows=50) as terminal:
        terminal.wait_for("8 pods")
        for typed, said, count in FILTERS:
            terminal.press(f":pods /{typed}" if typed else ":pods", "enter")
            shown = terminal.wait_for(f" of 8 pods  /{typed}" if typed else "8 pods")
            if count is not None and typed:
                shown = terminal.wait_for(f"{count} of 8 pods")
            command = command_here(terminal)
            assert said in command
            assert command.startswith("kubectl get pods -n demo") and "--context=test" in command
            there = printed(run(program, command))
            assert there and sorted(there) == sorted(names_on_screen(terminal.text())), (typed, shown)
        quit_and_check(terminal, "q")


def test_the_order_is_that_of_the_screen(program: Program, recorded: SimulatorServer) -> None:
    ages = run(program, "kubectl get pods -n demo -o custom-columns=A:.metadata.name,B:.metadata.creationTimestamp")
    age_of = dict(line.split() for line in ages.splitlines()[1:])
    assert len(set(age_of.values())) > 2
    with program.start(columns=180, rows=50) as terminal:
        terminal.wait_for("8 pods")
        told = []
        for key, path, sign in (
            ("A", "creationTimestamp", "AGE↑"),
            ("A", "creationTimestamp", "AGE↓"),
            ("N", "", "NAME↑"),
        ):
            terminal.press(key)
            terminal.wait_for(sign)
            terminal.press("K")
            dialog = terminal.wait_for("↵ copy")
            terminal.press("escape")
            rows = names_on_screen(terminal.wait_for(lambda text: "kubectl: copied" not in text))
            command = copied(terminal)
            assert (f"--sort-by=.metadata.{path}" in command) is bool(path)
            there = printed(run(program, command))
            told.append("other way round" in dialog)
            of = (lambda name: name) if key == "N" else age_of.__getitem__
            assert [*map(of, reversed(there) if told[-1] else there)] == [*map(of, rows)], command
        assert told == [True, False, False]
        quit_and_check(terminal, "q")


def test_an_object_and_its_tabs(program: Program, recorded: SimulatorServer) -> None:
    with program.start("deploy/web", columns=180, rows=50) as terminal:
        terminal.wait_for("History")
        wanted = {
            "y": ("-o yaml", "kind: Deployment"),
            "d": ("kubectl describe deployments.apps web", "Selector:"),
            "e": ("kubectl events --for=deployments.apps/web", ""),
            "H": ("kubectl rollout history deployments.apps web", "REVISION"),
        }
        for key, (said, out) in wanted.items():
            terminal.press(key)
            terminal.wait_for("Overview ")
            command = command_here(terminal)
            assert said in command, key
            assert out in run(program, command)
        terminal.press("l")
        command = command_here(terminal)
        assert command.startswith("kubectl logs deployments.apps/web --all-pods")
        assert "line 2" in run(program, command.replace("--follow", ""))
        quit_and_check(terminal, "ctrl+c")


def test_a_key_that_would_change_something_says_what_to_press(program: Program, recorded: SimulatorServer) -> None:
    with program.start(columns=120, rows=30) as terminal:
        terminal.wait_for("8 pods")
        terminal.press("\x04")
        terminal.wait_for("it deletes nothing. Press")
        assert command_here(terminal).startswith("kubectl delete pods ")
        assert command_here(terminal).startswith("kubectl get pods "), "it was asked for once"
        quit_and_check(terminal, "q")
