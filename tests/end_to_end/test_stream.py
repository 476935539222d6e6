"""Streams without a screen, against a server over HTTP."""

from __future__ import annotations

import copy
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, Any

import pytest

from kwatch.simulator.api.call import Rule, User, Users
from kwatch.simulator.store import Store
from tests.end_to_end.program import Program, command
from tests.simulator.kubectl import Kubectl
from tests.simulator.objects import pod
from tests.simulator.simulator_server import SimulatorServer


def next_line(stream: IO[str]) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(stream.readline())
    return line


@contextmanager
def running(program: Program, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The program as long as the block lasts."""
    process = subprocess.Popen(
        command(*words), env=program.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def relabel(store: Store) -> None:
    changed = copy.deepcopy(store.get("pods", "cart-1", "shop"))
    assert changed is not None
    changed["metadata"]["labels"]["tier"] = "gold"
    store.update(changed, manager="somebody")


def test_a_line_of_json_for_everything_that_happens(program: Program, server: SimulatorServer) -> None:
    with running(program, "pods", "-o", "json") as process:
        assert process.stdout is not None
        first = [next_line(process.stdout) for _ in range(3)]
        assert [(line["type"], line["object"]["metadata"]["name"]) for line in first] == [
            ("ADDED", "cart-1"),
            ("ADDED", "cart-2"),
            ("ADDED", "web-1"),
        ]
        server.call(relabel)
        changed = next_line(process.stdout)
        assert (changed["type"], changed["changed"]) == ("MODIFIED", ["metadata.labels.tier"])
        assert changed["old_resource_version"] == first[0]["object"]["metadata"]["resourceVersion"]
        server.call(lambda store: store.delete("pods", "web-1", "shop"))
        assert next_line(process.stdout)["type"] == "DELETED"
        server.call(lambda store: store.create(pod("late"), manager="test"))
        assert next_line(process.stdout)["object"]["metadata"]["name"] == "late"
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130


@pytest.mark.parametrize(
    "words",
    [
        ("pods",),
        ("pods", "-o", "wide"),
        ("pods", "-l", "app=cart"),
        ("pods", "-A"),
        ("widgets",),
        ("po", "--show-labels"),
    ],
)
def test_until_synced_prints_what_kubectl_prints(
    program: Program, server: SimulatorServer, words: tuple[str, ...]
) -> None:
    ours = program.run(*words, "--until-synced")
    assert (ours.returncode, ours.stderr) == (0, "")
    assert ours.stdout == Kubectl(program.home, program.kubeconfig).clean("get", *words)


def test_a_gap_is_said(program: Program, server: SimulatorServer) -> None:
    with running(program, "pods", "-o", "json") as process:
        assert process.stdout is not None
        for _ in range(3):
            next_line(process.stdout)
        server.restart(0.2)
        server.call(relabel)
        seen = []
        while "MODIFIED" not in seen:
            seen.append(next_line(process.stdout)["type"])
        assert set(seen) == {"GAP", "MODIFIED"}
        process.terminate()
        assert process.wait(60) == 128 + signal.SIGTERM


def test_who_may_list_but_not_watch_is_told_so_once_and_sees_what_is_listed(program: Program) -> None:
    users = Users({"t": User("eve", (Rule(verbs=("list",)),))})
    store = Store()
    store.create(pod("cart-1"), manager="test")
    with SimulatorServer(store, users=users) as server:
        program.configure(server.url, token="t")
        asked = program.run("pods", "--until-synced")
        assert (asked.returncode, asked.stderr, asked.stdout.count("cart-1")) == (0, "", 1)
        with running(program, "pods", "-o", "name") as process:
            assert process.stdout is not None and process.stderr is not None
            assert process.stdout.readline() == "pod/cart-1\n"
            assert process.stderr.readline() == (
                'kwatch: pods: pods is forbidden: User "eve" cannot watch resource "pods" in API group "" in the '
                'namespace "shop": listed again every 15 s or so instead, and what happens in between is not seen\n'
            )


def test_who_may_watch_but_not_list_needs_no_list(program: Program) -> None:
    users = Users({"t": User("eve", (Rule(verbs=("watch",)),))})
    store = Store()
    store.create(pod("cart-1"), manager="test")
    with SimulatorServer(store, users=users) as server:
        program.configure(server.url, token="t")
        answer = program.run("pods", "-o", "name", "--until-synced")
        assert (answer.returncode, answer.stderr, answer.stdout) == (0, "", "pod/cart-1\n")


def test_a_closed_pipe_ends_it_quietly(program: Program, server: SimulatorServer) -> None:
    with running(program, "pods", "-o", "name") as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "pod/cart-1\n"
        process.stdout.close()
        for number in range(200):
            server.call(partial(Store.create, obj=pod(f"more-{number}"), manager="test"))
        assert process.wait(60) == 141
        assert process.stderr.read() == ""


def test_a_kubeconfig_that_comes_through_a_pipe(program: Program, server: SimulatorServer) -> None:
    """--kubeconfig <(cat FILE), and through the standard input."""
    words = ("pods", "--until-synced", "-o", "name", "--kubeconfig")
    for shell in ('"$0" -m kwatch "$@" <(cat "$KUBECONFIG")', 'cat "$KUBECONFIG" | "$0" -m kwatch "$@" /dev/stdin'):
        done = subprocess.run(
            ["bash", "-c", shell, sys.executable, *words],
            env=program.env(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.stderr, done.stdout.split()) == ("", ["pod/cart-1", "pod/cart-2", "pod/web-1"])


def test_an_object_nested_beyond_reason_costs_no_other_its_place(program: Program, server: SimulatorServer) -> None:
    deep: Any = []
    for _ in range(800):
        deep = [deep]
    server.call(lambda store: store.create(pod("deep") | {"odd": deep}, manager="test"))
    done = program.run("pods", "--until-synced", "-o", "custom-columns=A:.metadata.name,B:.odd")
    assert done.returncode == 1
    assert done.stderr == "kwatch: pods shop/deep: nested too deep to be printed so\n"
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["A", "cart-1", "cart-2", "web-1"]
