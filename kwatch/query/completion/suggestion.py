"""What completion offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LIMIT = 100
"""Suggestions at most."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` replaces what is completed. `count` is how many objects carry it now, None if that is not known."""

    text: str
    count: int | None = None
    note: str = ""
    """What it is, in a few words."""


@dataclass(frozen=True, slots=True)
class Completion:
    """Suggestions for text[start:end] of the filter, the best first."""

    start: int
    end: int
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def common(self) -> str:
        """What all suggestions begin with: as much as one Tab can write."""
        texts = [suggestion.text for suggestion in self.suggestions]
        if not texts:
            return ""
        first, last = min(texts), max(texts)
        length = 0
        while length < min(len(first), len(last)) and first[length] == last[length]:
            length += 1
        return first[:length]


def best(suggestions: Iterable[Suggestion], typed: str) -> tuple[Suggestion, ...]:
    """Those that begin with what was typed, then those that hold it; the more objects, the earlier."""
    lower = typed.lower()
    ranked = [
        (
            not suggestion.text.lower().lstrip('"').startswith(lower),
            -(suggestion.count or 0),
            suggestion.text,
            suggestion,
        )
        for suggestion in suggestions
        if lower in suggestion.text.lower()
    ]
    ranked.sort(key=lambda each: each[:3])
    return tuple(each[3] for each in ranked[:LIMIT])


def counted(counts: Mapping[str, int], note: str = "") -> list[Suggestion]:
    """One suggestion a value."""
    return [Suggestion(value, count, note) for value, count in counts.items()]
