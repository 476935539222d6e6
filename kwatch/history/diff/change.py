"""One difference between two versions of an object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal

from kwatch.history.diff.noise import is_noise
from kwatch.history.diff.path import ItemKey, Steps
from kwatch.history.diff.words import value_change_words, value_words


class _Absent(Enum):
    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent.ABSENT
"""Stands for a value that is not there; JSON's null is None."""
Absent = Literal[_Absent.ABSENT]


@dataclass(frozen=True, slots=True)
class Change:
    """`path` had the value `old` and has the value `new`; one of them may be ABSENT.

    A part that came or went as a whole is one change. The empty path is the object itself.
    """

    path: str
    old: Any
    new: Any
    steps: Steps = field(default=(), repr=False)
    """The path as its steps, for programs."""
    noise: bool = False
    """Whether it says nothing to people: a version, a heartbeat."""

    @property
    def words(self) -> str:
        """`spec.template.spec.containers[web].image 1.4.2 -> 1.5.0`."""
        if not self.path:
            return "created" if self.old is ABSENT else "deleted"
        if self.old is ABSENT:
            return f"{self.path} added {value_words(_telling(self.new, self.steps))}"
        if self.new is ABSENT:
            return f"{self.path} removed, was {value_words(_telling(self.old, self.steps))}"
        return f"{self.path} {value_change_words(self.old, self.new)}"

    @property
    def sign(self) -> str:
        """`+` added, `-` removed, `~` changed."""
        return "+" if self.old is ABSENT else "-" if self.new is ABSENT else "~"


def _telling(value: Any, steps: Steps) -> Any:
    """A part without the fields that its path names already, and without noise; whole if nothing would be left."""
    if not isinstance(value, Mapping):
        return value
    named = dict(steps[-1].fields) if steps and isinstance(steps[-1], ItemKey) else {}
    left = {
        name: item for name, item in value.items() if not (name in named or item is None or is_noise((*steps, name)))
    }
    return left or value


def changed_paths(changes: Iterable[Change], limit: int = 3) -> str:
    """The first changes in words, and how many more there are: for one line of a list."""
    listed = list(changes)
    text = ", ".join(change.words for change in listed[:limit])
    more = len(listed) - limit
    return f"{text}, {more} more" if more > 0 else text
