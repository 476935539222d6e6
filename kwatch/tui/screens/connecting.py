"""Before a cluster is connected: what is asked for meanwhile, and the way to another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kwatch.base.printable import printable
from kwatch.session.state import ConnectionPhase
from kwatch.tui.screens.kwatch_screen import KwatchScreen
from kwatch.view.freshness import enumerated, short_reason

if TYPE_CHECKING:
    from kwatch.tui.screens.table_screen import TableScreen


class Connecting(KwatchScreen[None]):
    """Part of the table screen."""

    wish: Callable[[], None] | None = None
    """Where to go once connected, if that was asked for before."""

    @property
    def is_connecting(self) -> bool:
        """Whether it is not known yet which resources there are."""
        session = self._home.kwatch.session
        return session is None or session.names is None

    def go_once_connected(self, what: str, go: Callable[[], None]) -> None:
        """Remember where to go, in place of what the command line asked for."""
        self.wish = go
        self._home.kwatch.leave_for(self._home)
        file = self._home.kwatch.start.replay.file
        when = f"{file} is read" if file else "the cluster is connected"
        self._home.notify(f"{printable(what)} will be shown once {when}.", markup=False)

    @property
    def why_not_yet(self) -> str:
        """Why it is not known yet which resources there are, in a sentence."""
        session, file = self._home.kwatch.session, self._home.kwatch.start.replay.file
        if session is not None and session.state.phase is ConnectionPhase.FAILED:
            return f"Not connected: {short_reason(session.state.message)}."
        return f"{file} is still being read." if file else "Not connected yet."

    def open_context(self, name: str) -> bool:
        """Another one. Of one that is known not to be there it is told: False, and nothing is left for it."""
        screen = self._home
        session = screen.kwatch.session
        there = [entry.name for entry in session.contexts] if session is not None else []
        if session is not None and session.state.is_recording:
            screen.notify("A recording has no other contexts.", severity="warning", markup=False)
        elif there and name not in there:
            words = f"There is no context {name!r}; there are {enumerated(there, 5)}."
            screen.notify(words, severity="error", markup=False)
        else:
            screen.kwatch.switch_session(name)
            return True
        return False

    @property
    def _home(self) -> TableScreen:
        return self.kwatch.home
