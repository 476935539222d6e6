"""Every resource of a server, printed as kubectl prints it: of a real server where KWATCH_TEST_KUBECONFIG names its
kubeconfig, as a scheduled job does; else of the demo's. Nothing is written to it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.program import Program
from tests.simulator.kubectl import Kubectl

REAL = os.environ.get("KWATCH_TEST_KUBECONFIG", "")
RESTLESS = {"events", "events.events.k8s.io", "leases.coordination.k8s.io"}
"""What a living cluster changes all the time."""
TRIES = 5


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[Path]:
    if REAL:
        yield Path(REAL).expanduser()
        return
    command = [sys.executable, "-m", "kwatch.simulator", "--rate", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as simulator:
        assert simulator.stdout is not None
        try:
            yield Path(json.loads(simulator.stdout.readline())["kubeconfig"])
        finally:
            simulator.terminate()


@pytest.fixture
def at_server(program: Program, kubeconfig: Path) -> tuple[Kubectl, Program]:
    program.kubeconfig = kubeconfig
    return Kubectl(program.home, kubeconfig), program


@pytest.mark.parametrize("output", ["name", "yaml", "kyaml", "custom-columns=A:.metadata.name,B:.metadata.uid"])
def test_all_that_can_be_listed_is_printed_alike(at_server: tuple[Kubectl, Program], output: str) -> None:
    kubectl, program = at_server
    served = kubectl.clean("api-resources", "--verbs=list,watch", "-o", "name").split()
    assert "pods" in served and len(served) > 15
    # Secrets are masked, which kubectl does not do.
    left_out = RESTLESS if output == "name" else {*RESTLESS, "secrets"}
    wanted = ",".join(each for each in served if each not in left_out)
    for _ in range(TRIES):
        before = kubectl("get", wanted, "-A", "-o", output).out
        ours = program.run("get", wanted, "-A", "-o", output)
        after = kubectl("get", wanted, "-A", "-o", output).out
        assert (ours.returncode, ours.stderr) == (0, "")
        if ours.stdout in (before, after):
            return
    assert ours.stdout.splitlines() == after.splitlines()


@pytest.mark.parametrize(
    "line",
    [
        "deploy cart web -o name",
        "deploy/web deploy/cart -o name",
        "deploy cart nope web gone -o name",
        "deploy nope -o name",
        "deploy cart nope --ignore-not-found -o name",
        "deploy nope --ignore-not-found -o yaml",
        "deploy nope gone --ignore-not-found",
        "deploy cart web -o jsonpath={.items[*].metadata.name}",
        "deploy/web -o jsonpath={.metadata.name}",
        "deploy -o jsonpath-as-json={.items[*].metadata.name}<&>{.items[0].metadata.labels}{.nope}",
        "deploy/web -o jsonpath-as-json={.metadata.name}",
        "deploy -o jsonpath-file=FOLDER/template",
        "deploy -o custom-columns-file=FOLDER/columns",
    ],
)
def test_objects_by_name_and_formats(at_server: tuple[Kubectl, Program], line: str) -> None:
    if REAL:
        pytest.skip("a real server has no such deployments")
    kubectl, program = at_server
    (program.home / "template").write_text('{range .items[*]}{.metadata.name}{"\\n"}{end}')
    (program.home / "columns").write_text("NAME          WANTED\n.metadata.name .spec.replicas\n")
    words = ["-n", "shop", "get", *line.replace("FOLDER", str(program.home)).split()]
    theirs, ours = kubectl(*words), program.run(*words)
    assert (ours.stdout, ours.returncode) == (theirs.out, theirs.code)
    assert bool(ours.stderr) == bool(theirs.err)
