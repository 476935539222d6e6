"""What the screen says is so: for an account with few rights, and in a recording at the moment that is shown."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from queue import Queue

from kwatch.informer.kube_object import KubeObject
from kwatch.simulator.api.call import Rule, User, Users
from kwatch.simulator.store import Store
from tests.end_to_end.program import Program
from tests.end_to_end.test_hooks import read_into, watching
from tests.history.recording.samples import Tape
from tests.simulator.objects import pod
from tests.simulator.simulator_server import SimulatorServer

LISTS_PODS = Rule(verbs=("list",), resources=("pods",), namespaces=("shop", "hidden"))


def test_an_account_that_may_only_list_pods_in_two_namespaces(program: Program) -> None:
    store = Store(revision=100)
    for name, where in (("cart-1", "shop"), ("secret-1", "hidden")):
        store.create(pod(name, where, app="cart"), manager="test")
    with SimulatorServer(store, users=Users({"t": User("eve", (LISTS_PODS,))})) as server:
        program.configure(server.url, token="t")
        with program.start(columns=100, rows=30) as terminal:
            terminal.wait_for("cart-1")
            terminal.wait_for("forbidden to watch, listed")
            terminal.press("l")
            terminal.wait_for("1 cannot be had")
            terminal.press("e")
            terminal.wait_for("You may not list events here")
            terminal.press("escape")
            terminal.wait_for("1 pod")
            terminal.press("!")
            terminal.wait_for("in 1 object of 1 of ")
            terminal.press("escape")
            terminal.press(":ns\r")
            terminal.wait_for("You may not list namespaces")
            terminal.press("hidden\r")
            terminal.wait_for("secret-1")
            terminal.press(":nodes\r")
            terminal.wait_for("You may not list nodes")
            assert "0 nodes" not in terminal.text()
            terminal.press("q")
            assert terminal.wait_for_exit() == 0


WATCHES_SHOPS = (
    Rule(verbs=("list", "watch"), resources=("pods", "deployments"), namespaces=("shop", "payments")),
    Rule(verbs=("list", "watch"), resources=("namespaces",)),
)


def test_a_report_and_a_hook_of_all_namespaces_are_of_those_that_one_may_list(program: Program) -> None:
    store = Store(revision=100)
    for name, where in (("cart-1", "shop"), ("pay-1", "payments"), ("secret-1", "hidden")):
        store.create(pod(name, where, app="cart"), manager="test")
    for name in ("shop", "payments", "hidden"):
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        store.create(namespace, manager="test")
    with SimulatorServer(store, users=Users({"t": User("eve", WATCHES_SHOPS)})) as server:
        program.configure(server.url, token="t")
        told = program.run("report", "-A", "-o", "md")
        assert told.returncode == 0, told.stderr
        assert "| pods | payments, shop |" in told.stdout
        assert "Only of payments, shop: one may not list across all namespaces." in told.stdout
        assert "secrets" in told.stdout and told.stdout.count("Made without") == 1
        lines = Queue[str]()
        with watching(program, "pods", "-A", "--on", "app=cart", "--existing") as running:
            reader = threading.Thread(target=read_into, args=(lines, running), daemon=True)
            reader.start()
            try:
                first = {lines.get(timeout=60).partition("pods ")[2].partition(":")[0] for _ in range(2)}
            finally:
                running.send_signal(signal.SIGINT)
            reader.join()
            complaints = running.stderr.read() if running.stderr is not None else ""
        assert first == {"shop/cart-1", "payments/pay-1"}
        assert "pods without hidden: may not be listed" in complaints


def at(name: str, version: int, reason: str) -> KubeObject:
    tree = pod(name)
    tree["metadata"] |= {"uid": name, "resourceVersion": str(version), "creationTimestamp": "1970-01-01T00:10:00Z"}
    state = {"waiting": {"reason": reason}} if reason else {"running": {}}
    tree["status"] = {"phase": "Running", "containerStatuses": [{"name": "main", "ready": not reason, "state": state}]}
    return KubeObject.of(tree)


def test_in_a_replay_everything_is_as_of_the_moment(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "story.kwatch"
    with Tape(path) as tape:
        tape.pods.replace(at("cart-1", 1, "ImagePullBackOff"))
        tape.pods.replace(at("web-1", 2, ""))
        tape.pods.at = 1300.0
        tape.pods.update(at("cart-1", 3, ""))
        tape.pods.update(at("web-1", 4, "ImagePullBackOff"))
    with program.start("replay", str(path), "--paused", columns=100, rows=30) as terminal:
        terminal.wait_for("6m42s")
        terminal.wait_for("2 pods  ! 1 unhealthy")
        terminal.press("!")
        terminal.wait_for(lambda text: "problems" in text and "cart-1" in text and "web-1" not in text)
        terminal.press("escape", "end")
        terminal.wait_for("11m")
        terminal.press("!")
        terminal.wait_for(lambda text: "problems" in text and "web-1" in text and "cart-1" not in text)
        terminal.press("escape", "/", "app=cart", "enter")
        terminal.wait_for("0 of 2 pods")
        terminal.press("escape", ":ns\r")
        terminal.wait_for("Namespaces were not recorded")
        terminal.press("escape", "v")
        terminal.wait_for("first seen")
        terminal.press("down", "enter")
        terminal.wait_for("not known (first seen)")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
