"""Text from a cluster is untrusted: what a terminal would obey, or would hide, is made visible."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

_UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"
_CONTROL_PICTURES = 0x2400
_DELETE = 0x7F


def printable(text: str) -> str:
    """One line that moves no cursor, reorders nothing and can be encoded: every character is printed as itself, as the
    picture of a control character, as a space, or as a replacement character.
    """
    if text.isprintable():
        return text
    return "".join([each if each.isprintable() else _visible(each) for each in text])


def printable_lines(text: str) -> str:
    """The same for text of several lines: their ends and tabs stay."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    return "".join([each if each in "\n\t" or each.isprintable() else _visible(each) for each in text])


_LONGEST_URL, _MOST_URLS = 2008, 20
_URL = re.compile(r"https?://[!#-;=?-\[\]_a-z~]{1,2000}")
"""Only what is printed as itself and needs no escape in an address: no blank, quote, control or other alphabet."""


def urls_in(text: str) -> Iterator[tuple[int, int]]:
    """From which to which character there is the address of a page; what ends the sentence around it is none of it."""
    if "://" not in text:
        return
    for match in islice(_URL.finditer(text), _MOST_URLS):
        url = match[0].rstrip(".,:;!?'")
        while url.endswith((")", "]")) and url.count(url[-1]) > url.count({")": "(", "]": "["}[url[-1]]):
            url = url[:-1].rstrip(".,:;!?'")
        if len(url.partition("://")[2]) > 0:
            yield match.start(), match.start() + len(url)


def is_url(text: str) -> bool:
    """Whether it is nothing but one of those."""
    return len(text) <= _LONGEST_URL and _URL.fullmatch(text) is not None


def is_unsafe(character: str) -> bool:
    """Whether a terminal would obey it, hide it, or reorder what is beside it.

    Spaces of any width do none of that, nor does private use: the symbols of terminal fonts, one cell wide.
    """
    return not character.isprintable() and unicodedata.category(character) not in ("Zs", "Co")


def _visible(character: str) -> str:
    code = ord(character)
    if code < ord(" "):
        return chr(_CONTROL_PICTURES + code)
    if code == _DELETE:
        return "\N{SYMBOL FOR DELETE}"
    if not is_unsafe(character):
        return " " if unicodedata.category(character) == "Zs" else character
    # The rest of the controls, format characters (bidi overrides, zero widths), lone surrogates, unassigned.
    return _UNPRINTABLE
