"""Names, uids, hashes, addresses and certificates, as Kubernetes and its parts write them, from a seeded source."""

from __future__ import annotations

import base64
import hashlib
import time
import zlib
from collections.abc import Mapping
from functools import lru_cache
from random import Random
from typing import Any

import msgspec

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""What Kubernetes draws random names from: no vowels, nothing that is easily mistaken."""


def suffix(random: Random, length: int = 5) -> str:
    """The random end of a generated name: `x7k2p`."""
    number = random.getrandbits(5 * length + 8)
    letters = []
    for _ in range(length):
        number, index = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[index])
    return "".join(letters)


def uid(random: Random) -> str:
    """A version 4 UUID."""
    digits = f"{random.getrandbits(128):032x}"
    return (
        f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{'89ab'[int(digits[16], 16) & 3]}{digits[17:20]}-{digits[20:]}"
    )


def safe_encode(number: int) -> str:
    """A number as Kubernetes writes hashes into names: `5d4f8c7b9d`, never a rude word."""
    return "".join(_ALPHABET[ord(digit) % len(_ALPHABET)] for digit in str(number))


def template_hash(template: Mapping[str, Any]) -> str:
    """The pod-template-hash of a pod template: the same template always has the same hash."""
    return safe_encode(zlib.crc32(msgspec.json.encode(template, order="sorted")))


@lru_cache(maxsize=4096)
def digest(text: str) -> str:
    """64 hexadecimal digits, the same for the same text."""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=4096)
def image_id(image: str) -> str:
    """The imageID a container runtime reports: the repository and the digest of what was pulled."""
    repository = image.rsplit(":", 1)[0]
    return f"{repository}@sha256:{digest(image)}"


def image_size(image: str) -> int:
    """An image's size in bytes, which follows from its name."""
    return 9_000_000 + stable_number(image) % 280_000_000


def container_id(random: Random) -> str:
    return f"containerd://{random.getrandbits(256):064x}"


def pod_ip(node_index: int, host: int) -> str:
    """An address of the node's slice of the pod network; a node has 250 of them."""
    high, low = divmod(node_index, 256)
    return f"10.{244 - high if high < 40 else 128 + high}.{low}.{2 + host % 250}"


def node_ip(index: int) -> str:
    high, low = divmod(index + 11, 250)
    return f"172.20.{high}.{low + 1}"


def service_ip(index: int) -> str:
    """An address in the services' network; 0 is the API server's, 9 the DNS server's."""
    high, low = divmod(index, 254)
    return f"10.96.{high}.{low + 1}"


def stable_number(text: str) -> int:
    """A number from a text, the same in every process (`hash` is not)."""
    return zlib.crc32(text.encode())


def stable_fraction(text: str) -> float:
    """A number in [0, 1) from a text, the same in every process."""
    return zlib.crc32(text.encode()) / 4294967296


def certificate(seed: str, begins: float, ends: float) -> str:
    """A PEM certificate with these times (seconds since the epoch), whose signature is none."""
    algorithm = _der(0x30, _der(0x06, bytes.fromhex("2a864886f70d01010b")) + _der(0x05, b""))
    name = _der(0x30, _der(0x31, _der(0x30, _der(0x06, bytes.fromhex("550403")) + _der(0x0C, seed[:32].encode()))))
    times = (time.strftime("%Y%m%d%H%M%SZ", time.gmtime(at)).encode() for at in (begins, ends))
    validity = _der(0x30, b"".join(_der(0x18, at) for at in times))
    noise = bytes.fromhex(digest(seed)) * 8
    key = _der(0x30, algorithm + _der(0x03, b"\0" + noise))
    version, serial = _der(0xA0, _der(0x02, b"\2")), _der(0x02, noise[:8])
    signed = _der(0x30, version + serial + algorithm + name + validity + name + key)
    body = base64.b64encode(_der(0x30, signed + algorithm + _der(0x03, b"\0" + noise))).decode()
    rows = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *rows, "-----END CERTIFICATE-----", ""])


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([130]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + content
