"""Comparing resource versions, where a server documents that it may be done."""

from __future__ import annotations

import re

_VERSION = re.compile(r"[1-9][0-9]*\Z")


def compare_resource_versions(one: str, other: str) -> int:
    """-1, 0 or 1; numbers of any length. Raise ValueError for "", "0", leading zeros and anything but digits."""
    for version in (one, other):
        if not _VERSION.match(version) or not version.isascii():
            raise ValueError(f"resource version {version!r} cannot be compared")
    left, right = (len(one), one), (len(other), other)
    return (left > right) - (left < right)
