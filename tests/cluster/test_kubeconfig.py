"""kubeconfig files mean what they mean to kubectl."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from kwatch.cluster import ConfigError, connect, contexts
from kwatch.cluster.connecting import in_cluster_config, parse_timeout
from kwatch.cluster.kubeconfig.resolving import resolve
from kwatch.cluster.settings import ConnectionSettings, Overrides, TLSTrust


def write(path: Path, tree: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(tree if isinstance(tree, str) else yaml.safe_dump(tree), "utf-8")
    return path


def config(name: str = "one", *, current: str | None = None, **fields: Any) -> dict[str, Any]:
    """A kubeconfig with one context, cluster and user of the same name."""
    cluster = {"server": f"https://{name}.example:6443"} | fields.get("cluster", {})
    context = {"cluster": name, "user": name} | fields.get("context", {})
    tree: dict[str, Any] = {
        "contexts": [{"name": name, "context": context}],
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": fields.get("user", {})}],
    }
    return tree | ({"current-context": current} if current else {})


def settings(*args: Any, **kwargs: Any) -> ConnectionSettings:
    return connect(*args, **kwargs)._settings


def test_the_file_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "config", config(current="one", context={"namespace": "shop"}))
    cluster = connect(path)
    assert (cluster.context, cluster.namespace, cluster.server) == ("one", "shop", "https://one.example:6443")


def test_a_file_asked_for_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent does not exist"):
        connect(tmp_path / "absent")


def test_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path / ".kube" / "config", config(current="one"))
    assert connect().context == "one"


def test_of_several_files_the_first_wins_an_entry_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = config("a", user={"token": "first"})
    second = config("a", current="b", user={"token": "second", "as": "somebody"}, cluster={"server": "https://other"})
    third = config("b", current="a")
    files = [write(tmp_path / str(number), tree) for number, tree in enumerate((first, second, third))]
    absent = tmp_path / "absent"
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, [files[0], absent, "", *files[1:]])))
    assert connect().context == "b", "the first file that sets a current context wins it"
    chosen = settings(context="a")
    assert chosen.server == "https://a.example:6443"
    assert (chosen.user.token, chosen.user.impersonate) == ("first", "")


def test_no_kubeconfig_at_all() -> None:
    with pytest.raises(ConfigError, match=r"No kubeconfig .*\.kube/config.*kwatch demo"):
        connect()


def test_a_server_needs_no_kubeconfig() -> None:
    chosen = settings(server="localhost:8080", token="abc")
    assert chosen.server == "http://localhost:8080"
    assert chosen.user.token == "abc"


def test_relative_paths_belong_to_their_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    user = {
        "client-certificate": "certs/me.crt",
        "client-key": "/abs/me.key",
        "tokenFile": "token",
        "exec": {"command": "./login", "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never"},
    }
    write(tmp_path / "deep" / "config", config(current="one", cluster={"certificate-authority": "ca.crt"}, user=user))
    monkeypatch.chdir(tmp_path)
    chosen = settings("deep/config")
    assert chosen.trust.authority_file == tmp_path / "deep" / "ca.crt"
    assert chosen.user.client_certificate == tmp_path / "deep" / "certs" / "me.crt"
    assert chosen.user.client_key == Path("/abs/me.key")
    assert chosen.user.token_file == tmp_path / "deep" / "token"
    assert chosen.user.exec is not None
    assert chosen.user.exec.command == str(tmp_path / "deep" / "login")


def test_a_command_without_a_slash_is_looked_up_in_the_path(tmp_path: Path) -> None:
    version = {"apiVersion": "client.authentication.k8s.io/v1beta1"}
    user = {"exec": version | {"command": "aws", "args": ["eks", "1"], "env": [{"name": "A", "value": "2"}]}}
    chosen = settings(write(tmp_path / "config", config(current="one", user=user)))
    assert chosen.user.exec is not None
    assert (chosen.user.exec.command, chosen.user.exec.args, chosen.user.exec.env) == (
        "aws",
        ("eks", "1"),
        (("A", "2"),),
    )


def test_nothing_is_ever_written(tmp_path: Path) -> None:
    path = write(tmp_path / "config", config(current="one"))
    path.chmod(0o400)
    before = (path.read_bytes(), path.stat().st_mtime_ns, sorted(tmp_path.iterdir()))
    connect(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(tmp_path.iterdir())) == before


def test_overrides(tmp_path: Path) -> None:
    tree = config("one", current="one", user={"tokenFile": "t"}, cluster={"tls-server-name": "inner"})
    other = config("two", cluster={"certificate-authority-data": base64.b64encode(b"PEM").decode()})
    for plural in ("contexts", "clusters", "users"):
        tree[plural] += other[plural]
    path = write(tmp_path / "config", tree)
    assert settings(path, cluster="two").server == "https://two.example:6443"
    assert settings(path, user="two").user.token_file is None
    assert settings(path, namespace="n").namespace == "n"
    assert settings(path).trust.server_name == "inner"
    moved = settings(path, server="https://elsewhere:1/k8s/clusters/c-1/")
    assert moved.server == "https://elsewhere:1/k8s/clusters/c-1"
    assert moved.trust.server_name == "", "the name belongs to the server that was replaced"
    told = settings(path, token="secret", as_user="jane", as_groups=("a", "b"))
    assert (told.user.token, told.user.token_file) == ("secret", None)
    assert (told.user.impersonate, told.user.impersonate_groups) == ("jane", ("a", "b"))
    assert settings(path, context="two", insecure_skip_tls_verify=True).trust.authority_data is None
    named = settings(path, context="two", certificate_authority="ca.pem").trust
    assert (named.authority_data, named.authority_file) == (None, Path.cwd() / "ca.pem")
    assert settings(path, request_timeout="1m30s").request_timeout == 90


def test_impersonation_in_the_file(tmp_path: Path) -> None:
    user = {"as": "jane", "as-uid": "7", "as-groups": ["dev"], "as-user-extra": {"scopes": ["read", "write"]}}
    chosen = settings(write(tmp_path / "config", config(current="one", user=user))).user
    assert (chosen.impersonate, chosen.impersonate_uid, chosen.impersonate_groups) == ("jane", "7", ("dev",))
    assert chosen.impersonate_extra == {"scopes": ("read", "write")}


@pytest.mark.parametrize(
    ("tree", "words", "sentence"),
    [
        (config(), {}, r"No current context .*--context \(one\)"),
        (config(current="one"), {"context": "tow"}, r"no context 'tow' .*--context \(one\)"),
        (config(current="one"), {"cluster": "x"}, r"no cluster 'x' .*--cluster \(one\)"),
        (config(current="one"), {"user": "x"}, r"no user 'x' .*--user \(one\)"),
        (config(current="one", context={"cluster": "gone"}), {}, r"context 'one' .* the cluster 'gone', which is not"),
        (config(current="one", context={"user": "gone"}), {}, r"context 'one' .* the user 'gone', which is not"),
        (config(current="one", cluster={"server": ""}), {}, r"cluster 'one' .* has no server"),
        (config(current="one", cluster={"server": "ftp://x"}), {}, r"'ftp://x' is not a URL like https"),
        (config(current="one", cluster={"server": "https://x:port"}), {}, r"is not a URL"),
        (config(current="one", user={"client-certificate": "x"}), {}, r"user 'one' .* no client-key"),
        (config(current="one", user={"client-key-data": "eA=="}), {}, r"user 'one' .* no client-certificate"),
        (
            config(current="one", user={"client-key-data": "?"}),
            {},
            r"client-key-data of user 'one' is not valid base64",
        ),
        (config(current="one", user={"auth-provider": {"name": "gcp"}}), {}, r"auth provider 'gcp', .* exec plugin"),
        (config(current="one", user={"as-groups": ["a"]}), {}, r"add --as"),
        (config(current="one", user={"token": "a", "username": "b"}), {}, r"user 'one' .* both a token and a password"),
        (
            config(current="one", user={"exec": {"command": "a"}}),
            {},
            r"exec entry of the user 'one' .* no apiVersion",
        ),
        (
            config(current="one", user={"auth-provider": {"name": "oidc"}}),
            {},
            r"auth provider of the user 'one' .* has no idp-issuer-url",
        ),
        (config(current="one") | {"kind": "Pod"}, {}, r"is a Pod of version v1, and no kubeconfig"),
        (config(current="one", cluster={"proxy-url": "localhost:3128"}), {}, r"proxy-url .* is not the URL"),
        (config(current="one", cluster={"server": "https:/x"}), {}, r"'https:/x' is not a URL like https"),
        (config(current="one", cluster={"server": "https://a b"}), {}, r"'https://a b' is not a URL like https"),
        (config(current="one", cluster={"server": "https://h\n"}), {}, r"'https://h\\n' is not a URL"),
        (
            config(current="one", cluster={"certificate-authority": "a", "certificate-authority-data": "eA=="}),
            {},
            r"cluster .* has both certificate-authority and certificate-authority-data",
        ),
        ("a: &a [*a]", {}, r"line 1, column 8, is not valid YAML: the anchor 'a' contains itself"),
        ("a: .nan", {}, r"'.nan' is no number that JSON knows"),
        ("? [a]\n: b", {}, r"a key is not text"),
        ("a: !!int b", {}, r"'b' is not of the type !!int"),
        (
            "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 10}]\n" for n in range(1, 9)),
            {},
            r"aliases make it too large",
        ),
        (
            config(current="one", cluster={"insecure-skip-tls-verify": "yes please"}),
            {},
            r"is a text where true or false",
        ),
        (config(current="one") | {"users": {}}, {}, r"users of the file is a mapping where a list is expected"),
        (config(current="one") | {"contexts": ["x"]}, {}, r"item 1 of contexts is a text where a mapping"),
        (config(current="one") | {"users": [{"name": "a"}, {"name": "a"}]}, {}, r"two users named 'a'"),
        ("just text", {}, r"holds a text where a mapping is expected"),
        ("a: [1, 2\nb: 3\n", {}, r"config, line 2, column 1?\d?, is not valid YAML: .+"),
        ("a:\n\t- x\n", {}, r"line 2, .*not valid YAML"),
        ("a: \x00", {}, r"is not valid YAML"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tree: Any, words: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    path = write(tmp_path / "config", tree)
    with pytest.raises(ConfigError, match=sentence) as caught:
        connect(path, **words)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_both_an_authority_and_none(tmp_path: Path) -> None:
    cluster = {"certificate-authority": "ca.crt", "insecure-skip-tls-verify": True}
    with pytest.raises(ConfigError, match="exclude each other"):
        connect(write(tmp_path / "config", config(current="one", cluster=cluster)))


def test_a_folder_is_no_kubeconfig(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read: Is a directory"):
        connect(tmp_path)


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No kubeconfig tells"):
        connect(write(tmp_path / "config", ""))


def test_dates_are_texts_and_numbers_are_not(tmp_path: Path) -> None:
    text = yaml.safe_dump(config(current="one", user={}))
    user = settings(write(tmp_path / "config", text.replace("user: {}", "user: {token: 2024-01-01}"))).user
    assert user.token == "2024-01-01"
    with pytest.raises(ConfigError, match="token of user 'one' is a number where a text is expected; write it in quo"):
        connect(write(tmp_path / "config", text.replace("user: {}", "user: {token: 12345e7}")))


def test_secrets_are_in_no_repr_and_no_sentence(tmp_path: Path) -> None:
    path = write(tmp_path / "config", config(current="one", user={"username": "u", "password": "s3cret"}))
    assert "s3cret" not in repr(settings(path))
    assert "s3cret" not in repr(settings(path, server="https://user:s3cret@host"))
    assert "s3cret" not in repr(Overrides(token="s3cret"))
    with pytest.raises(ConfigError) as caught:
        connect(path, server="https://user:s3cret@host:port")
    assert "s3cret" not in str(caught.value)


def test_contexts(tmp_path: Path) -> None:
    tree = config("b", current="a", context={"namespace": "shop"})
    tree["contexts"] += config("a")["contexts"]
    found = contexts(write(tmp_path / "config", tree))
    assert [(each.name, each.cluster, each.user, each.namespace, each.current) for each in found] == [
        ("a", "a", "a", "default", True),
        ("b", "b", "b", "shop", False),
    ]


@pytest.fixture
def pod(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """As if in a pod."""
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    for name, content in (("token", "abc"), ("ca.crt", "PEM"), ("namespace", "shop\n")):
        write(tmp_path / name, content)
    return tmp_path


def test_in_a_pod(pod: Path) -> None:
    inside = in_cluster_config(os.environ, pod)
    assert inside is not None
    chosen = resolve(inside, Overrides(as_user="jane"))
    assert (chosen.context, chosen.namespace, chosen.server) == ("in-cluster", "shop", "https://[fd00::1]:443")
    assert (chosen.user.token_file, chosen.trust.authority_file) == (pod / "token", pod / "ca.crt")
    assert chosen.user.impersonate == "jane"
    open_wide = resolve(inside, Overrides(insecure_skip_tls_verify=True, token="other", server="https://10.0.0.1"))
    assert (open_wide.server, open_wide.trust) == ("https://10.0.0.1", TLSTrust(insecure=True))
    assert (open_wide.user.token, open_wide.user.token_file) == ("other", None)
    assert in_cluster_config(os.environ, pod / "absent") is None


def test_a_kubeconfig_goes_before_the_pod(pod: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("kwatch.cluster.connecting.in_cluster_config", lambda *_: pytest.fail("asked in vain"))
    assert connect(write(tmp_path / "config", config(current="one"))).context == "one"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30),
        ("30s", 30),
        ("2m", 120),
        ("1h1s", 3601),
        ("500ms", 0.5),
        (".5s", 0.5),
        ("1.s", 1),
        ("+2m", 120),
        ("2000000µs", 2),
        ("-1s", 0),
        ("", None),
    ],
)
def test_timeouts(text: str, seconds: float | None) -> None:
    assert parse_timeout(text) == seconds


@pytest.mark.parametrize("text", ["soon", "5 s", "-1", "1d", "٣", "s", "1e3", "99999999999h", "9" * 30, "9" * 5000])
def test_what_is_no_timeout(text: str) -> None:
    with pytest.raises(ConfigError, match="not a duration"):
        parse_timeout(text)
