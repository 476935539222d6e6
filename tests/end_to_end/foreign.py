"""What a program wrote to a terminal, taken apart: everything that it has no reason to write is foreign."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from kwatch.base.printable import is_unsafe

_SEQUENCE = re.compile(
    rb"\x1b\[[0-9;:<>=?$ !\"']*[@-~]"
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    rb"|\x1bP[^\x1b]*\x1b\\"
    rb"|\x1b[_^X][^\x1b]*\x1b\\"
    rb"|\x1b[ -/]*[0-~]"
    rb"|\x1b"
)
_OWN = re.compile(
    rb"\x1b\[[0-9]+;[0-9]+H"  # go there
    rb"|\x1b\[(?!31;77m)[0-9;:]*m"  # colours
    rb"|\x1b\[\?[0-9;]+[hl]|\x1b\[\?996n|\x1b\[\?[0-9]+\$p|\x1b\[[>=][0-9;]+u|\x1b\[<u"  # modes, and what it can do
    rb"|\x1b\[8l"  # no reordering of right-to-left text
    rb"|\x1b\]22;[a-z]*\x07"  # the mouse pointer's shape
)
_CUT_OFF = re.compile(rb"(?:\x1b[\[0-9;]*|[\xc2-\xf4][\x80-\xbf]{0,2})?(?:\x18\x1b\\|\Z)")
"""A sequence that was begun and not ended, with what ends it, or where nothing was read any more."""
_CLEAR = re.compile(rb"\x1b\[[0-9]*J")
"""Once, when a program comes back; in the middle of text it is foreign."""
_LINK = re.compile(rb"\x1b\]8;(?:id=[0-9]+)?;(https?://[!-~]+)?\x1b\\")
"""Where a link begins, or ends."""
_CLIPBOARD = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")


def on_screen(raw: bytes) -> list[str]:
    """What is foreign in what a program drew."""
    raw = _CUT_OFF.sub(b"", raw)
    return [*_sequences(raw), *_characters(_SEQUENCE.sub(b"", raw), "\r\n")]


def in_print(raw: bytes) -> list[str]:
    """What is foreign in what a program printed, which has no reason for any sequence."""
    return list(_characters(raw, "\r\n\t"))


def _sequences(raw: bytes) -> Iterator[str]:
    for found in _SEQUENCE.finditer(raw):
        sequence = found[0]
        copied = _CLIPBOARD.fullmatch(sequence)
        if copied is not None:
            text = base64.b64decode(copied[1])
            yield from (f"copied {each}" for each in _characters(text, "\n\t"))
            if text == b"PWNED":
                yield "a clipboard that was set by the server"
        elif _CLEAR.fullmatch(sequence):
            if raw[found.end() : found.end() + 3] == b"\x1b[H":
                yield f"{sequence!r} and home"
        elif (link := _LINK.fullmatch(sequence)) is not None:
            # An address is a link to what is read there, or to what that is a part of, and to nothing else.
            text = _SEQUENCE.sub(b"", raw[found.end() : raw.find(b"\x1b]8;", found.end())]).strip()
            if link[1] is not None and text not in link[1]:
                yield f"a link to {link[1]!r} that says {text!r}"
        elif not _OWN.fullmatch(sequence):
            before, after = raw[max(0, found.start() - 60) : found.start()], raw[found.end() : found.end() + 30]
            yield f"{sequence!r} between {before!r} and {after!r}"


def _characters(raw: bytes, ends: str) -> Iterator[str]:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        yield f"no UTF-8: {raw[max(0, error.start - 20) : error.end + 5]!r}"
        return
    for at, character in enumerate(text):
        if character not in ends and is_unsafe(character):
            yield f"{character!r} in {text[max(0, at - 20) : at + 10]!r}"
