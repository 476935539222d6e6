"""What a side-by-side view asks of whoever opened it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kwatch.history.comparison import Comparison
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version


class VersionPair(Protocol):
    """Two versions of an object, with others to step to."""

    @property
    def journal(self) -> Journal | None:
        """What remembers them."""
        ...

    def compared(self) -> tuple[Version | None, Version] | None:
        """The two versions, the older one None if there was none; None if there is nothing to compare."""
        ...

    def is_created(self, comparison: Comparison | None) -> bool:
        """Where there is no older version: whether that is because there was nothing."""
        ...

    def step(self, by: int) -> bool:
        """To an older (1) or newer (-1) pair; False where there is none."""
        ...
