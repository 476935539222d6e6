"""Tab in bash, zsh and fish, on a terminal, with a cluster behind it."""

from __future__ import annotations

import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.end_to_end.program import Program
from tests.end_to_end.terminal import Terminal
from tests.simulator.simulator_server import SimulatorServer

KUBECTL = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or "kubectl"
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], ". {}"),
    "zsh": (["zsh", "-f", "-i"], "PS1='$ '; autoload -Uz compinit && compinit -D -u && . {}"),
    "fish": (["fish", "--no-config", "-i"], "function fish_prompt; echo -n '$ '; end; source {}"),
}


def scripts(program: Program) -> Path:
    """A folder with the scripts that are installed."""
    folder = program.home / "bin"
    folder.mkdir()
    for name, words in (("kwatch", ""), ("kubectl-kwatch", ""), ("kubectl_complete-kwatch", "__complete")):
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m kwatch {words} "$@"\n')
        script.chmod(0o755)
    return folder


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, program: Program, server: SimulatorServer) -> Iterator[Terminal]:
    """An interactive shell that has loaded what `kwatch completion` printed."""
    name = request.param
    if shutil.which(name) is None:
        pytest.skip(f"there is no {name} here")
    config = yaml.safe_load(program.kubeconfig.read_text())
    for each in ("prod-eu", "odd $(touch ran) name"):
        config["contexts"].append({"name": each, "context": {"cluster": "c", "user": "u", "namespace": "shop"}})
    program.kubeconfig.write_text(yaml.safe_dump(config))
    folder = scripts(program)
    completion = program.home / f"completion.{name}"
    completion.write_text(program.run("completion", name).stdout)
    command, load = SHELLS[name]
    environment = program.env(PS1="$ ", HISTFILE="", KWATCH_COMPLETION_WAIT="60")
    environment["PATH"] = f"{folder}:{environment['PATH']}"
    with Terminal(command, columns=100, rows=30, env=environment, cwd=program.home) as terminal:
        type_line(terminal, load.format(completion))
        said(terminal, "ready")
        yield terminal


def type_line(terminal: Terminal, text: str) -> None:
    terminal.send(text.encode() + b"\r")


def said(terminal: Terminal, word: str) -> None:
    """The shell is there, and does what one types."""
    type_line(terminal, f"echo {word[:2]}''{word[2:]}")
    terminal.wait_for(lambda text: word in text.split("\n"))


COMPLETED = {
    "kwatch pods -n sh": "kwatch pods -n shop ",
    "kwatch --context=prod": "kwatch --context=prod-eu ",
    "kwatch --context prod": "kwatch --context prod-eu ",
    "kwatch --context test,prod": "kwatch --context test,prod-eu ",
    "kwatch --context=prod-eu,te": "kwatch --context=prod-eu,test ",
    "kwatch pods -n kube-system,sh": "kwatch pods -n kube-system,shop ",
    "kwatch pods --namespace=kube-system,sh": "kwatch pods --namespace=kube-system,shop ",
    "kwatch pods cart-1 web": "kwatch pods cart-1 web-1 ",
    "kwatch pod/cart-1 pod/web": "kwatch pod/cart-1 pod/web-1 ",
    "kwatch pod/web": "kwatch pod/web-1 ",
    "kwatch -n shop get pods web": "kwatch -n shop get pods web-1 ",
    "kwatch pods,widg": "kwatch pods,widgets ",
    "kwatch logs web": "kwatch logs web-1 ",
    "kwatch --all-name": "kwatch --all-namespaces ",
    "kwatch compl": "kwatch completion ",
}


def test_tab_completes(shell: Terminal) -> None:
    for typed, becomes in COMPLETED.items():
        # Where the X goes says whether there is a blank.
        shell.send(b"\x15" + typed.encode() + b"\tX")
        shell.wait_for(lambda text, whole=f"{becomes}X": whole in text)  # type: ignore[misc]


def test_a_name_that_a_shell_would_run_is_quoted(shell: Terminal, program: Program) -> None:
    shell.send(b"kwatch --context=odd\t")
    shell.wait_for("touch")
    type_line(shell, " info > told")
    said(shell, "done")
    assert not (program.home / "ran").exists()
    assert "context     odd $(touch ran) name" in (program.home / "told").read_text()


def test_two_that_fit_are_listed(shell: Terminal) -> None:
    shell.send(b"kwatch pods car\t\t\t")
    shell.wait_for(lambda text: "cart-1" in text and "cart-2" in text)


def test_a_cluster_that_never_answers_gives_the_prompt_back(shell: Terminal, program: Program) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        program.configure(f"http://127.0.0.1:{deaf.getsockname()[1]}")
        type_line(shell, "export KWATCH_COMPLETION_WAIT=0.6")
        shell.send(b"kwatch pods -n sh\t")
        shell.wait_for("pods -n sh")
        shell.send(b"\x15")  # Ctrl-U: the line is gone
        said(shell, "still-here")


@pytest.mark.usefixtures("server")
def test_kubectl_completes_its_plugin(program: Program) -> None:
    # kubectl asks kubectl_complete-kwatch, which it finds on the PATH.
    environment = program.env(KWATCH_COMPLETION_WAIT="60")
    environment["PATH"] = f"{scripts(program)}:{environment['PATH']}"
    words = ("__complete", "kwatch", "-n", "shop", "pods", "web")
    done = subprocess.run([KUBECTL, *words], env=environment, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.splitlines() == ["web-1", ":4"]
