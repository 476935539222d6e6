"""The two versions that are compared side by side: how an object was at the baseline, and how it is now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kwatch.history.baseline import Difference
    from kwatch.history.comparison import Comparison
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version


class BaselineVersions:
    """The older side stays; the newer one steps through what came after it."""

    def __init__(self, journal: Journal, difference: Difference, until: int | None = None) -> None:
        """`until` is the sequence of the last version that may be compared; None is any."""
        self.journal: Journal | None = journal
        self._old = difference.old
        self._newer: Sequence[Version] = [
            version
            for version in journal.versions(difference.new.context, difference.new.resource, difference.new.key)
            if (self._old is None or version.sequence > self._old.sequence)
            and (until is None or version.sequence <= until)
        ]
        self._at = len(self._newer) - 1

    def compared(self) -> tuple[Version | None, Version] | None:
        """The baseline's version, None if there was none, and the one stepped to."""
        return (self._old, self._newer[self._at]) if self._newer else None

    def is_created(self, comparison: Comparison | None) -> bool:
        """Whatever was not there at the baseline is compared with nothing."""
        return True

    def step(self, by: int) -> bool:
        """The newer side becomes an older (1) or newer (-1) version; False where there is none."""
        at = self._at - by
        if not 0 <= at < len(self._newer):
            return False
        self._at = at
        return True
