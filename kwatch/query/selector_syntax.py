"""The grammar of label selectors: `app=cart,tier!=data`, `env in (a,b)`, `app`, `!app`, `weight>3`.

The informer's own parser refuses keys and values that no server would accept; here they are only looked for, so
anything goes, in quotes if need be, and errors know their place.
"""

from __future__ import annotations

import re

from kwatch.informer.selectors import Operator, Requirement
from kwatch.query.reader import Reader

_KEY = re.compile(r"""[^\s=!<>~:(),"']+""")
_VALUE = re.compile(r"""[^\s,()"']+""")
_SET = re.compile(r"\s+(in|notin)\s*\(")
_EQUALITY = re.compile(r"==|=|!=")
_INEQUALITY = re.compile(r"[<>](?!=)")


def requirements(reader: Reader) -> tuple[Requirement, ...]:
    """Requirements with commas between them; bare words are keys."""
    found = [_requirement(reader)]
    while reader.accept(","):
        found.append(_requirement(reader))
    return tuple(found)


def rest_of_requirement(reader: Reader, key: str) -> Requirement | None:
    """What follows a key: `=`, `!=`, `in` or `notin` with its values; None if nothing of that sort follows."""
    if (equality := reader.match(_EQUALITY)) is not None:
        operator = Operator.NOT_EQUALS if equality[0] == "!=" else Operator.EQUALS
        return Requirement(key, operator, (one_value(reader),))
    if (among := reader.match(_SET)) is not None:
        return Requirement(key, Operator.IN if among[1] == "in" else Operator.NOT_IN, value_set(reader))
    return None


def one_value(reader: Reader) -> str:
    """A value, quoted or up to the next space, comma or bracket; may be empty."""
    if reader.is_at_quote():
        return reader.quoted()
    found = reader.match(_VALUE)
    return found[0] if found else ""


def value_set(reader: Reader) -> tuple[str, ...]:
    """Values with commas between them, up to the closing bracket; the opening one has been read. Sorted, each once."""
    opened = reader.at - 1
    values: set[str] = set()
    while True:
        reader.skip_spaces()
        values.add(one_value(reader))
        reader.skip_spaces()
        if reader.accept(")"):
            return tuple(sorted(values))
        if not reader.accept(","):
            raise reader.error("The list needs commas between its values and a ) at its end.", opened)


def _requirement(reader: Reader) -> Requirement:
    start = reader.at
    negated = reader.accept("!")
    is_quoted = reader.is_at_quote()
    key = _key(reader)
    if not key and not is_quoted:
        raise reader.error("A label key is missing here.", start)
    if negated:
        return Requirement(key, Operator.DOES_NOT_EXIST)
    if (inequality := reader.match(_INEQUALITY)) is not None:
        operator = Operator.GREATER_THAN if inequality[0] == ">" else Operator.LESS_THAN
        bound = one_value(reader)
        if not bound:
            raise reader.error(f"{operator} needs a number.", start)
        return Requirement(key, operator, (bound,))
    return rest_of_requirement(reader, key) or Requirement(key, Operator.EXISTS)


def _key(reader: Reader) -> str:
    if reader.is_at_quote():
        return reader.quoted()
    found = reader.match(_KEY)
    return found[0] if found else ""
