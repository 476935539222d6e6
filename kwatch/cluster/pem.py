"""PEM as Go's encoding/pem reads it: blocks at the beginning of a line, between and around them whatever one likes.

OpenSSL, behind the ssl module, is stricter: it takes no word that is not ASCII, and gives up at the first broken block.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

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


def blocks(text: bytes) -> Iterator[Block]:
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


def encoded(label: bytes, content: bytes) -> bytes:
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
