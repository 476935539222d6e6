"""`python -m kwatch.simulator` as another process starts it."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from kwatch.simulator.__main__ import parse_arguments
from tests.simulator.client import asked, events, get
from tests.simulator.kubectl import Kubectl

TIMEOUT = 20.0


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-m", "kwatch.simulator", "--objects", "20", *arguments]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield process, json.loads(line)
    finally:
        process.terminate()
        process.wait(TIMEOUT)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def test_it_says_where_it_is_and_cleans_up() -> None:
    with running() as (process, said):
        assert set(said) == {"server", "kubeconfig", "pid"}
        assert said["pid"] == process.pid
        path = Path(said["kubeconfig"])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        config = json.loads(path.read_text())
        [context] = config["contexts"]
        assert (config["current-context"], context["context"]["namespace"]) == ("demo", "shop")
        [user] = config["users"]
        path_of_pods, token = "/api/v1/namespaces/shop/pods", user["user"]["token"]
        assert len(token) >= 32 and token not in json.dumps(said)
        assert get(said["server"], path_of_pods)[0] == 403
        assert get(said["server"], path_of_pods, Authorization="Bearer wrong")[0] == 401
        assert get(said["server"], path_of_pods, Authorization=f"Bearer {token}")[1]["items"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(TIMEOUT) == 0
        assert process.stderr is not None and process.stderr.read() == ""
        assert not path.parent.exists()


def test_several_clusters_are_as_many_servers() -> None:
    with running("--contexts", "one,two", "--rate", "0") as (_, said):
        config = json.loads(Path(said["kubeconfig"]).read_text())
        servers = {each["name"]: each["cluster"]["server"] for each in config["clusters"]}
        assert config["current-context"] == "one"
        assert [each["name"] for each in config["contexts"]] == ["one", "two"] == list(servers)
        assert len({*servers.values()}) == 2
        token = config["users"][0]["user"]["token"]

        def names(context: str, resource: str) -> set[str]:
            server = re.sub("//.*@", "//", servers[context])
            _, found = get(server, f"/{resource}", Authorization=f"Bearer {token}")
            return {each["metadata"]["name"] for each in found["items"]}

        assert names("one", "apis/apps/v1/deployments") == names("two", "apis/apps/v1/deployments")
        assert names("one", "api/v1/pods") != names("two", "api/v1/pods")


@pytest.mark.parametrize("given", [",", "one,one"])
def test_contexts_differ(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["--contexts", given])
    assert "does not name different contexts" in capsys.readouterr().err


def test_it_ends_with_the_pipe_its_parent_holds() -> None:
    with running() as (process, said):
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(TIMEOUT) == 0
        assert not Path(said["kubeconfig"]).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a process group's parent to die")
def test_it_ends_when_its_parent_dies(tmp_path: Path) -> None:
    parent = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-m', 'kwatch.simulator', '--objects', '20'],"
        " stdin=subprocess.DEVNULL)\n"
        "child.wait()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    process.kill()
    process.wait(TIMEOUT)
    # The simulator holds the other end of the pipe: it ends when the simulator does.
    assert process.stdout.read() == ""
    assert not Path(said["kubeconfig"]).exists()


def test_the_same_seed_makes_the_same_cluster() -> None:
    def names() -> list[str]:
        with running("--seed", "7", "--rate", "0", "--token", "t") as (_, said):
            found = get(said["server"], "/api/v1/pods", Authorization="Bearer t")[1]
            return [item["metadata"]["name"] for item in found["items"]]

    first = names()
    assert first and first == names()


def test_a_deleted_pod_terminates_first(tmp_path: Path) -> None:
    with running("--rate", "50", "--token", "t") as (_, said):
        kubectl = Kubectl(tmp_path, Path(said["kubeconfig"]))

        def running_pod() -> str:
            return next(row[0] for row in kubectl.rows("get", "pods", "--no-headers") if row[2] == "Running")

        first = running_pod()
        pods = get(said["server"], "/api/v1/pods?limit=1", Authorization="Bearer t")[1]
        assert "deleted" in kubectl.clean("delete", "pod", first, "--wait=false")
        # Asked for as what has happened: on a busy machine the pod may be gone by now.
        since = f"watch=1&resourceVersion={pods['metadata']['resourceVersion']}&fieldSelector=metadata.name%3D{first}"
        path = f"/api/v1/namespaces/shop/pods?{since}"
        with asked(said["server"], path, headers={"Authorization": "Bearer t"}) as response:
            written = (event["object"] for event in events(response) if event["type"] == "MODIFIED")
            pod = next(pod for pod in written if "deletionTimestamp" in pod["metadata"])
        assert pod["metadata"]["deletionGracePeriodSeconds"] == 30
        writers = [entry["manager"] for entry in pod["metadata"]["managedFields"]]
        assert kubectl.clean("wait", "--for=delete", f"pod/{first}", "--timeout=20s")
        assert not [name for name in writers if name.startswith("kubectl")], "a deletion is no write of fields"
        second = running_pod()
        forced = kubectl("delete", "pod", second, "--grace-period=0", "--force")
        path = f"/api/v1/namespaces/shop/pods/{second}"
        assert forced.code == 0 and get(said["server"], path, Authorization="Bearer t")[0] == 404


def test_token_and_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    certificate, key, trusted = tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "ca.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    trusted.write_bytes(authority.cert_pem.bytes())
    files = ("--tls-cert", str(certificate), "--tls-key", str(key), "--tls-ca", str(trusted))
    with running("--token", "secret", *files) as (_, said):
        assert said["server"].startswith("https://")
        kubectl = Kubectl(tmp_path, Path(said["kubeconfig"]))
        assert kubectl.clean("get", "namespace", "shop", "-o", "name") == "namespace/shop\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--faults", "nosuch=1"), "there is no fault 'nosuch'"),
        (("--tls-cert", "x"), "--tls-cert and --tls-key belong together"),
        (("--tls-cert", "/nowhere", "--tls-key", "/nowhere"), "cannot serve"),
    ],
)
def test_mistakes_are_told_in_a_sentence(arguments: tuple[str, ...], words: str) -> None:
    command = [sys.executable, "-m", "kwatch.simulator", "--objects", "5", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode in (1, 2) and done.stdout == ""
    assert words in done.stderr.splitlines()[-1]
