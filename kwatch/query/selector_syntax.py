"""The grammar of label selectors: `app=cart,tier!=data`, `env in (a,b)`, `app`, `!app`."""

from __future__ import annotations

import re

from kwatch.query.reader import Reader
from kwatch.query.terms.labels import LabelOperator, Requirement

_KEY = re.compile(r"""[^\s=!<>~:(),"']+""")
_VALUE = re.compile(r"""[^\s,()"']+""")
_SET = re.compile(r"\s+(in|notin)\s*\(")
_EQUALITY = re.compile(r"==|=|!=")


def at_set(reader: Reader) -> bool:
    """Whether ` in (` or ` notin (` follows."""
    return _SET.match(reader.text, reader.at) is not None


def requirements(reader: Reader) -> tuple[Requirement, ...]:
    """Requirements with commas between them; bare words are keys."""
    found = [requirement(reader)]
    while reader.accept(","):
        found.append(requirement(reader))
    return tuple(found)


def requirement(reader: Reader) -> Requirement:
    """One requirement of any form."""
    start = reader.at
    negated = reader.accept("!")
    key = _key(reader)
    if not key:
        raise reader.error("A label key is missing here.", start, max(reader.at, start))
    if negated:
        return Requirement(key, LabelOperator.NOT_EXISTS)
    return rest_of_requirement(reader, key) or Requirement(key, LabelOperator.EXISTS)


def rest_of_requirement(reader: Reader, key: str) -> Requirement | None:
    """What follows a key: an operator with its values; None if nothing of that sort follows."""
    if (operator := reader.match(_EQUALITY)) is not None:
        value = one_value(reader)
        return Requirement(key, LabelOperator.NOT_EQUALS if operator[0] == "!=" else LabelOperator.EQUALS, (value,))
    if (operator := reader.match(_SET)) is not None:
        values = value_set(reader)
        return Requirement(key, LabelOperator.IN if operator[1] == "in" else LabelOperator.NOT_IN, values)
    return None


def one_value(reader: Reader) -> str:
    """A value, quoted or up to the next space, comma or bracket; may be empty."""
    if reader.is_at_quote():
        return reader.quoted()
    found = reader.match(_VALUE)
    return found[0] if found else ""


def value_set(reader: Reader) -> tuple[str, ...]:
    """Values with commas between them, up to the closing bracket; the opening one has been read."""
    opened = reader.at - 1
    values: list[str] = []
    while True:
        reader.skip_spaces()
        values.append(one_value(reader))
        reader.skip_spaces()
        if reader.accept(")"):
            return tuple(values)
        if not reader.accept(","):
            end = min(len(reader.text), max(reader.at, opened + 1))
            raise reader.error("The list needs commas between its values and a closing ) at its end.", opened, end)


def _key(reader: Reader) -> str:
    if reader.is_at_quote():
        return reader.quoted()
    found = reader.match(_KEY)
    return found[0] if found else ""
