"""Where a paged list goes on: unpadded base64url of `{"v","rv","start"}`."""

from __future__ import annotations

import binascii
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass

import msgspec

from kwatch.simulator.api.status import StatusError, bad_request

INCONSISTENT = -1
"""The revision of a token that goes on in the present, whatever the pages before showed."""

_VERSION = "meta.k8s.io/v1"


@dataclass(frozen=True, slots=True)
class ContinueToken:
    """The first key that has not been listed yet is the least one not below `start`."""

    revision: int
    start: str

    @classmethod
    def after(cls, revision: int, key: str, namespace: str) -> ContinueToken:
        """Go on behind a key. In a namespace the token leaves the namespace out."""
        shown = key.removeprefix(namespace) if namespace else key
        return cls(revision, f"{shown}\0")

    def first_key(self, namespace: str) -> str:
        """Where to go on, as the collection's keys are."""
        start = self.start.removeprefix("/")
        return f"{namespace}/{start}" if namespace else start

    def inconsistent(self) -> ContinueToken:
        """The same position in the present."""
        return ContinueToken(INCONSISTENT, self.start)

    def __str__(self) -> str:
        text = msgspec.json.encode({"v": _VERSION, "rv": self.revision, "start": self.start})
        return urlsafe_b64encode(text).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> ContinueToken:
        """Read a token; raise StatusError 400."""
        try:
            decoded = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _invalid("illegal base64 data at input byte 0") from None
        try:
            fields = msgspec.json.decode(decoded)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise _invalid(f"invalid character '{_shown(decoded)}' looking for beginning of value") from None
        if not isinstance(fields, dict) or fields.get("v") != _VERSION:
            raise _invalid("server does not recognize this encoded version")
        revision, start = fields.get("rv"), fields.get("start")
        if not isinstance(revision, int) or revision == 0:
            raise _invalid(f"incorrect encoded start resourceVersion (version {_VERSION})")
        if not isinstance(start, str) or not start:
            raise _invalid(f"encoded start key empty (version {_VERSION})")
        return cls(revision, start)


def _shown(decoded: bytes) -> str:
    first = decoded[:1]
    return first.decode() if first.isascii() else f"\\x{first[0]:02x}"


def _invalid(reason: str) -> StatusError:
    return bad_request(f"invalid continue token: continue key is not valid: {reason}")
