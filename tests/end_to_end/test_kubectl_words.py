"""kubectl's words, typed to kwatch."""

from __future__ import annotations

import yaml

from tests.end_to_end.program import Program
from tests.simulator.kubectl import Kubectl
from tests.simulator.simulator_server import SimulatorServer


def test_get_prints_and_ends_where_there_is_no_terminal(program: Program, server: SimulatorServer) -> None:
    got = program.run("get", "pods", "-n", "shop", "-o", "name")
    assert (got.returncode, got.stderr) == (0, "")
    assert got.stdout.split() == ["pod/cart-1", "pod/cart-2", "pod/web-1"]
    assert program.run("-n", "shop", "pods", "-w=false", "-oname").stdout == got.stdout
    one = program.run("get", "pod/cart-1", "-n", "shop", "-o", "yaml")
    assert yaml.safe_load(one.stdout)["metadata"]["name"] == "cart-1"
    # What describe shows on a screen is its YAML in a pipe.
    assert program.run("describe", "pod", "cart-1", "-n", "shop").stdout == one.stdout


def test_get_is_the_screen_where_there_is_one(program: Program, server: SimulatorServer) -> None:
    with program.start("get", "pods", "-n", "shop") as terminal:
        terminal.wait_for("cart-1")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0


def test_what_changes_a_cluster_is_one_sentence_and_asks_no_server(program: Program) -> None:
    done = program.run("delete", "pod", "cart-1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "kwatch: kwatch only reads, so it has no delete; type kubectl delete pod cart-1\n"


def test_kyaml_is_printed_as_kubectl_prints_it(program: Program, server: SimulatorServer) -> None:
    kubectl = Kubectl(program.home, program.kubeconfig)
    for words in (
        ("pods", "-A"),
        ("widgets", "-A"),
        ("pod/cart-1", "-n", "shop", "--show-managed-fields"),
        ("namespaces",),
    ):
        theirs = kubectl.clean("get", *words, "-o", "kyaml")
        assert program.run("get", *words, "-o", "kyaml").stdout == theirs and theirs.startswith("---\n{\n")
