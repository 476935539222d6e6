"""The tables of contexts that were shown a while ago: who comes back finds each as it was left, at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kwatch.session.session import Session
    from kwatch.tui.features.table.navigator import Navigator
    from kwatch.tui.features.table.table_model import TableModel
    from kwatch.tui.navigation import Visit


@dataclass(frozen=True, slots=True)
class WarmTable:
    """A table that is still fed, how it was left, and the way that led there."""

    table: TableModel
    visit: Visit
    navigation: Navigator


class WarmTables:
    """Each is kept as long as all its sessions are open. Used on the UI thread."""

    def __init__(self) -> None:
        self._tables: dict[tuple[Session, ...], WarmTable] = {}

    def keep(self, sessions: tuple[Session, ...], warm: WarmTable) -> None:
        self._tables[sessions] = warm

    def take(self, sessions: tuple[Session, ...]) -> WarmTable | None:
        """Whoever takes it closes it."""
        return self._tables.pop(sessions, None)

    def close_cold(self, still_open: Collection[Session] = ()) -> None:
        """Close those of which a session is closed."""
        for sessions in [each for each in self._tables if not all(session in still_open for session in each)]:
            self._tables.pop(sessions).table.close()
