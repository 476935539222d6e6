"""Whatever is wrong: one sentence that says what to do, exit code 1, or 2 for words that do not fit."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import trustme

from kwatch.simulator.api.call import Rule, User, Users
from kwatch.simulator.store import Store
from tests.cluster.scripted_server import Received, ScriptedServer, answer
from tests.end_to_end.program import Program
from tests.simulator.simulator_server import SimulatorServer


def complaint(program: Program, *words: str, code: int = 1) -> str:
    """What it says on stderr: one line, and nothing on stdout."""
    done = program.run(*words)
    assert done.returncode == code, done
    assert done.stdout == ""
    assert done.stderr.startswith("kwatch: ") and done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_no_kubeconfig(program: Program) -> None:
    assert "kubeconfig" in complaint(program, "pods")


def test_a_kubeconfig_that_was_named_but_is_not_there(program: Program) -> None:
    assert "nowhere.yaml does not exist" in complaint(program, "pods", "--kubeconfig", "/nowhere.yaml")


def test_unknown_context(program: Program, server: SimulatorServer) -> None:
    assert "tset" in complaint(program, "pods", "--context", "tset")


def test_malformed_yaml(program: Program) -> None:
    program.kubeconfig.write_text("clusters: [\n  {name: ")
    says = complaint(program, "pods")
    assert str(program.kubeconfig) in says and "line" in says


def test_refused_connection(program: Program) -> None:
    program.configure(f"http://127.0.0.1:{free_port()}")
    assert "refuses connections" in complaint(program, "pods")


def test_untrusted_certificate(program: Program, tmp_path: Path) -> None:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with SimulatorServer(Store(), tls=context) as serving:
        program.configure(serving.url)
        assert "certificate" in complaint(program, "pods")
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        trusting = program.run("pods", "--until-synced", "--certificate-authority", str(tmp_path / "ca.pem"))
        assert (trusting.returncode, trusting.stdout) == (0, "")


def test_expired_token(program: Program) -> None:
    users = Users({"good": User("eve", (Rule(),))})
    with SimulatorServer(Store(), users=users) as serving:
        program.configure(serving.url, token="expired")
        assert "they may have expired, log in again" in complaint(program, "pods")


def test_forbidden_list(program: Program) -> None:
    users = Users({"t": User("eve", (Rule(resources=("services",)),))})
    with SimulatorServer(Store(), users=users) as serving:
        program.configure(serving.url, token="t")
        sentence = complaint(program, "pods")
        assert 'User "eve" cannot list resource "pods"' in sentence
        assert "with -n, or another --context" in sentence


def test_one_of_several_forbidden(program: Program) -> None:
    users = Users({"t": User("eve", (Rule(resources=("services",)),))})
    with SimulatorServer(Store(), users=users) as serving:
        program.configure(serving.url, token="t")
        answer = program.run("pods,services", "-A", "--until-synced")
        assert answer.returncode == 1
        assert "no services found" in answer.stderr
        assert 'User "eve" cannot list resource "pods"' in answer.stderr


def test_unknown_resource_suggests(program: Program, server: SimulatorServer) -> None:
    assert "pods" in complaint(program, "podz")


def test_an_object_that_is_not_there(program: Program, server: SimulatorServer) -> None:
    assert "'nope' not found in namespace shop" in complaint(program, "pods/nope", "--until-synced")


@pytest.mark.parametrize("selector", ["a in (x", "a==b==c", "==a", "a=b,,c=d"])
def test_malformed_selector(program: Program, server: SimulatorServer, selector: str) -> None:
    assert f"the selector {selector!r} is malformed" in complaint(program, "pods", "-l", selector, code=2)


def test_unknown_field_selector(program: Program, server: SimulatorServer) -> None:
    assert "spec.nope" in complaint(program, "pods", "--field-selector", "spec.nope=1")


@pytest.mark.parametrize("words", [("--nope",), ("-o", "xml"), ("pods/a/b",)])
def test_words_that_do_not_fit(program: Program, words: tuple[str, ...]) -> None:
    complaint(program, *words, code=2)


def test_a_broken_template(program: Program, server: SimulatorServer) -> None:
    assert "unclosed brace" in complaint(program, "pods", "-o", "jsonpath={.metadata")


def test_a_server_that_only_fails(program: Program) -> None:
    """Discovery works, lists never do: kubectl says so at once, and so does every plain command."""
    resource = {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": ["list", "watch"]}
    answers = {
        "/api": {"versions": ["v1"]},
        "/apis": {"groups": []},
        "/api/v1": {"resources": [resource]},
        "/version": {"gitVersion": "v1"},
    }
    failure = answer({"kind": "Status", "message": "etcd is on fire", "code": 500}, 500)

    def respond(request: Received) -> list[bytes]:
        path = request.target.partition("?")[0]
        return [answer(answers[path]) if path in answers else failure]

    with ScriptedServer(respond) as server:
        program.configure(server.url)
        for words in (("pods", "--until-synced"), ("pods", "-o", "json"), ("history", "pod/a")):
            assert complaint(program, *words) == "kwatch: etcd is on fire\n"
