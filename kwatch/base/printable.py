"""Text from a cluster is untrusted: what a terminal would obey, or would hide, is made visible."""

from __future__ import annotations

import unicodedata

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
