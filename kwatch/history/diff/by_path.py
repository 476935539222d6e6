"""Things grouped by the paths at which they changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from kwatch.history.diff.change import Change
from kwatch.history.diff.general_path import items_of

T = TypeVar("T")

CREATED_WORD, DELETED_WORD = "created", "deleted"
"""What stands in a path's place over what came, and over what went."""


def grouped(pairs: Iterable[tuple[str, T]]) -> Mapping[str, tuple[T, ...]]:
    """By general path, the most frequent first, and of those what was wanted before how it is."""
    groups: dict[str, list[T]] = {}
    for path, thing in pairs:
        groups.setdefault(path, []).append(thing)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0].startswith("status."), item[0]))
    return {path: tuple(things) for path, things in ordered}


def words_at(change: Change) -> str:
    """A change without its path, and with what its general path leaves out: `1.4.2 -> 1.5.0 [web]`."""
    items = "".join(f" [{item}]" for item in items_of(change.steps))
    return change.words.removeprefix(change.path).strip() + items
