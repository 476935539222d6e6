"""Every field of a kubeconfig that Go reads more kindly, or more strictly, than one thinks: kubectl is asked each time.

One difference is meant: kubectl asks for a user name where there are no credentials, kwatch goes without.
"""

from __future__ import annotations

import base64
import datetime
import json
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from kwatch.cluster import ConfigError, connect
from kwatch.informer.errors import ApiError
from tests.cluster.scripted_server import ScriptedServer, answer

KUBECTL = Path(sys.executable).parent / "kubectl"
pytestmark = pytest.mark.skipif(not KUBECTL.exists(), reason="the kubectl of the test dependencies is not installed")

CONFIG = """\
apiVersion: v1
kind: Config
current-context: me
clusters:
- name: here
  cluster:
    server: SERVER
    certificate-authority-data: AUTHORITY
contexts:
- name: me
  context:
    cluster: here
    user: me
users:
- name: me
  user:
    token: mine
"""
Change = tuple[str, str]


def server(url: str) -> Change:
    return "server: SERVER\n", f"server: {url}\n"


def authority(field: str) -> Change:
    return "certificate-authority-data: AUTHORITY\n", field + "\n"


def cluster(fields: str) -> Change:
    return "contexts:\n", "".join(f"    {line}\n" for line in fields.splitlines()) + "contexts:\n"


def user(fields: str) -> Change:
    return "    token: mine\n", "".join(f"    {line}\n" for line in fields.splitlines())


def plugin(output: str = "", **fields: str) -> Change:
    """An exec plugin that prints this."""
    version = "client.authentication.k8s.io/v1"
    printed = output or json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": {"token": "plugged"}})
    entry = {"apiVersion": version, "command": "sh", "interactiveMode": "Never", "env": "[]"} | fields
    lines = [f"  {name}: {value}" for name, value in entry.items() if value]
    args = json.dumps(["-c", 'printf "%s" "$0"', printed])
    return user("\n".join(["exec:", *lines, f"  args: {args}"]))


def issued(moment: str) -> Change:
    status = {"token": "plugged", "expirationTimestamp": moment}
    return plugin(
        json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status})
    )


def names(name: str) -> tuple[Change, ...]:
    return (
        ("name: me\n", f"name: {name}\n"),
        ("user: me\n", f"user: {name}\n"),
        ("context: me\n", f"context: {name}\n"),
    )


TAKEN: dict[str, tuple[Change, ...]] = {
    "scheme in capitals": (server("HTTPS://localhost:PORT"),),
    "slash at the end": (server("https://localhost:PORT//"),),
    "path": (server("https://localhost:PORT/a//b/"),),
    "path with escapes": (server("https://localhost:PORT/a%2fb/%2e%2e/c*(d)"),),
    "query": (server("https://localhost:PORT/a?x=1"),),
    "query without a path": (server("https://localhost:PORT?x=1"),),
    "fragment": (server("'https://localhost:PORT#f'"),),
    "fragment after a path": (server("'https://localhost:PORT/#f'"),),
    "user in the server": (server("https://user:p%40ss@localhost:PORT/"),),
    "IPv4 as IPv6": (server("'https://[::ffff:127.0.0.1]:PORT'"),),
    "boolean in YAML 1.1": (authority("insecure-skip-tls-verify: y"),),
    "boolean in capitals": (authority("insecure-skip-tls-verify: ON"),),
    "base64 in lines": (authority("certificate-authority-data: |\n      LINES"),),
    "base64 as bytes": (authority("certificate-authority-data: BYTES"),),
    "base64 as binary": (authority("certificate-authority-data: !!binary TWICE"),),
    "insecure and empty authorities": (
        authority('insecure-skip-tls-verify: true\n    certificate-authority-data: ""'),
    ),
    "server name": (cluster("tls-server-name: INNER.example"),),
    "empty words": (cluster('tls-server-name: ""\nproxy-url: ""\ndisable-compression: null\nextensions: null'),),
    "unknown fields": (cluster("nonsense: [1, {a: b}]"),),
    "token that is a date": (user("token: 2024-01-01"),),
    "token that is a time": (user("token: 1:30"),),
    "token in base64": (user("token: !!binary YWJj"),),
    "token with an unknown tag": (user("token: !secret mine"),),
    "token with spaces": (user('token: " a  b "'),),
    "token with a tab": (user('token: "a\\tb"'),),
    "token with an umlaut": (user("token: tök"),),
    "token and a file that is missing": (user("token: mine\ntokenFile: absent"),),
    "token file with white space": (user("tokenFile: token"),),
    "user name and empty password": (user("username: me\npassword: ''"),),
    "impersonation": (user("token: mine\nas: jäne\nas-groups: ['', null, a]\nas-user-extra: {Sco/pe: [r], 1: [s]}"),),
    "anchors": (user("token: &x mine\nnonsense: *x"),),
    "merged, the later wins": (user("token: theirs\n<<: {token: mine}"),),
    "duplicate keys": (user("token: theirs\ntoken: mine"),),
    "empty kind": (("kind: Config\n", ""), ("apiVersion: v1\n", "")),
    "several documents": (("kind: Config\n", "kind: Config\n"), ("    token: mine\n", "    token: mine\n---\na: [\n")),
    "byte order mark": (("apiVersion: v1\n", "\ufeffapiVersion: v1\n"),),
    "tabs": (("kind: Config\n", "kind:\tConfig\t# comment\n"),),
    "carriage returns": (("\n", "\r\n"),),
    "name that is a number in quotes": names("'1'"),
    "name that is no number": names("0x_"),
    "name that is an equals sign": names("="),
    "another user that is unusable": (("users:\n", "users:\n- name: other\n  user: {exec: {}}\n"),),
    "another cluster that is unusable": (("contexts:\n", "- name: other\n  cluster: {server: '::'}\ncontexts:\n"),),
    "plugin of yore": (plugin(apiVersion="client.authentication.k8s.io/v1", interactiveMode="IfAvailable"),),
    "plugin that prints YAML": (
        plugin("apiVersion: client.authentication.k8s.io/v1\nkind: ExecCredential\nstatus: {token: t}"),
    ),
    "plugin that prints no kind": (plugin('{"apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t"}}'),),
    "plugin with nanoseconds": (issued("2099-01-01T00:00:00.123456789+02:00"),),
    "plugin with an odd variable": (plugin(env='[{name: "A=B", value: c}]'),),
    "plugin beside a token": (plugin(), ("  user:\n", "  user:\n    token: mine\n")),
    "plugin beside a password": (plugin(), ("  user:\n", "  user:\n    username: me\n    password: p\n")),
}
REFUSED: dict[str, tuple[Change, ...]] = {
    "server without a scheme is http": (server("localhost:PORT"),),
    "server without a scheme, with a path": (server("localhost:PORT/a"),),
    "server with one slash": (server("https:/localhost:PORT"),),
    "server with a space": (server("'https://localhost:PORT '"),),
    "server with a newline": (server('"https://localhost:PORT\\n"'),),
    "server with a broken escape": (server("https://localhost:PORT/%zz"),),
    "server with percents": (server("https://%6cocalhost:PORT"),),
    "base64 with spaces": (authority("certificate-authority-data: AUTHORITY AUTHORITY"),),
    "base64 without padding": (authority("certificate-authority-data: YWI"),),
    "boolean in quotes": (authority("insecure-skip-tls-verify: 'true'"),),
    "authority twice": (cluster("certificate-authority: ca.crt"),),
    "server name that is wrong": (cluster("tls-server-name: other.example"),),
    "extensions of one name": (cluster("extensions: [{name: a, extension: 1}, {name: a, extension: 1}]"),),
    "proxy of another kind": (cluster("proxy-url: socks5h://localhost:1"),),
    "token that is a number": (user("token: 1e3"),),
    "token that is a boolean": (user("token: off"),),
    "token in a block": (user("token: |\n  mine"),),
    "token and password": (user("token: mine\nusername: me"),),
    "token file and password": (user("tokenFile: token\nusername: me"),),
    "key without certificate": (user("client-key-data: eA=="),),
    "certificate twice": (user("client-certificate: a\nclient-certificate-data: eA==\nclient-key: b"),),
    "uid without a user": (user("token: mine\nas-uid: x"),),
    "control characters to impersonate": (user('token: mine\nas: "a\\u0001"'),),
    "auth provider that is gone": (user("token: mine\nauth-provider: {name: gcp}"),),
    "auth provider without a name": (user("token: mine\nauth-provider: {}"),),
    "id token that is none": (
        user("auth-provider: {name: oidc, config: {idp-issuer-url: 'https://x', client-id: it, id-token: z}}"),
    ),
    "name that is a number": names("1"),
    "name that is a boolean": names("yes"),
    "another user of a wrong type": (("users:\n", "users:\n- name: other\n  user: {token: 1}\n"),),
    "another kind": (("kind: Config\n", "kind: Secret\n"),),
    "another version": (("apiVersion: v1\n", "apiVersion: v2\n"),),
    "preferences": (("kind: Config\n", "kind: Config\npreferences: []\n"),),
    "no number": (("kind: Config\n", "kind: Config\nx: .inf\n"),),
    "anchor in itself": (("kind: Config\n", "kind: Config\nx: &a [*a]\n"),),
    "plugin without a mode": (plugin(interactiveMode=""),),
    "plugin of an unknown mode": (plugin(interactiveMode="never"),),
    "plugin of an old version": (plugin(apiVersion="client.authentication.k8s.io/v1alpha1"),),
    "plugin with a nameless variable": (plugin(env="[{value: x}]"),),
    "plugin beside an auth provider": (plugin(), ("  user:\n", "  user:\n    auth-provider: {name: oidc}\n")),
    "plugin that prints no zone": (issued("2099-01-01T00:00:00"),),
}


@pytest.fixture(scope="module")
def here() -> Iterator[tuple[ScriptedServer, bytes]]:
    """A server, and whom to trust for it."""
    issuer, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issuer.issue_cert("127.0.0.1", "localhost", "inner.example").configure_cert(context)
    with ScriptedServer(lambda _: [answer({"gitVersion": "v1"})], context) as running:
        yield running, bytes(issuer.cert_pem.bytes())


@pytest.mark.parametrize("name", TAKEN)
def test_what_kubectl_takes(
    name: str, here: tuple[ScriptedServer, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert side_by_side(written(TAKEN[name], here), here[0], tmp_path, monkeypatch)


@pytest.mark.parametrize("name", REFUSED)
def test_what_kubectl_refuses(
    name: str, here: tuple[ScriptedServer, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not side_by_side(written(REFUSED[name], here), here[0], tmp_path, monkeypatch)


def written(changes: tuple[Change, ...], here: tuple[ScriptedServer, bytes]) -> str:
    text = CONFIG
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    running, trusted = here
    encoded = base64.b64encode(trusted).decode()
    for name, value in (
        ("SERVER", running.url),
        ("PORT", str(running.port)),
        ("AUTHORITY", encoded),
        ("LINES", "\n      ".join(encoded[start : start + 64] for start in range(0, len(encoded), 64))),
        ("BYTES", str(list(trusted))),
        ("TWICE", base64.b64encode(encoded.encode()).decode()),
    ):
        text = text.replace(name, value)
    return text


def side_by_side(text: str, running: ScriptedServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether kubectl is content; kwatch must be too, and must have asked the same."""
    (folder / "token").write_text(" from-file \n")
    (folder / "config").write_bytes(text.encode())
    monkeypatch.setenv("KUBECONFIG", str(folder / "config"))
    monkeypatch.chdir(folder)
    running.requests.clear()
    done = subprocess.run(
        [str(KUBECTL), "get", "--raw", "/version"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    theirs, sentence = asked(running), ""
    try:
        cluster = connect()
        try:
            cluster.version()
        finally:
            cluster.close()
    except (ConfigError, ApiError) as error:
        sentence = str(error)
    assert (done.returncode == 0) == (sentence == ""), (done.stderr, sentence)
    assert asked(running) == theirs
    assert sentence == "" or (sentence.endswith(".") and "\n" not in sentence)
    return done.returncode == 0


def asked(running: ScriptedServer) -> list[tuple[str, list[tuple[str, str]]]]:
    """Whither and as whom, however often."""
    names = ("authorization", "impersonate-")
    requests, running.requests[:] = list(running.requests), []
    told = [
        (each.target, sorted((key.lower(), value) for key, value in each.headers if key.lower().startswith(names)))
        for each in requests
    ]
    return [each for index, each in enumerate(told) if each not in told[:index]]


Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
KEYS: dict[str, Key] = {
    "RSA": rsa.generate_private_key(65537, 2048),
    "EC": ec.generate_private_key(ec.SECP256R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
}
FORMS = [
    ("RSA", serialization.PrivateFormat.PKCS8, b"PRIVATE KEY"),
    ("RSA", serialization.PrivateFormat.TraditionalOpenSSL, b"RSA PRIVATE KEY"),
    ("RSA", serialization.PrivateFormat.TraditionalOpenSSL, b"EC PRIVATE KEY"),
    ("RSA", serialization.PrivateFormat.TraditionalOpenSSL, b"PRIVATE KEY"),
    ("EC", serialization.PrivateFormat.PKCS8, b"EC PRIVATE KEY"),
    ("EC", serialization.PrivateFormat.TraditionalOpenSSL, b"EC PRIVATE KEY"),
    ("EC", serialization.PrivateFormat.TraditionalOpenSSL, b"ANY PRIVATE KEY"),
    ("Ed25519", serialization.PrivateFormat.PKCS8, b"PRIVATE KEY"),
]
PARAMETERS = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"


@pytest.mark.parametrize(("kind", "form", "label"), FORMS)
def test_client_keys(
    kind: str,
    form: serialization.PrivateFormat,
    label: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    issuer, clients = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issuer.issue_cert("127.0.0.1").configure_cert(context)
    clients.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    private = KEYS[kind].private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    lines = private.splitlines()
    body = b"".join(line + b"\n\n" for line in lines[1:-1])
    key = b"%s%s-----BEGIN %s-----\n%s-----END %s-----\n" % ("# Schlüssel\n".encode(), PARAMETERS, label, body, label)
    certificate = certificate_for(KEYS[kind], clients)
    fields = f"client-certificate-data: {encode(key + certificate)}\nclient-key-data: {encode(certificate + key)}"
    with ScriptedServer(lambda _: [answer({"gitVersion": "v1"})], context) as running:
        text = written((user(fields),), (running, bytes(issuer.cert_pem.bytes())))
        assert side_by_side(text, running, tmp_path, monkeypatch)


def encode(content: bytes) -> str:
    return base64.b64encode(content + b"\n").decode()


def certificate_for(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, issuer: trustme.CA
) -> bytes:
    signer = serialization.load_pem_private_key(issuer.private_key_pem.bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "me")]))
        .issuer_name(x509.load_pem_x509_certificate(issuer.cert_pem.bytes()).subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False)
    )
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


AUTHORITIES: dict[str, Callable[[bytes], bytes]] = {
    "comment": lambda pem: "# für München\n".encode() + pem,
    "words between": lambda pem: bytes(trustme.CA().cert_pem.bytes()) + b"words \xff\n" + pem,
    "a broken one first": lambda pem: b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + pem,
    "one without an end": lambda pem: b"-----BEGIN CERTIFICATE-----\nAAAA\n" + pem,
    "blank lines": lambda pem: pem.replace(b"\n", b"\r\n\r\n"),
    "another label": lambda pem: pem.replace(b"CERTIFICATE", b"X509 CERTIFICATE"),
    "headers": lambda pem: pem.replace(b"CERTIFICATE-----\n", b"CERTIFICATE-----\na: b\n\n", 1),
    "DER": lambda pem: base64.b64decode(b"".join(pem.split(b"\n")[1:-2])),
    "nothing": lambda pem: b"\n",
}


@pytest.mark.parametrize("where", ["data", "file"])
@pytest.mark.parametrize("name", AUTHORITIES)
def test_authorities(
    name: str, where: str, here: tuple[ScriptedServer, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = AUTHORITIES[name](here[1])
    (tmp_path / "ca.crt").write_bytes(pem)
    inline = f"certificate-authority-data: {base64.b64encode(pem).decode()}"
    change = authority(inline if where == "data" else "certificate-authority: ca.crt")
    taken = side_by_side(written((change,), here), here[0], tmp_path, monkeypatch)
    assert taken == (name not in ("another label", "headers", "DER", "nothing"))


def test_an_id_token_that_holds(
    here: tuple[ScriptedServer, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = base64.urlsafe_b64encode(b'{"exp": 4102444800.5}').decode().rstrip("=")
    provider = f"{{name: oidc, config: {{idp-issuer-url: 'https://x', client-id: it, id-token: a.{claims}.b}}}}"
    assert side_by_side(written((user(f"auth-provider: {provider}"),), here), here[0], tmp_path, monkeypatch)


def test_the_environment(here: tuple[ScriptedServer, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = written((), here)
    (tmp_path / "empty").write_text("")
    for setting, taken in (
        (":{0}/absent::{0}/empty:{0}/config:{0}/config:", True),
        ("{0}/absent/x:{0}/config", True),
        ("{0}/config/x:{0}/config", False),
        ("{0}:{0}/config", False),
        ("x" * 300 + ":{0}/config", False),
    ):
        monkeypatch.setenv("KUBECONFIG", setting.format(tmp_path))
        monkeypatch.setattr(monkeypatch, "setenv", lambda *_: None, raising=False)
        assert side_by_side(text, here[0], tmp_path, monkeypatch) == taken, setting
        monkeypatch.undo()
