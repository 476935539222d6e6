"""Opens screens by name, so that no screen and no command imports another screen.

A screen is imported here when it is first opened, by its dotted name: with all of them the first one would take three
times as long to start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.screen import Screen

    from kwatch.session.session import Session
    from kwatch.tui.features.object.subject import PastObject
    from kwatch.tui.location import Location


SCREENS: Mapping[str, str] = {
    "table": "kwatch.tui.features.table.table_screen:TableScreen",
    "object": "kwatch.tui.features.object.object_screen:ObjectScreen",
    "diff": "kwatch.tui.features.object.diff_screen:DiffScreen",
    "logs": "kwatch.tui.features.object.logs_tab:LogsScreen",
    "changes": "kwatch.tui.features.changes.changes_screen:ChangesScreen",
    "delta log": "kwatch.tui.features.delta_log.delta_log_screen:DeltaLogScreen",
    "informers": "kwatch.tui.features.informers_screen:InformersScreen",
}
"""A name -> the module and the class."""


def load(name: str) -> Any:
    """What a dotted name with a colon before its last part stands for: `kwatch.tui.saved_views:save_view`."""
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)


def make_screen(name: str, *args: Any) -> Screen[Any]:
    """One of SCREENS, made with the arguments of its class."""
    screen: Screen[Any] = load(SCREENS[name])(*args)
    return screen


TRAVEL, CLEAR_FILTER, UNDO_FILTER = "now", "clear filter", "undo filter"
"""What Escape does to a filter, in the footer: none is left, or the one that one came with."""


@dataclass(slots=True)
class Opened:
    """An object that was looked at. `tab` is the one on top when it was left."""

    session: Session
    key: str
    tab: str
    past: PastObject | None = None


@dataclass(slots=True, eq=False)
class Visit:
    """A table or an object that was looked at, and how it was left."""

    place: Location
    """As it is filtered and ordered; of an object, where it is watched."""
    opened: Opened | None = None
    """The object; None for a table."""
    filter: str = field(init=False)
    """The filter that the place was gone to with: Escape takes back what was typed since, then leads away."""
    cursor: str | None = None
    """The key under the cursor; None where nobody moved it."""
    line: int | None = None
    """On which line of the screen that is; without a cursor, how far the rows are scrolled. None: anywhere."""
    left: int = 0
    """How far the columns are scrolled."""
    marks: frozenset[str] = frozenset()
    steps: list[str] = field(default_factory=list)
    """What was begun here and is not over, in this order; Escape ends the last of it first."""

    def __post_init__(self) -> None:
        self.filter = self.place.filter


class NavigationHistory:
    """What was looked at, and where one is among it, like a browser's history."""

    LIMIT = 100

    def __init__(self) -> None:
        self._visits: list[Visit] = []
        self._index = -1
        self._previous: Visit | None = None

    @property
    def here(self) -> Visit | None:
        return self._visits[self._index] if self._visits else None

    def below(self, visit: Visit) -> Visit | None:
        """The table that a stay is at; None where that is too long ago."""
        if visit.opened is None:
            return visit
        before = self._visits[: self._visits.index(visit)] if visit in self._visits else []
        return next((each for each in reversed(before) if each.opened is None), None)

    def visit(self, visit: Visit) -> None:
        """Go on; what lay ahead is forgotten."""
        self._previous = self.here
        del self._visits[self._index + 1 :]
        self._visits.append(visit)
        del self._visits[: -self.LIMIT]
        self._index = len(self._visits) - 1

    def can_step(self, by: int) -> bool:
        """Whether there is anything back (-1) or ahead (1)."""
        return 0 <= self._index + by < len(self._visits)

    def step(self, by: int) -> Visit | None:
        """Back (-1) or forward (1); None when there is nothing there."""
        return self._go_to(self._index + by) if self.can_step(by) else None

    def leave(self, visit: Visit) -> None:
        """An object was closed: one is where it was opened from."""
        if visit is self.here and self.can_step(-1):
            self._go_to(self._index - 1)

    def last(self) -> Visit | None:
        """The stay before this one, whichever way it was left; twice is there and back."""
        previous = self._previous
        if previous is None:
            return None
        if previous in self._visits:
            return self._go_to(self._visits.index(previous))
        self.visit(previous)
        return previous

    def _go_to(self, index: int) -> Visit:
        self._previous, self._index = self.here, index
        return self._visits[index]
