"""Commands that print credentials: run when needed, once for all, told and understood as client-go does."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kwatch.cluster.api_server import ApiServer
from kwatch.cluster.settings import ConnectionSettings, ExecEntry, TLSTrust, UserEntry
from kwatch.informer.clock import SystemClock
from kwatch.informer.errors import ApiError
from tests.cluster.conftest import Serve
from tests.cluster.scripted_server import Received, answer
from tests.waiting import wait_until

V1 = "client.authentication.k8s.io/v1"
VERSION = {"gitVersion": "v1.36.2"}


class FixedClock(SystemClock):
    """A wall clock that stands still until moved."""

    now = 1_800_000_000.0

    def time(self) -> float:
        return self.now


class Plugin:
    """A Python program as a plugin. It notes every run in a file, with what it was told."""

    def __init__(self, folder: Path) -> None:
        self._notes = folder / "runs"
        self._program = folder / "plugin.py"

    def prints(self, status: Any, version: str = V1, kind: str = "ExecCredential", then: str = "") -> None:
        text = json.dumps({"apiVersion": version, "kind": kind, "status": status})
        self.runs_code(f"print({text!r})\n{then}")

    def runs_code(self, code: str) -> None:
        note = (
            "import json, os, sys\n"
            f"with open({str(self._notes)!r}, 'a') as notes:\n"
            "    told = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
            "    alone = os.getpgrp() == os.getpid()\n"
            "    heard = [told, sys.argv[1:], os.environ.get('EXTRA'), sys.stdin.read(), alone]\n"
            "    print(json.dumps(heard), file=notes)\n"
        )
        self._program.write_text(note + code)

    @property
    def runs(self) -> list[Any]:
        return [json.loads(line) for line in self._notes.read_text().splitlines()] if self._notes.exists() else []

    def entry(self, **fields: Any) -> ExecEntry:
        command = {"command": sys.executable, "args": ("-S", str(self._program), "login")}
        return ExecEntry(**(command | {"env": (("EXTRA", "more"),)} | fields))


@pytest.fixture
def plugin(tmp_path: Path) -> Plugin:
    return Plugin(tmp_path)


def cluster_with(entry: ExecEntry, server: str, clock: SystemClock | None = None, **fields: Any) -> ApiServer:
    user = UserEntry(exec=entry, **fields)
    trust = TLSTrust(authority_data=b"PEM", server_name="inner")
    settings = ConnectionSettings("it", "default", server, trust, user, exec_config={"pool": "a"})
    return ApiServer(settings, clock)


def accepting(*tokens: str) -> Callable[[Received], list[bytes]]:
    def respond(received: Received) -> list[bytes]:
        if received.header("authorization") in {f"Bearer {each}" for each in tokens}:
            return [answer(VERSION)]
        return [answer({"kind": "Status", "message": "Unauthorized", "reason": "Unauthorized", "code": 401}, 401)]

    return respond


def test_the_token_is_used_and_kept(plugin: Plugin, serve: Serve) -> None:
    plugin.prints({"token": "abc"})
    cluster = cluster_with(plugin.entry(), serve(accepting("abc")).url)
    assert [cluster.version() for _ in range(3)] == ["v1.36.2"] * 3
    assert len(plugin.runs) == 1


def test_what_it_is_told(plugin: Plugin, serve: Serve) -> None:
    plugin.prints({"token": "abc"})
    server = serve(accepting("abc"))
    cluster_with(plugin.entry(provide_cluster_info=True), server.url).version()
    ((told, args, extra, stdin, own_group),) = plugin.runs
    assert told == {
        "apiVersion": V1,
        "kind": "ExecCredential",
        "spec": {
            "interactive": False,
            "cluster": {
                "server": server.url,
                "tls-server-name": "inner",
                "certificate-authority-data": "UEVN",
                "config": {"pool": "a"},
            },
        },
    }
    assert (args, extra, stdin, own_group) == (["login"], "more", "", True)


def test_the_cluster_is_told_only_to_those_that_ask(plugin: Plugin, serve: Serve) -> None:
    plugin.prints({"token": "abc"})
    cluster_with(plugin.entry(), serve(accepting("abc")).url).version()
    assert plugin.runs[0][0]["spec"] == {"interactive": False}


def test_the_older_version_is_understood(plugin: Plugin, serve: Serve) -> None:
    beta = "client.authentication.k8s.io/v1beta1"
    plugin.prints({"token": "abc"}, version=beta)
    assert cluster_with(plugin.entry(api_version=beta), serve(accepting("abc")).url).version() == "v1.36.2"


def test_once_for_everybody_who_waits(plugin: Plugin, serve: Serve) -> None:
    plugin.prints({"token": "abc"})
    cluster = cluster_with(plugin.entry(), serve(accepting("abc")).url)
    together, answers = threading.Barrier(8), list[str]()

    def ask() -> None:
        together.wait(60)
        answers.append(cluster.version())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert answers == ["v1.36.2"] * 8
    assert len(plugin.runs) == 1


def test_while_it_runs_it_says_so(plugin: Plugin, serve: Serve, tmp_path: Path) -> None:
    logged_in = tmp_path / "logged in"
    plugin.prints({"token": "abc"}, then=f"import time\nwhile not os.path.exists({str(logged_in)!r}): time.sleep(0.01)")
    cluster = cluster_with(plugin.entry(), serve(accepting("abc")).url)
    assert cluster.waits_for == ""
    asking = threading.Thread(target=cluster.version)
    asking.start()
    wait_until(lambda: cluster.waits_for == f"the login command {sys.executable!r}")
    logged_in.touch()
    asking.join(60)
    assert cluster.waits_for == ""


def test_run_again_when_expired(plugin: Plugin, serve: Serve) -> None:
    clock = FixedClock()
    plugin.prints({"token": "abc", "expirationTimestamp": "2027-01-15T09:00:00Z"})
    cluster = cluster_with(plugin.entry(), serve(accepting("abc")).url, clock)
    cluster.version()
    clock.now = 1_800_003_599
    cluster.version()
    assert len(plugin.runs) == 1
    clock.now = 1_800_003_600
    plugin.prints({"token": "abc"})
    cluster.version()
    assert len(plugin.runs) == 2


def test_run_again_when_refused(plugin: Plugin, serve: Serve) -> None:
    plugin.prints({"token": "old"})
    accepted = ["old"]
    server = serve(lambda received: accepting(*accepted)(received))
    cluster = cluster_with(plugin.entry(), server.url)
    cluster.version()
    accepted[:] = ["new"]
    plugin.prints({"token": "new"})
    assert cluster.version() == "v1.36.2"
    assert len(plugin.runs) == 2
    assert len(server.requests) == 3


def test_a_refusal_of_a_fresh_credential_is_final(plugin: Plugin, serve: Serve) -> None:
    plugin.prints({"token": "s3cret-token-that-nobody-may-see"})
    server = serve(accepting())
    with pytest.raises(ApiError) as caught:
        cluster_with(plugin.entry(), server.url).version()
    assert caught.value.status == 401
    assert "log in again" in caught.value.message
    assert "s3cret" not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert len(server.requests) == 2


def test_a_token_goes_before_the_plugin(plugin: Plugin, serve: Serve) -> None:
    plugin.prints({"token": "unused"})
    assert cluster_with(plugin.entry(), serve(accepting("fixed")).url, token="fixed").version() == "v1.36.2"
    assert plugin.runs == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"command": "kwatch-no-such-command", "install_hint": "Get it\nfrom here."},
            r"not installed: Get it from here\.",
        ),
        (
            {"command": "kwatch-no-such-command"},
            r"'kwatch-no-such-command' of the kubeconfig is not installed: install it",
        ),
        ({"command": "/"}, r"cannot be run: Permission denied"),
        ({"command": ""}, r"names no command"),
        ({"api_version": "client.authentication.k8s.io/v1alpha1"}, r"v1alpha1', which is no longer supported"),
        ({"interactive_mode": "Always"}, r"insists on asking in the terminal"),
    ],
)
def test_a_plugin_that_cannot_run(plugin: Plugin, fields: dict[str, Any], sentence: str) -> None:
    plugin.prints({"token": "abc"})
    with pytest.raises(ApiError, match=sentence) as caught:
        cluster_with(plugin.entry(**fields), "http://127.0.0.1:1").version()
    assert (caught.value.status, caught.value.reason) == (0, "Credentials")
    assert plugin.runs == []


def test_a_plugin_that_fails_is_asked_again_next_time(plugin: Plugin, serve: Serve) -> None:
    plugin.runs_code("print('x', file=sys.stderr)\nsys.exit('You must log in.')")
    cluster = cluster_with(plugin.entry(), serve(accepting("abc")).url)
    with pytest.raises(ApiError, match=r"failed with exit code 1: You must log in\.$"):
        cluster.version()
    plugin.prints({"token": "abc"})
    assert cluster.version() == "v1.36.2"


def test_a_complaint_that_holds_a_token(plugin: Plugin) -> None:
    plugin.runs_code(f"sys.exit('refused {'eyJh' * 20} by server')")
    with pytest.raises(ApiError, match=r"refused \.\.\. by server\."):
        cluster_with(plugin.entry(), "http://127.0.0.1:1").version()


@pytest.mark.parametrize(
    ("status", "fields", "sentence"),
    [
        ({}, {}, "neither a token nor a client certificate"),
        (None, {}, "neither a token nor a client certificate"),
        ({"clientCertificateData": "x"}, {}, "a client certificate without its key"),
        ({"clientKeyData": "x"}, {}, "a client certificate without its key"),
        ({"token": "a"}, {"kind": "Other"}, "another kind or version"),
        ({"token": "a"}, {"version": "client.authentication.k8s.io/v1beta1"}, "another kind or version"),
        ({"token": "a"}, {"then": "print('more')"}, "no ExecCredential;"),
        ({"token": "a", "expirationTimestamp": "soon"}, {}, "expirationTimestamp that is not a moment"),
        ({"token": "a\nX: y"}, {}, "characters that a header cannot carry"),
    ],
)
def test_a_plugin_that_prints_nonsense(plugin: Plugin, status: Any, fields: dict[str, Any], sentence: str) -> None:
    plugin.prints(status, **fields)
    with pytest.raises(ApiError, match=sentence):
        cluster_with(plugin.entry(), "http://127.0.0.1:1").version()


def test_a_plugin_that_does_not_stop_printing_is_ended(plugin: Plugin) -> None:
    plugin.runs_code("while True: print('x' * 100_000)")
    with pytest.raises(ApiError, match="prints more than 1 MB; run it by hand"):
        cluster_with(plugin.entry(), "http://127.0.0.1:1").version()


def test_of_many_complaints_the_last_counts(plugin: Plugin) -> None:
    plugin.runs_code("for _ in range(40): print('x ' * 50_000, file=sys.stderr)\nsys.exit('You must log in.')")
    with pytest.raises(ApiError, match=r"failed with exit code 1: You must log in\.$"):
        cluster_with(plugin.entry(), "http://127.0.0.1:1").version()
