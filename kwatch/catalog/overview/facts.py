"""Facts under headings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kwatch.base.duration import humanize
from kwatch.base.timestamp import time_or_none
from kwatch.catalog.column import Level
from kwatch.catalog.tree import Tree


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what is true. `at` is a moment in seconds since the epoch, told with how long ago it was."""

    label: str
    value: str
    level: Level = Level.NONE
    at: float | None = None

    def text(self, now: float) -> str:
        """The value, and where it is a moment its age."""
        return self.value if self.at is None else f"{self.value} ({humanize(now - self.at)} ago)"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its facts; there is at least one."""

    title: str
    facts: tuple[Fact, ...]


def sections(*candidates: tuple[str, Iterable[Fact | None]]) -> tuple[Section, ...]:
    """The sections that have any fact, without the facts that are absent."""
    found = []
    for title, facts in candidates:
        present = tuple(fact for fact in facts if fact is not None)
        if present:
            found.append(Section(title, present))
    return tuple(found)


def fact(label: str, value: Tree | str, level: Level = Level.NONE) -> Fact | None:
    """A fact, None if there is nothing to say."""
    text = value if isinstance(value, str) else value.text()
    return Fact(label, text, level) if text else None


def moment(label: str, value: Tree) -> Fact | None:
    """A time as the server wrote it, with its age."""
    text = value.text()
    return Fact(label, text, at=time_or_none(text)) if text else None
