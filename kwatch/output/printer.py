"""What every plain format does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kwatch.output.change import Gap, ObjectChange


class Printer(Protocol):
    """Turns changes into text; knows no threads and no files."""

    def initial(self, changes: Sequence[ObjectChange], final: bool) -> str:
        """What was there at first, in the order to print it; `final` if nothing will follow."""
        ...

    def change(self, change: ObjectChange) -> str:
        """One change."""
        ...

    def gap(self, gap: Gap) -> str:
        """A time in which nothing was watched; empty where the format has no word for it."""
        ...
