"""Certificates are verified unless told otherwise, with kubeconfigs as real clusters make them."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kwatch.cluster.api_server import ApiServer
from kwatch.cluster.settings import ConnectionSettings, TLSTrust, UserEntry
from kwatch.informer.errors import ApiError
from tests.cluster.scripted_server import Received, ScriptedServer, answer

SecureServer = Callable[..., ScriptedServer]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def respond(_: Received) -> list[bytes]:
    return [answer({"gitVersion": "v1"})]


def pem(authority: trustme.CA) -> bytes:
    return bytes(authority.cert_pem.bytes())


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[SecureServer]:
    """Start a TLS server with a certificate for these names, perhaps wanting one of the client."""
    with ExitStack() as stack:

        def start(*names: str, client_authority: trustme.CA | None = None, **times: Any) -> ScriptedServer:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(*(names or ("127.0.0.1",)), **times).configure_cert(context)
            if client_authority is not None:
                client_authority.configure_trust(context)
                context.verify_mode = ssl.CERT_REQUIRED
                # With TLS 1.3 a client learns only from its first read that its certificate is refused.
                context.maximum_version = ssl.TLSVersion.TLSv1_2
            return stack.enter_context(ScriptedServer(respond, context))

        yield start


def version(server: str, user: UserEntry | None = None, **trust: Any) -> str:
    cluster = ApiServer(ConnectionSettings("it", "default", server, TLSTrust(**trust), user or UserEntry()))
    return cluster.version()


def failure(server: str, user: UserEntry | None = None, **trust: Any) -> str:
    with pytest.raises(ApiError) as caught:
        version(server, user, **trust)
    assert (caught.value.status, caught.value.reason) == (0, "TLS")
    assert "\n" not in caught.value.message
    return caught.value.message


def test_the_authority_of_the_kubeconfig(secure: SecureServer, authority: trustme.CA, tmp_path: Path) -> None:
    server = secure()
    assert version(server.url, authority_data=pem(authority)) == "v1"
    file = tmp_path / "ca.crt"
    file.write_bytes(pem(authority))
    assert version(server.url, authority_file=file) == "v1"


def test_an_unknown_authority_is_not_trusted(secure: SecureServer) -> None:
    for authority_data in (None, pem(trustme.CA())):
        message = failure(secure().url, authority_data=authority_data)
        assert "is not trusted" in message
        assert "--certificate-authority" in message


def test_unless_told_otherwise(secure: SecureServer) -> None:
    assert version(secure("other.example").url, insecure=True) == "v1"


def test_the_name_must_fit(secure: SecureServer, authority: trustme.CA) -> None:
    server = secure("inner.example")
    assert "is for another name" in failure(server.url, authority_data=pem(authority))
    assert version(server.url, authority_data=pem(authority), server_name="inner.example") == "v1"


def test_an_expired_certificate(secure: SecureServer, authority: trustme.CA) -> None:
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    message = failure(secure(not_after=past).url, authority_data=pem(authority))
    assert "out of date" in message
    assert "clock" in message


def test_a_client_certificate(secure: SecureServer, authority: trustme.CA, tmp_path: Path) -> None:
    clients = trustme.CA()
    server = secure(client_authority=clients)
    issued = clients.issue_cert("me@example.com")
    key, chain = issued.private_key_pem.bytes(), b"".join(each.bytes() for each in issued.cert_chain_pems)
    inline = UserEntry(client_certificate_data=chain, client_key_data=key)
    assert version(server.url, inline, authority_data=pem(authority)) == "v1"
    for name, content in (("me.crt", chain), ("me.key", key)):
        (tmp_path / name).write_bytes(content)
    files = UserEntry(client_certificate=tmp_path / "me.crt", client_key=tmp_path / "me.key")
    assert version(server.url, files, authority_data=pem(authority)) == "v1"


def test_a_client_certificate_that_is_not_accepted(secure: SecureServer, authority: trustme.CA) -> None:
    server = secure(client_authority=trustme.CA())
    issued = trustme.CA().issue_cert("me@example.com")
    user = UserEntry(
        client_certificate_data=issued.cert_chain_pems[0].bytes(), client_key_data=issued.private_key_pem.bytes()
    )
    assert "does not accept the client certificate" in failure(server.url, user, authority_data=pem(authority))


@pytest.mark.parametrize("what", ["nonsense", "foreign key", "encrypted key"])
def test_a_client_certificate_that_cannot_be_used(what: str, authority: trustme.CA, tmp_path: Path) -> None:
    issued, other = authority.issue_cert("a@example.com"), authority.issue_cert("b@example.com")
    loaded = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    encrypted = loaded.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"password"),
    )
    key = {"nonsense": b"x", "foreign key": other.private_key_pem.bytes(), "encrypted key": encrypted}[what]
    user = UserEntry(client_certificate_data=issued.cert_chain_pems[0].bytes(), client_key_data=key)
    with pytest.raises(
        ApiError, match=r"client certificate cannot be used: .*(PEM|encrypted|does not belong)"
    ) as caught:
        version("https://127.0.0.1:1", user, authority_data=pem(authority))
    assert caught.value.reason == "Credentials"
    assert ("encrypted" in caught.value.message) == (what == "encrypted key")


def test_no_key_is_left_on_the_disk(
    secure: SecureServer, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    issued = authority.issue_cert("me@example.com")
    user = UserEntry(
        client_certificate_data=issued.cert_chain_pems[0].bytes(), client_key_data=issued.private_key_pem.bytes()
    )
    assert version(secure().url, user, authority_data=pem(authority)) == "v1"
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_hangs_up_while_tls_begins() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            connection, _ = listener.accept()
            connection.recv(4096)
            connection.close()

        threading.Thread(target=hang_up, daemon=True).start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        sentence = f"The server {url} broke TLS off; is it well, and does it want a client certificate?"
        with pytest.raises(ApiError) as caught:
            version(url, insecure=True)
    assert (caught.value.reason, caught.value.message) == ("ConnectionLost", sentence)


@pytest.mark.parametrize(
    ("trust", "sentence"),
    [
        ({"authority_data": b"nonsense"}, "in the kubeconfig cannot be used: it holds no certificates"),
        ({"authority_file": Path("/absent/ca.crt")}, "file /absent/ca.crt cannot be used: No such file"),
    ],
)
def test_an_authority_that_cannot_be_used(trust: dict[str, Any], sentence: str) -> None:
    assert sentence in failure("https://127.0.0.1:1", **trust)


def test_a_server_without_tls() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(10)
                connection.sendall(answer(b"Bad request", 400))
                connection.recv(10_000)

        thread = threading.Thread(target=refuse)
        thread.start()
        message = failure(f"https://127.0.0.1:{listener.getsockname()[1]}", insecure=True)
        thread.join(60)
    assert "does not speak TLS" in message


def old_fashioned_authority() -> tuple[bytes, bytes, ssl.SSLContext]:
    """An authority without key usage and key identifiers, as shell scripts make them, and a server under it."""
    now = datetime.datetime.now(datetime.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in ("old-ca", "old-server")]

    def certify(which: int) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(names[which]).issuer_name(names[0])
        builder = builder.public_key(keys[which].public_key()).serial_number(which + 1)
        return builder.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))

    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    root = certify(0).add_extension(x509.BasicConstraints(True, None), critical=False).sign(keys[0], hashes.SHA256())
    leaf = certify(1).add_extension(address, critical=False).sign(keys[0], hashes.SHA256())
    leaf_pem = leaf.public_bytes(serialization.Encoding.PEM)
    key_pem = keys[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return root.public_bytes(serialization.Encoding.PEM), leaf_pem, _server_context(leaf_pem + key_pem)


def _server_context(content: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def test_authorities_as_many_clusters_have_them() -> None:
    root, leaf, context = old_fashioned_authority()
    with ScriptedServer(respond, context) as server:
        assert version(server.url, authority_data=root) == "v1"
        assert version(server.url, authority_data=leaf) == "v1", (
            "the server's own certificate may stand for its authority"
        )
        assert "is not trusted" in failure(server.url, authority_data=pem(trustme.CA()))


def test_an_authority_whose_file_is_replaced(secure: SecureServer, authority: trustme.CA, tmp_path: Path) -> None:
    file, server = tmp_path / "ca.crt", secure()
    file.write_bytes(pem(trustme.CA()))
    cluster = ApiServer(ConnectionSettings("it", "default", server.url, TLSTrust(authority_file=file), UserEntry()))
    with pytest.raises(ApiError, match="is not trusted"):
        cluster.version()
    file.write_bytes(pem(authority))
    assert cluster.version() == "v1"
    file.unlink()
    assert cluster.version() == "v1", "for the moment in which it is replaced, the last one will do"
    file.write_bytes(pem(trustme.CA()))
    with pytest.raises(ApiError, match="is not trusted"):
        cluster.version()
