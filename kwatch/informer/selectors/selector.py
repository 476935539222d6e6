"""What every selector can do, and the two that need no parsing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Selector(Protocol):
    """Selects by labels, or by fields."""

    @property
    def matches_everything(self) -> bool:
        """Whether nothing need be read to know that it matches."""
        ...

    @property
    def matches_nothing(self) -> bool:
        """Whether nothing need be read to know that it does not match."""
        ...

    def matches(self, values: Mapping[str, str]) -> bool:
        """Whether these labels (or fields) are selected."""
        ...


class _Constant:
    def __init__(self, answer: bool) -> None:
        self._answer = answer

    @property
    def matches_everything(self) -> bool:
        return self._answer

    @property
    def matches_nothing(self) -> bool:
        return not self._answer

    def matches(self, values: Mapping[str, str]) -> bool:
        return self._answer


EVERYTHING: Selector = _Constant(True)
NOTHING: Selector = _Constant(False)
