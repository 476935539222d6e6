"""The same kubeconfig and words, given to kubectl and to kwatch, make the same request, or none.

Two differences are meant: kwatch does not ask for a user name, and --token goes before a token file.
"""

from __future__ import annotations

import base64
import os
import ssl
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from kwatch.cluster import ConfigError, connect
from kwatch.informer.errors import ApiError
from tests.cluster.scripted_server import Received, ScriptedServer, answer

KUBECTL = Path(sys.executable).parent / "kubectl"
"""The one of the test dependencies; another, perhaps a wrapper, may have ways of its own."""
pytestmark = pytest.mark.skipif(not KUBECTL.exists(), reason="the kubectl of the test dependencies is not installed")
COMPARED = ("authorization", "impersonate-")
PLUGIN = """
import json, os
told = json.loads(os.environ['KUBERNETES_EXEC_INFO'])['spec']
told.pop('interactive')
token = os.environ.get('TOKEN', 'plugin') + str(len(told.get('cluster', {})))
version = 'client.authentication.k8s.io/v1'
print(json.dumps({'apiVersion': version, 'kind': 'ExecCredential', 'status': {'token': token}}))
"""


def entry(name: str, plural: str, **fields: Any) -> dict[str, Any]:
    return {plural: [{"name": name, plural[:-1]: fields}]}


def context(name: str, **fields: Any) -> dict[str, Any]:
    return entry(name, "contexts", **({"cluster": "here", "user": name} | fields))


def user(name: str, **fields: Any) -> dict[str, Any]:
    return entry(name, "users", **fields)


def cluster(name: str, path: str = "", /, **fields: Any) -> dict[str, Any]:
    """A cluster at the test's server, under a path that tells which it is."""
    return entry(name, "clusters", **({"server": f"SERVER{path}", "certificate-authority-data": "AUTHORITY"} | fields))


def together(*parts: dict[str, Any], current: str | None = None) -> dict[str, Any]:
    tree: dict[str, Any] = {"current-context": current} if current else {}
    for part in parts:
        for name, entries in part.items():
            tree[name] = tree.get(name, []) + entries
    return tree


def plugin(**fields: Any) -> dict[str, Any]:
    command = {"command": sys.executable, "args": ["-S", "-c", PLUGIN], "interactiveMode": "IfAvailable"}
    return {"apiVersion": "client.authentication.k8s.io/v1"} | command | fields


@dataclass
class Case:
    """Files of KUBECONFIG, the words for kwatch, and what both must do."""

    files: list[dict[str, Any]]
    words: dict[str, Any] = field(default_factory=dict)
    fails: bool = False
    status: int = 200


ME = together(context("me"), cluster("here"), user("me", token="mine"), current="me")
CASES = {
    "token": Case([ME]),
    "password": Case(
        [together(context("me"), cluster("here"), user("me", username="u", password="p:ä"), current="me")]
    ),
    "token file": Case([together(context("me"), cluster("here"), user("me", tokenFile="token"), current="me")]),
    "token file before token": Case(
        [together(context("me"), cluster("here"), user("me", token="no", tokenFile="token"), current="me")]
    ),
    "token option before plugin": Case(
        [together(context("me"), cluster("here"), user("me", exec=plugin()), current="me")], {"token": "said"}
    ),
    "plugin": Case([together(context("me"), cluster("here"), user("me", exec=plugin()), current="me")]),
    "plugin told of the cluster": Case(
        [
            together(
                context("me"),
                cluster(
                    "here",
                    extensions=[{"name": "client.authentication.k8s.io/exec", "extension": {"a": 1}}],
                    **{"tls-server-name": "inner.example"},
                ),
                user("me", exec=plugin(provideClusterInfo=True, env=[{"name": "TOKEN", "value": "env"}])),
                current="me",
            )
        ]
    ),
    "plugin that fails": Case(
        [together(context("me"), cluster("here"), user("me", exec=plugin(command="false")), current="me")], fails=True
    ),
    "plugin that is not there": Case(
        [together(context("me"), cluster("here"), user("me", exec=plugin(command="no-such-plugin")), current="me")],
        fails=True,
    ),
    "plugin that must ask": Case(
        [together(context("me"), cluster("here"), user("me", exec=plugin(interactiveMode="Always")), current="me")],
        fails=True,
    ),
    "impersonation": Case(
        [
            together(
                context("me"),
                cluster("here"),
                user(
                    "me",
                    token="mine",
                    **{
                        "as": "jane",
                        "as-uid": "7",
                        "as-groups": ["a", "b"],
                        "as-user-extra": {"Sco/pe": ["read", "write"]},
                    },
                ),
                current="me",
            )
        ]
    ),
    "impersonation by option": Case([ME], {"as_user": "joe", "as_groups": ("x", "y")}),
    "uid and extra fields by option": Case(
        [ME], {"as_user": "joe", "as_uid": "7", "as_user_extra": (("scopes", "a"), ("scopes", "b"), ("team", "x=y"))}
    ),
    "a uid without a user": Case([ME], {"as_uid": "7"}, fails=True),
    "password by option": Case(
        [together(context("me"), cluster("here"), user("me"), current="me")], {"username": "joe", "password": "p:w"}
    ),
    "password beside a token": Case([ME], {"username": "joe", "password": "p"}, fails=True),
    "a certificate that is not there": Case([ME], {"client_certificate": "/no/such", "client_key": "/no"}, fails=True),
    "another name of the server": Case([ME], {"tls_server_name": "inner.example"}),
    "a name that the server has not": Case([ME], {"tls_server_name": "other.example"}, fails=True),
    "a proxy that is none": Case([ME], {"proxy_url": "nonsense"}, fails=True),
    "a proxy that is away": Case([ME], {"proxy_url": "http://127.0.0.1:1"}, fails=True),
    "groups without a user": Case([ME], {"as_groups": ("x",)}, fails=True),
    "server option": Case([ME], {"server": "SERVER/said"}),
    "first file wins": Case(
        [
            together(user("me", token="first"), context("me")),
            together(user("me", token="second"), context("other"), cluster("here", "/a"), current="me"),
            together(cluster("here", "/b"), current="other"),
        ]
    ),
    "first file wins whole entries": Case(
        [
            together(user("me", username="u"), context("me"), current="me"),
            together(user("me", password="p", token="t"), cluster("here")),
        ]
    ),
    "context option": Case(
        [
            together(
                context("me"),
                context("you", cluster="there"),
                cluster("here"),
                cluster("there", "/there"),
                user("me", token="mine"),
                user("you", token="yours"),
                current="me",
            )
        ],
        {"context": "you"},
    ),
    "cluster and user options": Case(
        [
            together(
                context("me"),
                cluster("here"),
                cluster("there", "/there"),
                user("me", token="mine"),
                user("you", token="yours"),
                current="me",
            )
        ],
        {"cluster": "there", "user": "you"},
    ),
    "unknown context": Case([ME], {"context": "you"}, fails=True),
    "unknown cluster": Case([ME], {"cluster": "there"}, fails=True),
    "unknown user": Case([ME], {"user": "you"}, fails=True),
    "context of an unknown user": Case([together(context("me"), cluster("here"), current="me")], fails=True),
    "context of an unknown cluster": Case([together(context("me"), user("me"), current="me")], fails=True),
    "unknown current context": Case([together(context("me"), cluster("here"), user("me"), current="you")], fails=True),
    "two of a name": Case([together(context("me"), cluster("here"), user("me"), user("me"), current="me")], fails=True),
    "certificate without key": Case(
        [together(context("me"), cluster("here"), user("me", **{"client-certificate-data": "eA=="}), current="me")],
        fails=True,
    ),
    "authority and none": Case(
        [
            together(
                context("me"),
                cluster("here", **{"insecure-skip-tls-verify": True}),
                user("me"),
                current="me",
            )
        ],
        fails=True,
    ),
    "refused": Case([ME], fails=True, status=401),
    "refused plugin is asked once more or not": Case(
        [together(context("me"), cluster("here"), user("me", exec=plugin()), current="me")], fails=True, status=403
    ),
}
OPTIONS = {"as_user": "as", "as_groups": "as-group"}


def told(received: list[Received]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What counts of the requests: whither, and as whom; not how often, which depends on kubectl's version."""
    all_of_them = [
        (
            each.target,
            sorted((name.lower(), value) for name, value in each.headers if name.lower().startswith(COMPARED)),
        )
        for each in received
    ]
    return [each for index, each in enumerate(all_of_them) if each not in all_of_them[:index]]


def options(words: dict[str, Any]) -> list[str]:
    return [
        f"--{OPTIONS.get(name, name.replace('_', '-'))}={'='.join(value) if isinstance(value, tuple) else value}"
        for name, given in words.items()
        for value in (given if isinstance(given, tuple) else (given,))
    ]


def filled(text: str, replaced: dict[str, str]) -> str:
    for name, value in replaced.items():
        text = text.replace(name, value)
    return text


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_the_same_request(case: Case, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "inner.example").configure_cert(tls)
    with ScriptedServer(lambda _: [answer({"gitVersion": "v1"}, case.status)], tls) as server:
        compare(case, server, authority, tmp_path, monkeypatch)


def compare(
    case: Case, server: ScriptedServer, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced = {"SERVER": server.url, "AUTHORITY": base64.b64encode(authority.cert_pem.bytes()).decode()}
    (tmp_path / "token").write_text("from-file\n")
    files = []
    for number, tree in enumerate(case.files):
        files.append(tmp_path / f"config-{number}")
        files[-1].write_text(filled(yaml.safe_dump(tree), replaced))
    words: dict[str, Any] = {
        name: filled(given, replaced) if isinstance(given, str) else given for name, given in case.words.items()
    }
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, files)))

    done = subprocess.run(
        [str(KUBECTL), "get", "--raw", "/version", *options(words)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    asked, server.requests[:] = told(server.requests), []
    assert (done.returncode != 0) == case.fails, done.stderr
    try:
        assert connect(**words).version() == "v1"
        failed = False
    except (ConfigError, ApiError):
        failed = True
    assert failed == case.fails
    assert told(server.requests) == asked
    assert bool(asked) == (not case.fails or case.status != 200)
