"""`kwatch logs`, as a script uses it: over HTTP, into a pipe."""

from __future__ import annotations

import asyncio
import copy
import json
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from kwatch.simulator.store import Store
from tests.end_to_end.program import Program, command
from tests.simulator.objects import namespace, pod
from tests.simulator.simulator_server import SimulatorServer

NOW = 1_800_000_000.0


class Logs:
    """Of each container three lines, and one that follows, then silence."""

    def logs(self, namespace: str, pod: str, container: str, previous: bool) -> list[str]:
        if previous and pod != "cart-a":
            raise LookupError(container)
        second = ord(pod[-1]) - ord("a")
        lines = [
            f"2027-01-15T07:59:{10 * number + second:02d}.5Z {container} of {pod} says {number}" for number in range(3)
        ]
        return ["2027-01-15T07:00:00Z before: \x1b[31mpanic\x1b[0m"] if previous else lines

    async def follow(self, namespace: str, pod: str, container: str) -> AsyncIterator[str]:
        yield f'2027-01-15T08:00:0{ord(pod[-1]) - ord("a")}Z {{"level":"error","msg":"live {pod}"}}'
        await asyncio.Event().wait()


def running(name: str, *containers: str, restarts: int = 0, **labels: str) -> dict[str, Any]:
    made: dict[str, Any] = pod(name, **labels)
    made["spec"]["containers"] = [{"name": each, "image": "x:1"} for each in containers]
    ended = {"lastState": {"terminated": {"exitCode": 1}}} if restarts else {}
    made["status"]["containerStatuses"] = [
        {"name": each, "restartCount": restarts, "state": {"running": {}}, **ended} for each in containers
    ]
    return made


@pytest.fixture
def shop(program: Program) -> Iterator[SimulatorServer]:
    """Two pods of a deployment and its service, another pod, and one that has not started."""
    store = Store(clock=lambda: NOW)
    store.create(namespace("shop"), manager="test")
    store.create(running("cart-a", "cart", restarts=1, app="cart"), manager="test")
    store.create(running("cart-b", "cart", app="cart"), manager="test")
    store.create(running("web-c", "web", "proxy", app="web"), manager="test")
    waiting = running("new-d", "new", app="new")
    waiting["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": "ContainerCreating"}}
    store.create(waiting, manager="test")
    selector = {"app": "cart"}
    for kind, spec in (
        ("Deployment", {"selector": {"matchLabels": selector}, "template": {}}),
        ("Service", {"selector": selector}),
    ):
        api = "apps/v1" if kind == "Deployment" else "v1"
        made = {"apiVersion": api, "kind": kind, "metadata": {"name": "cart", "namespace": "shop"}, "spec": spec}
        store.create(copy.deepcopy(made), manager="test")
    with SimulatorServer(store, logs=Logs()) as serving:
        program.configure(serving.url)
        yield serving


LAST_OF_A = ["2027-01-15T07:59:20.500000000Z cart of cart-a says 2"]
CART = [f"cart-{pod} cart cart of cart-{pod} says {number}" for number in range(3) for pod in "ab"]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("deploy/cart",), CART),
        (("svc/cart",), CART),
        (("svc", "cart"), CART),
        (("-l", "app=cart"), CART),
        (("app=cart",), CART),
        (("pods", "app=cart"), CART),
        (("pod/cart-a", "pod/cart-b"), CART),
        (("deploy/cart", "--tail", "1"), CART[-2:]),
        (("deploy/cart", "--since", "50s"), CART[2:]),
        (("deploy/cart", "--since-time", "2027-01-15T07:59:20Z"), CART[4:]),
        (("deploy/cart", "--include", "says [01]", "--exclude", "cart-b"), [CART[0], CART[2]]),
        (("pod/cart-a",), [f"cart of cart-a says {number}" for number in range(3)]),
        (("pod/cart-a", "--prefix", "--tail", "1"), [CART[4]]),
        (("pod/cart-a", "--timestamps", "--tail", "1"), ["2027-01-15T07:59:20.500000000Z cart of cart-a says 2"]),
        (("pod/web-c", "--tail", "1"), ["web-c web web of web-c says 2", "web-c proxy proxy of web-c says 2"]),
        (("pod/web-c", "-c", "^pro", "--tail", "1"), ["proxy of web-c says 2"]),
        (("deploy/cart", "--raw", "--tail", "1"), ["cart of cart-a says 2", "cart of cart-b says 2"]),
        (("app=cart restarts>0", "--tail", "1"), ["cart-a cart cart of cart-a says 2"]),
        (("cart-b",), [line for line in CART if "-b" in line]),
        (("pods", "cart-b", "--tail", "1"), ["cart of cart-b says 2"]),
        (
            ("app=cart", "-t", "-i", "says 2", "-e", "b says"),
            ["cart-a cart 2027-01-15T07:59:20.500000000Z cart of cart-a says 2"],
        ),
        (("app=cart", "--exclude-pod", "b$", "--tail=1", "--all-pods", "--no-follow", "--ignore-errors"), [CART[4]]),
        (("pod/web-c", "-E", "pro", "--tail", "1"), ["web of web-c says 2"]),
        (("deploy/cart", "-o", "raw", "--tail", "1"), ["cart of cart-a says 2", "cart of cart-b says 2"]),
        (("app=cart", "--container-state", "running,waiting", "--tail", "1"), CART[-2:]),
        (("deploy/cart", "-p"), ["cart-a cart before: panic"]),
        (("deploy/cart", "-p", "--raw"), ["before: \x1b[31mpanic\x1b[0m"]),
    ],
)
def test_which_lines(program: Program, shop: SimulatorServer, words: tuple[str, ...], shown: list[str]) -> None:
    done = program.run("logs", *words)
    assert (done.stdout.splitlines(), done.stderr, done.returncode) == (shown, "", 0)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("deploy/nope",), 1, "deployments.apps/nope was not found in shop"),
        (("nope",), 1, "pods nope: no container was found"),
        (("app=cart", "-c", "x"), 1, "pods app=cart: no container named x was found"),
        (("configmaps",), 1, "configmaps have no pods, and so no logs"),
        (("cm/a",), 1, "configmaps have no pods, and so no logs"),
        (("widget/a",), 1, 'the server does not have a resource type "widget"'),
        (("pod/new-d",), 1, "shop/new-d new: it has not started yet"),
        (("pod/cart-b", "-p"), 1, "shop/cart-b cart: it has not been restarted, so there is no log before that"),
        (("pods", "age>"), 2, "> needs something to compare with"),
        (("pod/cart-a", "-A"), 1, "an object cannot be found by name in several namespaces"),
        (("pod/cart-a", "-l", "a=b"), 1, "an object is named, so -l and --field-selector select nothing"),
        (("-f", "-p"), 2, "--previous is of runs that are over"),
        (("--tail", "x"), 2, "'x' is not a number of lines; write 100, or -1 for all"),
        (("--since", "x"), 2, "'x' is not a time"),
        (("--since-time", "x"), 2, "'x' is not a time; write 2026-12-01T08:00:00Z, or --since 10m"),
        (("--since", "5m", "--since-time", "2027-01-15T07:59:20Z"), 2, "give one of them"),
        (("--include", "("), 2, "'(' is not a regular expression"),
        (("-c", "("), 2, "'(' is not a regular expression"),
        (("--max-log-requests", "0"), 2, "'0' is not a number of requests; write one from 1 to 1,000"),
        (("-o", "json", "--raw"), 2, "give one of them"),
        (("",), 2, "an empty word names nothing"),
        (("web-0",), 1, "pods/web-0 was not found in shop"),
        (("cart-5d4f8c7b9d-x7k2p", "app"), 1, "is the name of a pod; -c REGEX says which of its containers"),
        (
            ("--container-state", "broken"),
            2,
            "'broken' is not a state of a container; write running,",
        ),
        (("app=cart", "--container-state", "terminated"), 1, "pods app=cart: no container was found"),
        (
            ("deploy/cart", "-i", "(a+)+b"),
            2,
            "'(a+)+b' is refused. This could take for ever: it repeats a repeat;",
        ),
        (("--limit-bytes", "5"), 2, "kwatch logs has no --limit-bytes: --tail N bounds the lines"),
        (("--template={{.Message}}",), 2, "kwatch logs has no --template: -o json, read with jq"),
        (("app=cart", "--node", "nowhere"), 1, "no container was found"),
    ],
)
def test_what_cannot_be_had(
    program: Program, shop: SimulatorServer, words: tuple[str, ...], code: int, says: str
) -> None:
    done = program.run("logs", *words)
    assert (done.stdout, done.returncode) == ("", code)
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_json_says_whose_line_it_is(program: Program, shop: SimulatorServer) -> None:
    (line,) = program.run("logs", "pod/cart-b", "-o", "json", "--tail", "1").stdout.splitlines()
    assert json.loads(line) == {
        "namespace": "shop",
        "pod": "cart-b",
        "container": "cart",
        "time": "2027-01-15T07:59:21.500000000Z",
        "message": "cart of cart-b says 2",
    }


def started(program: Program, *words: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(command(*words), env=program.env(), stdout=pipe, stderr=pipe, text=True)


def test_following_ends_with_ctrl_c(program: Program, shop: SimulatorServer) -> None:
    words = ("logs", "deploy/cart", "-f", "--tail", "0")
    with started(program, *words) as running:
        assert running.stdout is not None
        live = [running.stdout.readline() for _ in range(2)]
        running.send_signal(signal.SIGINT)
        rest, errors = running.communicate(timeout=60)
    assert live == [f'cart-{pod} cart {{"level":"error","msg":"live cart-{pod}"}}\n' for pod in "ab"]
    assert (rest, errors, running.returncode) == ("", "", 130)


def test_a_pipe_that_nobody_reads_ends_it_quietly(program: Program, shop: SimulatorServer) -> None:
    words = ("logs", "deploy/cart", "-f")
    with started(program, *words) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert (running.wait(60), running.stderr.read()) == (141, "")


def test_on_a_terminal_lines_are_coloured_and_json_is_folded(program: Program, shop: SimulatorServer) -> None:
    with program.start("logs", "deploy/cart", "-f", "--tail", "1", columns=80, rows=24) as terminal:
        shown = terminal.wait_for("live cart-b")
    assert "cart-a cart cart of cart-a says 2" in shown
    assert "cart-a cart ERROR live cart-a" in shown
