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
    return "".join([character if character.isprintable() else _visible(character) for character in text])


def _visible(character: str) -> str:
    code = ord(character)
    if code < ord(" "):
        return chr(_CONTROL_PICTURES + code)
    if code == _DELETE:
        return "\N{SYMBOL FOR DELETE}"
    match unicodedata.category(character):
        case "Zs":
            return " "
        case "Co":
            # Private use: the symbols of terminal fonts, one cell wide and harmless.
            return character
    # Format characters (bidi overrides, zero widths), lone surrogates, line separators, unassigned.
    return _UNPRINTABLE
