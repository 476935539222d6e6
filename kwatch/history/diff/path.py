"""Where in an object something is: steps from the root, and how people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class ItemKey:
    """An item of a list, found by the fields that identify it: `(("name", "web"),)`."""

    fields: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        return "/".join(_scalar_text(value) for _, value in self.fields)


@dataclass(frozen=True, slots=True)
class SetItem:
    """An item of a list of scalars that is used as a set: found by being it."""

    value: Any

    def __str__(self) -> str:
        return _scalar_text(self.value)


Step = str | int | ItemKey | SetItem
"""A field's name, a position in a list, or an item by what identifies it."""
Steps = tuple[Step, ...]


def path_text(steps: Iterable[Step]) -> str:
    """`spec.template.spec.containers[web].image`; names that are no plain words stand in brackets too."""
    text = ""
    for step in steps:
        if isinstance(step, str) and _PLAIN.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{step}]"
    return text


def _scalar_text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
