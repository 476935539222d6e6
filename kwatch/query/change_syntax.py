"""The grammar of change terms: `~`, `~image`, `~status.phase:Running>Failed`, `~replicas:>3`."""

from __future__ import annotations

import re

from kwatch.query.reader import Reader
from kwatch.query.terms.change import Change

_PATH = re.compile(r"(?:\[[^\]]*\]|[^\s:\[])*")
_VALUE = re.compile(r"""[^\s>"']+""")


def change_term(reader: Reader) -> Change:
    """What follows a `~`. A value without `>` is what it changed to."""
    found = reader.match(_PATH)
    path = found[0] if found is not None else ""
    colon = reader.at
    if not reader.accept(":"):
        return Change(path)
    first = _value(reader)
    if not reader.accept(">"):
        if first is None:
            raise reader.error("After the colon stands old>new; either may be left out.", colon)
        return Change(path, None, first)
    second = _value(reader)
    if first is None and second is None:
        raise reader.error("One of the two values beside > must be there.", colon)
    return Change(path, first, second)


def _value(reader: Reader) -> str | None:
    if reader.is_at_quote():
        return reader.quoted()
    found = reader.match(_VALUE)
    return found[0] if found is not None else None
