"""TLS as Go's client does it: verified unless asked otherwise, against the cluster's authority if it names one.

PEM too is read as Go's encoding/pem reads it: blocks at the beginning of a line, anything between and around them.
OpenSSL, behind the ssl module, is stricter: it takes no word that is not ASCII, and gives up at the first broken block.
"""

from __future__ import annotations

import base64
import ipaddress
import os
import re
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from kwatch.cluster.credentials import Credential
from kwatch.cluster.files import USER_FILES
from kwatch.cluster.settings import TLSTrust
from kwatch.informer.errors import ApiError

CERTIFICATE = b"CERTIFICATE"


def authority_of(trust: TLSTrust) -> bytes | None:
    """The authorities' certificates as they are now, None for those of the system; raise ApiError (`TLS`)."""
    if trust.authority_data is not None or trust.authority_file is None:
        return trust.authority_data
    try:
        return USER_FILES.read(trust.authority_file) or None
    except OSError as error:
        sentence = f"The certificate authority file {trust.authority_file} cannot be used: {error.strerror or error}."
        raise ApiError(0, "TLS", sentence) from error


def tls_context(trust: TLSTrust, authority: bytes | None, credential: Credential) -> ssl.SSLContext:
    """A context for these authorities and this client certificate; raise ApiError (`TLS`, `Credentials`)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    if trust.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        _trust_authorities(context, trust, authority)
    if credential.certificate is not None and credential.key is not None:
        _load_certificate(context, credential.certificate, credential.key)
    return context


def verified_name(trust: TLSTrust, server: str) -> str:
    """The name a certificate must have, where it is not the server's host as it is spelled; else empty."""
    try:
        address = ipaddress.ip_address(urlsplit(server).hostname or "")
    except ValueError:
        return trust.server_name
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return trust.server_name or (str(mapped) if mapped is not None else "")


def _trust_authorities(context: ssl.SSLContext, trust: TLSTrust, authority: bytes | None) -> None:
    # Any certificate that is named as an authority ends the chain, also an intermediate or the server's own: Go does
    # so, and kubeconfigs rely on it. VERIFY_X509_STRICT, which Python 3.13 and urllib3 set by default, stays unset: it
    # refuses authorities without a key usage extension, and many clusters made their own that way. Chain, dates, names
    # and signatures are verified all the same.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if authority is None:
        context.load_default_certs()
        return
    usable = [_trust(context, each.content) for each in pem_blocks(authority) if (each.label, each.headers) == _BARE]
    if not any(usable):
        where = f"file {trust.authority_file}" if trust.authority_data is None else "in the kubeconfig"
        sentence = f"The certificate authority {where} cannot be used: it holds no certificates in PEM form."
        raise ApiError(0, "TLS", sentence)


_BARE = (CERTIFICATE, ())


def _trust(context: ssl.SSLContext, certificate: bytes) -> bool:
    """Trust one certificate, as DER; whether it is one. Go passes over those of a bundle that it cannot read."""
    try:
        context.load_verify_locations(cadata=certificate)
    except (ssl.SSLError, ValueError):
        return False
    return True


def _load_certificate(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    # The ssl module loads certificates from files only, so they are in one, readable by us alone, for that long.
    descriptor, path = tempfile.mkstemp(prefix="kwatch-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_private_key(key) + _certificates(certificate))
        context.load_cert_chain(path, password=_no_password)
    except (OSError, ValueError) as error:
        reason = str(error) if isinstance(error, _Unusable) else "the key does not belong to the certificate"
        raise ApiError(0, "Credentials", f"The client certificate cannot be used: {reason}.") from error
    finally:
        Path(path).unlink()


class _Unusable(ValueError):
    """Why, as half a sentence."""


def _no_password() -> str:
    raise _Unusable("its key is encrypted; kwatch cannot ask for the password")


def _certificates(text: bytes) -> bytes:
    """The chain, in blocks that OpenSSL reads."""
    found = [each.content for each in pem_blocks(text) if each.label == CERTIFICATE]
    if not found:
        raise _Unusable("it holds no certificate in PEM form")
    return b"".join(as_pem(CERTIFICATE, each) for each in found)


def _private_key(text: bytes) -> bytes:
    """The first private key, in a block that OpenSSL reads."""
    found = next((each for each in pem_blocks(text) if each.label.endswith(b"PRIVATE KEY")), None)
    if found is None:
        raise _Unusable("its key holds no private key in PEM form")
    if found.label == b"ENCRYPTED PRIVATE KEY" or any(b"ENCRYPTED" in header for header in found.headers):
        _no_password()
    return as_pem(private_key_label(found.content), found.content)


_END = re.compile(rb"\n-----END ")
_BEGIN = b"-----BEGIN "
_DASHES = b"-----"
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
SEQUENCE, INTEGER = 0x30, 0x02


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its label, such as CERTIFICATE, its headers and what was in base64."""

    label: bytes
    headers: tuple[bytes, ...]
    content: bytes


def pem_blocks(text: bytes) -> Iterator[Block]:
    """Every block that is whole; what is broken is left out."""
    start = 0
    while (end := _END.search(text, start)) is not None:
        # The last beginning before an end: one that has no end of its own is skipped.
        begin = text.rfind(_BEGIN, start, end.start())
        found = None
        if begin >= 0 and (begin == start or text[begin - 1 : begin] == b"\n"):
            line_end = text.find(b"\n", end.end())
            closing = text[end.end() : line_end if line_end >= 0 else len(text)]
            found = _block(text[begin + len(_BEGIN) : end.start()], closing)
        start = end.end()
        if found is not None:
            yield found


def _block(inside: bytes, closing: bytes) -> Block | None:
    """What stands between a beginning and an end, whose own line goes on as `closing`."""
    first, *lines = inside.split(b"\n")
    label = _line(first)
    if not label.endswith(_DASHES) or label != _line(closing):
        return None
    headers = []
    while lines and b":" in lines[0]:
        headers.append(_line(lines.pop(0)))
    content = b"".join(lines).translate(None, b" \t\r\n")
    if not _BASE64.fullmatch(content):
        return None
    return Block(label.removesuffix(_DASHES), tuple(headers), base64.b64decode(content))


def _line(line: bytes) -> bytes:
    return line.removesuffix(b"\r").rstrip(b" \t")


def as_pem(label: bytes, content: bytes) -> bytes:
    """A block as OpenSSL wants it."""
    body = base64.encodebytes(content)
    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (label, body, label)


def private_key_label(der: bytes) -> bytes:
    """What a private key is, by its second field, whatever its block was called: Go tries all forms."""
    second = _second_tag(der)
    return {INTEGER: b"RSA PRIVATE KEY", SEQUENCE: b"PRIVATE KEY"}.get(second, b"EC PRIVATE KEY")


def _second_tag(der: bytes) -> int:
    """The ASN.1 tag after the version number, with which every form of a key begins; 0 if there is none."""
    if len(der) < 2 or der[0] != SEQUENCE:
        return 0
    position = 2 + (der[1] & 0x7F if der[1] & 0x80 else 0)
    if der[position : position + 1] != bytes([INTEGER]) or position + 1 >= len(der):
        return 0
    position += 2 + der[position + 1]
    return der[position] if position < len(der) else 0
