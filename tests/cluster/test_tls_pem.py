"""PEM is read as Go reads it; with what Go takes, OpenSSL is content."""

from __future__ import annotations

import base64

import pytest

from kwatch.cluster import tls

CERTIFICATE = tls.as_pem(b"CERTIFICATE", b"one" * 40)
LINES = CERTIFICATE.splitlines(keepends=True)
OTHER = tls.as_pem(b"CERTIFICATE", b"two")


def contents(text: bytes) -> list[bytes]:
    return [each.content for each in tls.pem_blocks(text) if each.label == b"CERTIFICATE"]


@pytest.mark.parametrize(
    "text",
    [
        CERTIFICATE,
        CERTIFICATE.rstrip(),
        CERTIFICATE.replace(b"\n", b"\r\n"),
        CERTIFICATE.replace(b"\n", b" \t\n"),
        CERTIFICATE.replace(b"\n", b"\n\n"),
        LINES[0] + b"".join(b"  " + line for line in LINES[1:-1]) + LINES[-1],
        "# für München\n".encode() + CERTIFICATE,
        b"# M\xfcnchen\n\x00\n" + CERTIFICATE + b"and words\x00",
        b"Bag Attributes\n    friendlyName: x\n" + CERTIFICATE,
        b"-----BEGIN CERTIFICATE-----\nno end\n" + CERTIFICATE,
        b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n" + CERTIFICATE,
        CERTIFICATE + b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        tls.as_pem(b"X509 CRL", b"x") + CERTIFICATE,
        b"\n\n" + CERTIFICATE,
    ],
)
def test_what_is_read(text: bytes) -> None:
    assert contents(text) == [b"one" * 40]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"words",
        b" " + CERTIFICATE,
        b"x " + CERTIFICATE,
        b"\xef\xbb\xbf" + CERTIFICATE,
        CERTIFICATE.replace(b"\n", b""),
        CERTIFICATE.replace(b"\n", b"\r"),
        CERTIFICATE.replace(b"-----", b"----"),
        CERTIFICATE.replace(b"END CERTIFICATE", b"END KEY"),
        CERTIFICATE.replace(LINES[1], LINES[1][:-2] + b"\n"),
        base64.b64decode(LINES[1]),
    ],
)
def test_what_is_not_read(text: bytes) -> None:
    assert contents(text) == []


def test_several() -> None:
    assert contents(CERTIFICATE + OTHER) == [b"one" * 40, b"two"]
    assert contents(CERTIFICATE + "Wörter\n".encode() + OTHER) == [b"one" * 40, b"two"]
    assert contents(CERTIFICATE.rstrip() + OTHER) == []


def test_headers() -> None:
    (block,) = tls.pem_blocks(LINES[0] + b"Proc-Type: 4,ENCRYPTED\nFoo: bar \n\n" + b"".join(LINES[1:]))
    assert (block.headers, block.content) == ((b"Proc-Type: 4,ENCRYPTED", b"Foo: bar"), b"one" * 40)


def test_many_blocks_take_no_time_that_grows_with_their_square() -> None:
    assert len(contents(OTHER * 20_000)) == 20_000


@pytest.mark.parametrize(
    ("der", "label"),
    [
        (b"\x30\x82\x01\x00\x02\x01\x00\x02\x82", b"RSA PRIVATE KEY"),
        (b"\x30\x30\x02\x01\x00\x30\x05", b"PRIVATE KEY"),
        (b"\x30\x77\x02\x01\x01\x04\x20", b"EC PRIVATE KEY"),
        (b"", b"EC PRIVATE KEY"),
        (b"\x30\x84", b"EC PRIVATE KEY"),
        (b"\x30\x02\x02", b"EC PRIVATE KEY"),
    ],
)
def test_a_key_is_what_it_holds(der: bytes, label: bytes) -> None:
    assert tls.private_key_label(der) == label
