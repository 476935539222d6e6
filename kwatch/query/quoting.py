"""Quotes keep spaces and everything else that has a meaning."""

from __future__ import annotations

import re

_SAFE = re.compile(r"[\w.*?/@+-]+\Z")


def quoted(text: str) -> str:
    """In double quotes, with backslashes before quotes and backslashes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def quoted_if_needed(text: str) -> str:
    """As it is where that reads the same, else quoted."""
    return text if _SAFE.match(text) else quoted(text)
