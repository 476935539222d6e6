"""YAML as kubectl writes it, line by line: what YAML 1.1 would read as something else stands in quotes, and what a
terminal would obey is escaped.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cmp_to_key
from typing import Any, NamedTuple

from kwatch.base.printable import is_unsafe
from kwatch.catalog.go_text import go_number

BEST_WIDTH = 80
"""Columns after which kubectl breaks a text at the next space."""
_LONGEST_SIMPLE_KEY = 128
"""Bytes of a key beyond which it stands after a question mark, on a line of its own."""
_ODD = re.compile("[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
"""What kubectl escapes."""
_BREAK = re.compile("[\n\r\x85\u2028\u2029]")
_INDICATOR = re.compile(r"""[#,\[\]{}&*!|>'"%@`]|[?:-](?: |\Z)|---|\.\.\.""")
"""A text that begins so is not plain."""
_INNER_INDICATOR = re.compile(r": |:\Z| #")
_ESCAPES = {
    "\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e",
    '"': '"', "\\": "\\", "\x85": "N", "\xa0": "_", "\u2028": "L", "\u2029": "P",
}  # fmt: skip
_WORDS = frozenset(
    {"y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO", "true", "True", "TRUE", "false", "False", "FALSE"}
    | {"on", "On", "ON", "off", "Off", "OFF", "~", "null", "Null", "NULL", ".nan", ".NaN", ".NAN"}
    | {f"{sign}{word}" for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")}
    # kubectl says these plain, and reads neither again as a key.
    | {"<<", "="}
)
_INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)\Z", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z", re.ASCII)
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z", re.ASCII)
_FLOAT_OF_OTHERS = re.compile(r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?\Z", re.ASCII)
"""What PyYAML takes for a float beside: `.5_`."""
_DIGITLESS = re.compile(r"[-+]?0[bx]_+\Z")
"""What it takes for an integer, and fails at."""
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:[.,][0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)?\Z",
    re.ASCII,
)


class Piece(NamedTuple):
    """A part of a line. `kind` is `key`, `text`, `number`, `constant`, `block` (its head), or empty for marks."""

    text: str
    kind: str = ""


Line = list[Piece]


def to_yaml(tree: Any) -> str:
    """A document as kubectl prints it: keys sorted, long texts broken."""
    return "".join(["".join([piece.text for piece in line]) + "\n" for line in yaml_lines(tree, BEST_WIDTH)])


def yaml_lines(tree: Mapping[str, Any], width: int | None = None) -> Iterator[Line]:
    """The lines of a mapping. With a width keys are sorted and texts broken; else both are as they come."""
    writer = _Writer(width)
    yield from writer.mapping(tree, 0) if tree else iter([[Piece("{}", "constant")]])


def quoted(text: str) -> str:
    """One line for a text: plain, or in the quotes that kubectl chooses."""
    if not text or _means_something_else(text):
        return _double(text)
    if "\n" in text or _is_odd(text):
        return _double(text)
    plain = not (_INDICATOR.match(text) or _INNER_INDICATOR.search(text) or text[0] == " " or text[-1] == " ")
    return text if plain else "'" + text.replace("'", "''") + "'"


class _Writer:
    def __init__(self, width: int | None) -> None:
        self._width = width

    def mapping(self, tree: Mapping[str, Any], indent: int) -> Iterator[Line]:
        margin = [Piece(" " * indent)] if indent else []
        for key in tree if self._width is None else sorted(tree, key=_KEY_ORDER):
            if _BREAK.search(key) or len(key.encode("utf-8", "surrogatepass")) > _LONGEST_SIMPLE_KEY:
                yield from self._scalar([*margin, Piece("? ")], key, indent, "key")
                yield from self._inline([*margin, Piece(": ")], tree[key], indent)
            else:
                yield from self._value([*margin, Piece(quoted(key), "key"), Piece(":")], tree[key], indent)

    def _value(self, head: Line, value: Any, indent: int) -> Iterator[Line]:
        """What belongs to a key; lists stand at their key's own depth."""
        if isinstance(value, Mapping) and value:
            yield head
            yield from self.mapping(value, indent + 2)
        elif isinstance(value, list | tuple) and value:
            yield head
            yield from self._sequence(value, indent)
        else:
            yield from self._scalar([*head, Piece(" ")], value, indent)

    def _sequence(self, items: Iterable[Any], indent: int) -> Iterator[Line]:
        margin = " " * indent
        for item in items:
            yield from self._inline([Piece(f"{margin}- ")], item, indent)

    def _inline(self, head: Line, value: Any, indent: int) -> Iterator[Line]:
        """A value that begins on the line of its mark, which takes the place of its first line's indent."""
        if isinstance(value, Mapping) and value:
            lines = self.mapping(value, indent + 2)
        elif isinstance(value, list | tuple) and value:
            lines = self._sequence(value, indent + 2)
        else:
            yield from self._scalar(head, value, indent)
            return
        first = next(lines)
        rest = first[0].text[indent + 2 :]
        yield [*head, Piece(rest, first[0].kind), *first[1:]] if rest else [*head, *first[1:]]
        yield from lines

    def _scalar(self, head: Line, value: Any, indent: int, kind: str = "text") -> Iterator[Line]:
        if not isinstance(value, str):
            yield [*head, _constant(value)]
            return
        if "\n" in value and not _is_odd(value) and not value.endswith(" ") and " \n" not in value:
            yield from _block(head, value, " " * (indent + 2), kind)
            return
        text = quoted(value)
        column = sum(len(piece.text) for piece in head)
        if self._width is None or column + len(text) <= self._width:
            yield [*head, Piece(text, kind)]
            return
        first, *rest = _broken(text, column, indent + 2, self._width)
        yield [*head, Piece(first, kind)]
        for line in rest:
            yield [Piece(" " * (indent + 2)), Piece(line, kind)]


def _constant(value: Any) -> Piece:
    if value is None or isinstance(value, bool):
        return Piece({None: "null", True: "true", False: "false"}[value], "constant")
    if isinstance(value, int | float):
        return Piece(_number(value), "number")
    return Piece("{}" if isinstance(value, Mapping) else "[]", "constant")


def _number(value: float) -> str:
    if isinstance(value, int):
        # Whole, though kubectl rounds what has more than 64 bits.
        return str(value)
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    text = go_number(value)
    # Without a dot Python takes it for a text.
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def _block(head: Line, text: str, margin: str, kind: str) -> Iterator[Line]:
    """A text of several lines, as people write it."""
    hint = "2" if text[0] in " \n" else ""
    ends = "-" if text[-1] != "\n" else "+" if text in ("\n",) or text.endswith("\n\n") else ""
    yield [*head, Piece(f"|{hint}{ends}", "block")]
    for line in text.removesuffix("\n").split("\n"):
        yield [Piece(margin), Piece(line, kind)] if line else [Piece("")]


def _broken(text: str, column: int, indent: int, width: int) -> list[str]:
    """A text that goes beyond the width, broken where kubectl breaks it: at single spaces, or before more in quotes."""
    quote = text[0] if text[0] in "'\"" else ""
    inner = range(len(quote) + 1, len(text) - 2) if quote else range(len(text))
    lines, line, after_space = [], "", False
    for at, character in enumerate(text):
        follows = text[at + 1 : at + 2]
        breaks = character == " " and at in inner and not after_space and column + len(line) > width
        if breaks and (follows != " " or quote == '"'):
            lines.append(line)
            # A space at the beginning of a line would be lost.
            line, column = "\\" if follows == " " else "", indent
        else:
            line += character
        after_space = character == " "
    return [*lines, line]


def _double(text: str) -> str:
    return '"' + "".join([_escaped(each) if _needs_escape(each) else each for each in text]) + '"'


def _needs_escape(character: str) -> bool:
    if " " <= character <= "~":
        return character in '"\\'
    return character == "\n" or _ODD.match(character) is not None or is_unsafe(character)


def _escaped(character: str) -> str:
    short = _ESCAPES.get(character)
    if short is not None:
        return "\\" + short
    code = ord(character)
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _is_odd(text: str) -> bool:
    """Whether something in it must be escaped."""
    if _ODD.search(text):
        return True
    return not text.replace("\n", "").isprintable() and any(is_unsafe(each) for each in text if each != "\n")


def _means_something_else(text: str) -> bool:
    """Whether YAML 1.1 reads it as a truth, a number or a time, to Go or to Python."""
    first = text[0]
    if text in _WORDS:
        return True
    if first not in "+-.0123456789":
        return False
    bare = text.replace("_", "")
    if first == "." and _FLOAT.match(text):
        return True
    if first != "." and (_INTEGER.match(bare) or (_FLOAT.match(bare) and not math.isinf(float(bare)))):
        return True
    return any(pattern.match(text) for pattern in (_BASE_60, _FLOAT_OF_OTHERS, _DIGITLESS, _TIME))


def _compare_keys(one: str, other: str) -> int:
    """kubectl's order of keys: numbers within them by their value, letters after everything else."""
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        if a == b:
            continue
        letters = a.isalpha(), b.isalpha()
        if all(letters):
            return -1 if a < b else 1
        if any(letters):
            return -1 if letters[1] else 1
        start = 1 if "0" in (a, b) and _follows_a_number(one, at) else 0
        (number, end), (other_number, other_end) = (_number_at(text, at, start) for text in (one, other))
        if number != other_number:
            return -1 if number < other_number else 1
        if end != other_end:
            return -1 if end < other_end else 1
        return -1 if a < b else 1
    return len(one) - len(other)


_KEY_ORDER = cmp_to_key(_compare_keys)


def _follows_a_number(text: str, at: int) -> bool:
    """Whether the digits just before have one that is not zero."""
    while at > 0 and text[at - 1].isdecimal():
        at -= 1
        if text[at] != "0":
            return True
    return False


def _number_at(text: str, at: int, start: int) -> tuple[int, int]:
    number, end = start, at
    while end < len(text) and text[end].isdecimal():
        number = (number * 10 + ord(text[end]) - ord("0") + 2**63) % 2**64 - 2**63  # of 64 bits
        end += 1
    return number, end
