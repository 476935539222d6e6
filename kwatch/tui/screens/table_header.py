"""What the header of a table says, from the states behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.session.state import ConnectionPhase
from kwatch.tui.live_table import LiveTable
from kwatch.tui.place import Place
from kwatch.tui.widgets.header import HeaderState, Mood

if TYPE_CHECKING:
    from kwatch.tui.app import KwatchApp


def header_state(app: KwatchApp, place: Place | None, live: LiveTable | None, now: float) -> HeaderState:
    """A snapshot of everything."""
    session = app.session
    state = session.state if session is not None else None
    freshness, mood = "starting", Mood.WORKING
    if state is not None:
        if state.phase is ConnectionPhase.CONNECTING:
            freshness, mood = "connecting", Mood.WORKING
        elif state.phase is ConnectionPhase.FAILED:
            freshness, mood = state.message, Mood.FAILED
        elif live is not None:
            freshness, mood = str(live.status.phase), Mood.LIVE
    return HeaderState(
        context=state.context if state is not None else "",
        namespace=(place.namespace or "all namespaces") if place is not None and place.resource.namespaced else "",
        resource=str(place.resource) if place is not None else app.start.resource,
        freshness=freshness,
        mood=mood,
        count=f"{len(live.rows)}" if live is not None else "",
        banner=app.banner,
    )
