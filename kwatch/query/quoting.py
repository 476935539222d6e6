"""Quotes keep spaces and everything else that has a meaning."""

from __future__ import annotations

import re

_SAFE_VALUE = re.compile(r"[\w.*?/@:+-]+\Z")
_SAFE_NAME = re.compile(r"\w[\w./-]*\Z")


LONGEST = 40
"""Characters of a text that are told in a sentence."""


def shortened(text: str) -> str:
    """A text as it is told in a sentence: its beginning, if it is long."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def quoted(text: str) -> str:
    """In double quotes, with backslashes before quotes and backslashes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def quoted_value(text: str) -> str:
    """A value as it is where that reads the same, else quoted."""
    return text if _SAFE_VALUE.match(text) else quoted(text)


def quoted_name(text: str) -> str:
    """A name before an operator, where a leading dot, slash or dash would mean something."""
    return text if _SAFE_NAME.match(text) else quoted(text)
