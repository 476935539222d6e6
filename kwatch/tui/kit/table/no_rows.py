"""No rows at all: what a table shows before there is anything to show."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from kwatch.tui.kit.table.rows import PLAIN, Cell, Heading, Look


class NoRows:
    """Neither rows nor columns."""

    headings: Sequence[Heading] = ()
    sorted_by: tuple[str, bool] | None = None

    def __len__(self) -> int:
        return 0

    def key_at(self, row: int) -> str:
        """There is none."""
        raise IndexError(row)

    def row_of(self, key: str) -> int | None:
        """Nowhere."""
        return None

    def cells(self, key: str) -> Sequence[Cell]:
        """None."""
        return ()

    def look(self, key: str) -> Look:
        """Nothing special."""
        return PLAIN

    def hint(self, key: str, column: int) -> str | None:
        """Nothing."""
        return None


def wrapped(lines: Sequence[str], width: int) -> list[tuple[str, bool]]:
    """Lines of at most `width` characters, each with whether it belongs to the first, which is the heading."""
    room = max(1, width)
    return [(part, index == 0) for index, line in enumerate(lines) for part in textwrap.wrap(line, room) or [""]]
