"""What arrived and could not be decoded: kept, with the reason, so that it is quarantined and not lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kwatch.base.limits import LARGEST_STATUS, OBJECT_HEAD

_IDENTITY = re.compile(rb'"(name|namespace|resourceVersion)"\s*:\s*"([^"\\\x00-\x1f\x7f-\xff]{1,253})"')
_METADATA = re.compile(rb'"metadata"\s*:\s*\{')
_IDENTITY_WINDOW = 4096


class Unreadable(Mapping[str, Any]):
    """Stands in for an object whose bytes cannot be read.

    As a Mapping it holds `metadata` with what could be made out of name, namespace and resourceVersion, perhaps
    nothing. `malformed` says that the bytes are no JSON at all, so that the connection may be to blame. Of many bytes
    only the first are kept.
    """

    __slots__ = ("_metadata", "malformed", "raw", "reason")

    def __init__(self, raw: bytes, reason: str, *, malformed: bool = False) -> None:
        self.raw = raw if len(raw) <= LARGEST_STATUS else raw[:OBJECT_HEAD]
        self.reason = reason
        self.malformed = malformed
        self._metadata = _make_out(raw)

    def __getitem__(self, key: str) -> Any:
        if key != "metadata":
            raise KeyError(key)
        return dict(self._metadata)

    def __iter__(self) -> Iterator[str]:
        return iter(("metadata",))

    def __len__(self) -> int:
        return 1

    def __repr__(self) -> str:
        return f"Unreadable({self._metadata.get('name', '?')}: {self.reason})"


def _make_out(raw: bytes) -> dict[str, str]:
    """The identity, as far as it stands in plain sight at the beginning of the metadata."""
    start = _METADATA.search(raw)
    if start is None:
        return {}
    window = raw[start.end() : start.end() + _IDENTITY_WINDOW]
    # Nested objects (labels, managedFields) may have a `name` of their own: look no further than the first.
    nested = window.find(b"{")
    found: dict[str, str] = {}
    for match in _IDENTITY.finditer(window if nested < 0 else window[:nested]):
        found.setdefault(match[1].decode(), match[2].decode())
    return found
