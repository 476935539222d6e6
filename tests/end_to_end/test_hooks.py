"""`kwatch RESOURCE --on FILTER`: a line and an action for each onset."""

from __future__ import annotations

import copy
import json
import signal
import subprocess
import threading
import time
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from kwatch.simulator.store import Store
from tests.end_to_end.program import Program, command
from tests.simulator.simulator_server import SimulatorServer
from tests.waiting import wait_until


def become(server: SimulatorServer, name: str, phase: str, resource: str = "pods") -> None:
    def change(store: Store) -> None:
        changed = copy.deepcopy(store.get(resource, name, "shop"))
        assert changed is not None
        changed["status"] = {"phase": phase}
        store.update(changed, manager="kubelet")

    server.call(change)


def watching(program: Program, *words: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(command(*words), env=program.env(), stdout=pipe, stderr=pipe, text=True)


def end(running: subprocess.Popen[str]) -> tuple[str, str]:
    running.send_signal(signal.SIGINT)
    rest = running.communicate(timeout=60)
    assert running.returncode == 130
    return rest


def read_into(lines: Queue[str], running: subprocess.Popen[str]) -> None:
    for line in running.stdout or ():
        lines.put(line)


def test_each_onset_is_told_once(program: Program, server: SimulatorServer, tmp_path: Path) -> None:
    told = tmp_path / "told"
    words = ("pods", "--on", "status=Failed", "--shell", "--exec", f"cat >> {told}; echo $KWATCH_NAME >> {told}")
    become(server, "web-1", "Failed")  # at the start that is nothing new
    lines = Queue[str]()
    with watching(program, *words, "-o", "json") as running:
        assert running.stdout is not None
        reader = threading.Thread(target=read_into, args=(lines, running), daemon=True)
        reader.start()
        while lines.empty():  # until it watches
            become(server, "cart-1", "Running")
            time.sleep(0.5)  # what is over within a moment is not seen
            become(server, "cart-1", "Failed")
            time.sleep(0.5)
        first = json.loads(lines.get(timeout=60))
        become(server, "cart-2", "Failed")
        become(server, "cart-2", "Failed")
        wait_until(lambda: told.exists() and told.read_text().endswith("cart-2\n"))
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 130
        reader.join()
    names = [first["name"], *(json.loads(line)["name"] for line in lines.queue)]
    assert names[-1] == "cart-2" and names.count("cart-2") == 1
    assert set(names) == {"cart-1", "cart-2"}
    assert (first["filter"], first["resource"], first["context"]) == ("status=Failed", "pods", "test")
    assert first["object"]["metadata"]["name"] == "cart-1"
    assert "web-1" not in told.read_text()


def test_secrets_are_masked_in_what_is_told(program: Program, server: SimulatorServer, tmp_path: Path) -> None:
    secret: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "key", "namespace": "shop"},
        "data": {"password": "aHVudGVyMg=="},
    }
    server.call(lambda store: store.create(secret, manager="test"))
    told = tmp_path / "told"
    words = ("secrets", "--on", "key", "--existing", "--shell", "--exec", f"cat > {told}", "-o", "json")
    with watching(program, *words) as running:
        assert running.stdout is not None
        line = running.stdout.readline()
        wait_until(lambda: told.exists() and told.read_text().endswith("\n"))
        end(running)
    assert '"password"' in line and '"password"' in told.read_text()
    assert "aHVudGVyMg" not in line + told.read_text()


def test_a_command_that_fails_is_said_and_goes_on(program: Program, server: SimulatorServer) -> None:
    words = ("pods", "--on", "cart", "--existing", "--shell", "--exec", "printf '\\033[31mno'; exit 3")
    with watching(program, *words) as running:
        assert running.stdout is not None and running.stderr is not None
        lines = sorted(running.stdout.readline().split(" ", 1)[1] for _ in range(2))
        failures = sorted(running.stderr.readline() for _ in range(2))
        end(running)
    assert lines == ["pods shop/cart-1: cart\n", "pods shop/cart-2: cart\n"]
    assert failures == [f"kwatch: /bin/sh for pods shop/cart-{number}: exit code 3: ␛[31mno\n" for number in (1, 2)]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("pods", "--on", "status>"), 2, "> needs something to compare with"),
        (("nope", "--on", "x"), 1, 'the server does not have a resource type "nope"'),
        (
            ("pods", "--exec", "x"),
            2,
            "--exec says what to do when a filter begins to match",
        ),
        (("pods", "--webhook", "x", "--on", "y"), 2, "'x' is no address to post to; write https://example.com/hook"),
        (("pods", "--on", "x", "--exec", "'a"), 2, "cannot be split into words: no closing quotation"),
        (("pods", "--on", "x", "--shell"), 2, "--shell is for --exec"),
        (("pods", "--on", "x", "-o", "yaml"), 2, "--on prints a line for each onset, or JSON with -o json"),
    ],
)
def test_words_that_do_not_fit(
    program: Program, server: SimulatorServer, words: tuple[str, ...], code: int, says: str
) -> None:
    done = program.run(*words)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr and done.stderr.count("\n") == 1
