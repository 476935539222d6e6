"""A kuberc, from the file to what is printed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.end_to_end.program import Program
from tests.simulator.simulator_server import SimulatorServer


def write_kuberc(program: Program, **kuberc: object) -> Path:
    path = program.home / ".kube" / "kuberc"
    path.parent.mkdir(exist_ok=True)
    head = {"apiVersion": "kubectl.config.k8s.io/v1beta1", "kind": "Preference"}
    path.write_text(yaml.safe_dump(head | kuberc))
    return path


def test_aliases_and_defaults(program: Program, server: SimulatorServer) -> None:
    program.configure(server.url, namespace="default")
    options = [{"name": "namespace", "default": "shop"}, {"name": "output", "default": "name"}]
    words = ["pods", "-l", "app=cart"]
    alias = {"name": "carts", "command": "get", "prependArgs": words, "options": options[:1]}
    path = write_kuberc(program, aliases=[alias], defaults=[{"command": "get", "options": options}], colour="red")
    carts = program.run("carts", "-o", "name")
    assert (carts.returncode, carts.stdout.split()) == (0, ["pod/cart-1", "pod/cart-2"])
    assert carts.stderr == f"kwatch: colour means nothing in the kuberc {path}; the rest counts\n"
    assert program.run("get", "pods").stdout.split() == ["pod/cart-1", "pod/cart-2", "pod/web-1"]
    with program.start("pods") as terminal:  # what is printed as names is still a table on a screen
        terminal.wait_for("web-1")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ({"credentialPluginPolicy": "DenyAll"}, "is not run: the kuberc {path} says DenyAll."),
        (
            {"credentialPluginPolicy": "Allowlist", "credentialPluginAllowlist": [{"command": "/bin/other"}]},
            "is not run: the list of the kuberc {path} does not name it.",
        ),
    ],
)
def test_a_login_command_that_may_not_be_run(
    policy: dict[str, object], says: str, program: Program, server: SimulatorServer
) -> None:
    login, ran = program.home / "login", program.home / "ran"
    status = '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}'
    login.write_text(f"#!/bin/sh\ntouch {ran}\necho '{status}'\n")
    login.chmod(0o755)
    config = yaml.safe_load(program.kubeconfig.read_text())
    exec_entry = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(login), "interactiveMode": "Never"}
    config["users"][0]["user"] = {"exec": exec_entry}
    program.kubeconfig.write_text(yaml.safe_dump(config))
    path = write_kuberc(program, **policy)
    words = ("get", "pods", "-o", "name")
    refused = program.run(*words)
    assert refused.returncode == 1 and not ran.exists()
    sentence = f"The login command '{login}' {says.format(path=path)}"
    assert sentence in refused.stderr and refused.stderr.count("\n") == 1
    assert sentence in program.run("info").stdout
    write_kuberc(program, credentialPluginPolicy="Allowlist", credentialPluginAllowlist=[{"command": str(login)}])
    assert f"kuberc      {path} (login commands: Allowlist)" in program.run("info").stdout
    assert program.run(*words).returncode == 0 and ran.exists()


def test_one_that_cannot_be_used_is_one_sentence(program: Program, server: SimulatorServer) -> None:
    path = write_kuberc(program, credentialPluginPolicy="Never")
    says = f"In the kuberc {path} the credentialPluginPolicy is 'Never'; there are AllowAll, DenyAll and Allowlist"
    got = program.run("get", "pods")
    assert (got.returncode, got.stdout, got.stderr) == (2, "", f"kwatch: {says}\n")
    info = program.run("info")
    assert info.returncode == 1 and f"server      cannot be reached: {says}" in info.stdout
    waited = program.run("wait", "pods", "unhealthy")
    assert (waited.returncode, waited.stdout, waited.stderr) == (1, "", f"kwatch: {says}\n")
    with program.start("events", "--kuberc", str(path.with_name("nowhere")), columns=240) as terminal:
        assert terminal.wait_for_exit() == 2
        assert "nowhere cannot be read: No such file" in terminal.text()
