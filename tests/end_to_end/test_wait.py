"""`kwatch wait`, as a script uses it."""

from __future__ import annotations

import copy
import json
import re
import signal
import subprocess
from typing import Any

import pytest

from kwatch.simulator.api.call import Rule, User, Users
from kwatch.simulator.store import Store
from tests.end_to_end.program import Program, command
from tests.simulator.objects import pod
from tests.simulator.simulator_server import SimulatorServer


def become(store: Store, name: str, phase: str) -> None:
    changed = copy.deepcopy(store.get("pods", name, "till"))
    assert changed is not None
    changed["status"] = {"phase": phase}
    store.update(changed, manager="kubelet")


@pytest.fixture
def shop(server: SimulatorServer) -> SimulatorServer:
    """Two pods, of which one runs."""

    def begin(store: Store) -> None:
        for name, phase in (("web-a", "Running"), ("web-b", "Pending")):
            made: dict[str, Any] = pod(name, app="web")
            made["metadata"]["namespace"] = "till"
            made["status"] = {"phase": phase}
            store.create(made, manager="controller")

    server.call(begin)
    return server


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("pods", "status=Running"), 0, r"^true after \d+\w*: 1 of 2 objects match"),
        (("pod/web-a", "status=Running"), 0, r"^true after \d+\w*: 1 of 1 objects match"),
        (("pods", "status=Running", "--or", "status=Pending", "--for", "all"), 0, "2 of 2 objects match"),
        (("pods", "app=other", "--for", "none"), 0, "0 of 2 objects match"),
        (("pods", "app=web", "--for", "2"), 0, "2 of 2 objects match"),
        (("pods", "app=other", "--fail-on", "status=Pending"), 1, "pods till/web-b matched what was not to match"),
        (("pods", "nothing-like-it", "--timeout", "1s"), 1, "no object comes near it"),
    ],
)
def test_how_many_must_match(
    program: Program, shop: SimulatorServer, words: tuple[str, ...], code: int, says: str
) -> None:
    done = program.run("wait", *words, "-n", "till")
    assert (done.returncode, done.stderr) == (code, "")
    assert re.search(says, done.stdout)


def timed_out(program: Program, *words: str) -> str:
    """What it says in the end, with as much time as it needs to look at anything: a busy machine begins late."""
    for seconds in (1, 4, 16, 64):
        done = program.run("wait", *words, "--timeout", f"{seconds}s", "-n", "till")
        assert (done.returncode, done.stderr) == (1, "")
        if "0 of 0" not in done.stdout:
            break
    return done.stdout


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("status=Running",), 0, "true after"),
        (("status=Running", "--stable", "1s"), 0, "true after"),
        (("app=other", "--fail-on", "status=Pending"), 1, "matched what was not to match"),
        (("app=other", "--timeout", "2s"), 1, "timed out after"),
    ],
)
def test_what_may_only_be_listed_is_waited_for_too(
    program: Program, words: tuple[str, ...], code: int, says: str
) -> None:
    """And what happens between two lists is not seen, which is said."""
    store = Store()
    for name, phase in (("web-a", "Running"), ("web-b", "Pending")):
        store.create(pod(name, app="web") | {"status": {"phase": phase}}, manager="test")
    with SimulatorServer(store, users=Users({"t": User("eve", (Rule(verbs=("list",)),))})) as server:
        program.configure(server.url, token="t")
        done = program.run("wait", "pods", *words)
        assert done.returncode == code, done.stderr
        assert says in done.stdout
        assert "listed again every 15 s or so instead" in done.stderr


def test_a_kind_that_nobody_can_watch_is_waited_for(program: Program, shop: SimulatorServer) -> None:
    """Kubernetes has such kinds: metrics are listed, and that is all."""
    done = program.run("wait", "podmetrics", "web", "--timeout", "30s", "-n", "till")
    assert (done.returncode, "true after" in done.stdout) == (0, True), done.stderr


def test_what_hindered_it_is_told_with_what_happened(program: Program, shop: SimulatorServer) -> None:
    told = timed_out(program, "pods", "app=web status=Running", "--for", "2")
    assert re.match(r"timed out after \d+\w*: 1 of 2", told)
    assert "pods till/web-b: " in told
    assert "● self" in told
    assert "till/web-a" not in told
    line = json.loads(program.run("wait", "pods", "status=Running", "-o", "json", "-n", "till").stdout)
    assert (line["outcome"], line["matching"], line["total"]) == ("true", ["pods till/web-a"], 2)


def test_it_waits_for_what_comes(program: Program, shop: SimulatorServer) -> None:
    waiting = subprocess.Popen(
        command("wait", "pods", "status=Running", "--for", "all", "--stable", "1s", "-n", "till"),
        env=program.env(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        shop.call(lambda store: become(store, "web-b", "Running"))
        told, _ = waiting.communicate(timeout=60)
        assert waiting.returncode == 0
        assert "2 of 2 objects match" in told
    finally:
        waiting.kill()


def test_ctrl_c_ends_it(program: Program, shop: SimulatorServer) -> None:
    waiting = subprocess.Popen(
        command("wait", "pods", "app=never"), env=program.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(2)
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(60) == 130
    finally:
        waiting.kill()
        waiting.communicate()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("pods", ""), "an empty filter matches everything"),
        (("pods", "app in ("), "kwatch: "),
        (("pods", "app=web", "--for", "some"), "'some' is not a number of objects"),
        (("pods", "app=web", "--fail-on", "/[/"), "kwatch: "),
        (("pods",), "FILTER"),
    ],
)
def test_wrong_words_are_a_sentence_and_exit_2(program: Program, words: tuple[str, ...], says: str) -> None:
    done = program.run("wait", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
