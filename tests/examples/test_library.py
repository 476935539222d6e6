"""The programs of the informer's README: the same here, where mypy reads them, and they do what it says."""

import os
import re
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from kwatch.simulator.store import Store
from tests.informer.fakes import PATIENCE
from tests.simulator.simulator_server import SimulatorServer

FOLDER = Path(__file__).parent / "library"
BLOCKS = re.findall(r"```python\n(.*?)```", (FOLDER.parents[2] / "kwatch/informer/README.md").read_text(), re.DOTALL)
WHOLE_LINES = """
import runpy, sys
sys.stdout.reconfigure(line_buffering=True)
runpy.run_path(sys.argv[1], run_name="__main__")
"""
"""Runs a program as on a terminal: unbuffered, the words that two threads print at once would stand in one line."""
KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: it
clusters: [{name: it, cluster: {server: URL}}]
contexts: [{name: it, context: {cluster: it, user: it}}]
users: [{name: it, user: {}}]
"""


def pod(name: str, namespace: str = "shop", **labels: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    spec = {"nodeName": "worker-1", "containers": [{"name": "web", "image": "nginx:1"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


@contextmanager
def run(program: str, kubeconfig: Path) -> Iterator["subprocess.Popen[str]"]:
    """A program of the README, which must have ended with the context."""
    process = subprocess.Popen(
        [sys.executable, "-c", WHOLE_LINES, FOLDER / f"{program}.py"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=kubeconfig.parent,
        env={
            **os.environ,
            "KUBECONFIG": str(kubeconfig),
            "PYTHONPATH": str(FOLDER.parents[2]),
        },
    )
    try:
        yield process
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.communicate()


def lines(process: "subprocess.Popen[str]", count: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().rstrip() for _ in range(count)]


def test_the_readme_has_these_programs_and_no_other() -> None:
    programs = {file.read_text() for file in FOLDER.glob("*.py") if file.name != "__init__.py"}
    assert {*BLOCKS} == programs


def test_they_do_what_they_say_and_end_with_ctrl_c(tmp_path: Path) -> None:
    store = Store()
    for obj in (pod("a", app="cart"), pod("b", "bank")):
        store.create(obj, manager="test")
    with SimulatorServer(store) as server, ExitStack() as stack:
        kubeconfig = tmp_path / "config"
        kubeconfig.write_text(KUBECONFIG.replace("URL", server.url))
        watching, typed, tasks = (
            stack.enter_context(run(program, kubeconfig)) for program in ("watching", "typed", "tasks")
        )
        seen = lines(watching, 3)
        assert sorted(line for line in seen if line[0] == "+") == ["+ bank/b", "+ shop/a"]
        assert "2 pods, 1 of them in shop" in seen
        assert lines(tasks, 1) == ["+ shop/a"]
        assert lines(typed, 2) == ["shop/a on worker-1", "pods: 2; pods in shop, app=cart: 1"]
        server.call(lambda store: store.create(pod("c"), manager="test"))
        assert lines(tasks, 1) == ["+ shop/c"]
        watching.send_signal(signal.SIGINT)
        tasks.send_signal(signal.SIGINT)
        assert (watching.wait(PATIENCE), typed.wait(PATIENCE)) == (0, 0)
        assert tasks.wait(PATIENCE) != 0


def test_the_one_that_needs_no_server() -> None:
    found = runpy.run_path(str(FOLDER / "faked.py"))
    [test] = [value for name, value in found.items() if name.startswith("test_")]
    test()
