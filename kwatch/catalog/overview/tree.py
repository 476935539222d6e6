"""Walking an object's tree without minding what is missing or of another type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kwatch.catalog.go_text import go_text


class Tree:
    """A place in a tree. Beyond what is there everything is empty, and nothing raises."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __getitem__(self, key: str) -> Tree:
        return Tree(self.value.get(key)) if isinstance(self.value, dict) else _NOWHERE

    def at(self, *keys: str) -> Tree:
        """The place below."""
        place = self
        for key in keys:
            place = place[key]
        return place

    def __iter__(self) -> Iterator[Tree]:
        if isinstance(self.value, list):
            yield from map(Tree, self.value)

    def entries(self) -> Iterator[tuple[str, Tree]]:
        """Keys and places of an object, sorted."""
        if isinstance(self.value, dict):
            for key in sorted(self.value):
                yield key, Tree(self.value[key])

    def __bool__(self) -> bool:
        return self.value not in (None, "", [], {})

    def __len__(self) -> int:
        return len(self.value) if isinstance(self.value, list | dict) else 0

    def text(self, default: str = "") -> str:
        """A scalar as text; `default` for anything that is absent, empty or no scalar."""
        if self.value is None or self.value == "" or isinstance(self.value, list | dict):
            return default
        return go_text(self.value)

    def compact(self) -> str:
        """Scalars as they are, the rest as JSON."""
        return go_text(self.value) if self else ""

    def joined(self, separator: str = ", ") -> str:
        """The scalars of a list."""
        return separator.join([text for text in (item.text() for item in self) if text])

    def pairs(self, separator: str = ", ") -> str:
        """`key=value` of an object."""
        return separator.join([f"{key}={value.text()}" for key, value in self.entries()])

    def number(self) -> int:
        """A whole number, 0 for anything else."""
        return self.value if isinstance(self.value, int) and not isinstance(self.value, bool) else 0


_NOWHERE = Tree(None)
