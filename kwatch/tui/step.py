"""What one beat brought to a table."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """What one beat brought."""

    changed: AbstractSet[str] = frozenset()
    moved: bool = False
    new_columns: bool = False
    anew: bool = False
    """Every row may be another one."""

    def then(self, step: Step) -> Step:
        """Both."""
        return Step(self.changed | step.changed, self.moved or step.moved, self.new_columns or step.new_columns)


QUIET = Step()
