"""The grammar of field terms: `.spec.replicas>3`, `.metadata.annotations["a b"]~x`, `.status.conditions[*].type`."""

from __future__ import annotations

import re

from kwatch.catalog.jsonpath import JSONPathError, parse_json_path
from kwatch.query.comparison import Compare
from kwatch.query.reader import Reader
from kwatch.query.terms.field import Field

_BEGINS = re.compile(r"""\.\.?[A-Za-z_*\[\\]""")
_STEP = re.compile(r"""[^\s\[\]=!<>~\\'"]|\\.|!(?!=)""", re.DOTALL)
_BRACKET = re.compile(r"""\[(?:[^\]"'\[]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\[[^\]]*\])*\]""", re.DOTALL)
_COMPARE = re.compile(r"==|!=|>=|<=|[=<>~]")


def at_field(reader: Reader) -> bool:
    """Whether a path begins here, and not a text such as `.5`."""
    return _BEGINS.match(reader.text, reader.at) is not None


def field_term(reader: Reader) -> Field:
    """A path, and perhaps what it is compared with."""
    path = _path(reader)
    compare = comparison(reader)
    if compare is None:
        return Field(path)
    return Field(path, compare, operand(reader, compare))


def comparison(reader: Reader) -> Compare | None:
    """An operator, if one is next."""
    found = reader.match(_COMPARE)
    if found is None:
        return None
    return Compare.EQUAL if found[0] == "==" else Compare(found[0])


def operand(reader: Reader, compare: Compare) -> str:
    """What an operator compares with: quoted, or up to the next space. Only equality takes nothing."""
    if reader.is_at_quote():
        return reader.quoted()
    word = reader.word()
    if not word and compare not in (Compare.EQUAL, Compare.NOT_EQUAL):
        raise reader.error(f"{compare} needs something to compare with.", reader.at - len(compare))
    return word


def _path(reader: Reader) -> str:
    start = reader.at
    while not reader.is_at_boundary:
        if reader.peek() == "[":
            if reader.match(_BRACKET) is None:
                raise reader.error("The bracket [ is never closed.", reader.at, reader.at + 1)
        elif reader.match(_STEP) is None:
            break
    path = reader.text[start : reader.at]
    try:
        parse_json_path(path)
    except (JSONPathError, RecursionError) as error:
        raise reader.error("This is no path such as .spec.containers[0].image.", start) from error
    return path
