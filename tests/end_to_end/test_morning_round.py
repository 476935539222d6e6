"""A k9s user's morning round at 180x50, with k9s's keys and words alone: contexts, problems, the pods of a namespace,
logs, describe, YAML, events, owners, and back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import yaml

from tests.end_to_end.program import Program
from tests.end_to_end.terminal import Terminal
from tests.end_to_end.test_screen import quit_and_check
from tests.simulator.recordings import recorded_store
from tests.simulator.simulator_server import SimulatorServer

STAMP = "2026-11-23T03:47:35.000000001Z"


class Logs:
    """What the containers wrote."""

    def logs(self, namespace: str, pod: str, container: str, previous: bool) -> list[str]:
        return [f"{STAMP} {'crashed' if previous else 'ready'}: {container} of {pod}"]

    async def follow(self, namespace: str, pod: str, container: str) -> AsyncIterator[str]:
        yield f"{STAMP} followed"


@pytest.fixture
def clusters(program: Program) -> Iterator[SimulatorServer]:
    """A cluster as it was recorded, in two contexts."""
    with SimulatorServer(recorded_store(), logs=Logs()) as serving:
        program.configure(serving.url, namespace="demo")
        config = yaml.safe_load(program.kubeconfig.read_text())
        config["contexts"].append({"name": "staging", "context": {**config["contexts"][0]["context"]}})
        program.kubeconfig.write_text(yaml.safe_dump(config))
        yield serving


def lines_with(terminal: Terminal, word: str) -> list[str]:
    return [line for line in terminal.lines() if word in line]


def test_the_round(program: Program, clusters: SimulatorServer) -> None:
    with program.start(columns=180, rows=50) as terminal:
        terminal.wait_for("8 pods")

        terminal.press(":ctx\r")
        terminal.wait_for("staging")
        terminal.press("staging", "enter")
        terminal.wait_for("staging › demo › pods")
        terminal.wait_for("8 pods")

        terminal.press("\x1a")  # Ctrl-Z, only what is at fault
        terminal.wait_for("/unhealthy")
        terminal.press("\x1a")
        terminal.wait_for("  8 pods")

        terminal.press(":pulses\r")
        terminal.wait_for("objects of what is watched")
        terminal.press("escape")
        terminal.wait_for("  8 pods")

        terminal.press(":ns\r")
        terminal.wait_for("Active · 8 pods")
        terminal.press("demo", "enter")
        terminal.wait_for(lambda text: "Active" not in text and "8 pods" in text)
        terminal.press(":po\r", "/", "^web-|^db-", "enter")
        terminal.wait_for("5 of 8 pods")
        terminal.press("/", "\x15", "!web", "enter")  # Ctrl-U empties the line
        terminal.wait_for("5 of 8 pods  /!web")
        terminal.press("escape")
        terminal.wait_for("  8 pods")
        terminal.press("A")
        terminal.wait_for("AGE↑")
        terminal.press("N", "G", "g")
        terminal.wait_for("NAME↑")

        terminal.press("G", "l")
        terminal.wait_for("ready: ")
        terminal.press("escape")
        terminal.press("p")
        terminal.wait_for("so there is no log before that")
        terminal.press("escape")
        terminal.wait_for("  8 pods")

        terminal.press("d")
        terminal.wait_for("Controlled By")
        terminal.press("escape", "y")
        terminal.wait_for("kind: Pod")
        terminal.press("/", "nodeName", "enter")
        terminal.wait_for("nodeName: node-0000")
        terminal.press("f")
        terminal.wait_for(lambda text: "Overview" not in text)
        terminal.press("f", "escape", "escape")
        terminal.wait_for("  8 pods")

        terminal.press(":ev\r")
        terminal.wait_for("demo › events")
        terminal.press("-")
        terminal.wait_for("  8 pods")

        terminal.press("J")
        terminal.wait_for("demo › replicasets")
        assert any("web-" in line for line in lines_with(terminal, "▌"))
        terminal.press("J")
        terminal.wait_for("demo › deployments")
        terminal.press("enter")
        terminal.wait_for("3 of 8 pods")
        terminal.press("[", "[", "[")
        terminal.wait_for("  8 pods")
        terminal.press("o")
        terminal.wait_for("› nodes")
        terminal.press("escape")
        terminal.wait_for("  8 pods")

        terminal.press("\x01")  # Ctrl-A
        terminal.wait_for("Aliases: type one after :")
        terminal.press("dp", "enter")
        terminal.wait_for("demo › deployments")
        terminal.press(":sec\r")
        terminal.wait_for("demo › secrets")
        terminal.press(":q\r")
        assert terminal.wait_for_exit() == 0


def test_what_k9s_would_change_is_answered(program: Program, clusters: SimulatorServer) -> None:
    with program.start(columns=180, rows=50) as terminal:
        terminal.wait_for("8 pods")
        terminal.press("s")
        terminal.wait_for("it opens no shell")
        terminal.press("K")
        terminal.wait_for("kubectl exec -it agent-6hssz -n demo")
        terminal.press("escape")
        terminal.wait_for(lambda text: "↵ copy" not in text)
        quit_and_check(terminal, "q")
