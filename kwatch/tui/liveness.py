"""How fresh a list is that looks at several informers: as fresh as the worst of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kwatch.tui.kit.widgets.header import Mood
from kwatch.view.freshness import Severity, freshness, stale_words

if TYPE_CHECKING:
    from kwatch.informer.status import InformerStatus
    from kwatch.session.session import Session

_FROM_BEST = (Severity.LIVE, Severity.WORKING, Severity.STALE, Severity.FAILED)
MOODS = {
    Severity.LIVE: Mood.LIVE,
    Severity.WORKING: Mood.WORKING,
    Severity.STALE: Mood.STALE,
    Severity.FAILED: Mood.FAILED,
}
"""How each looks."""


def liveness(session: Session, now: float) -> tuple[str, Mood, str]:
    """What to say, how it looks, and since when nothing is certain."""
    if session.state.is_recording:
        return "recorded", Mood.PAST, ""
    return liveness_of([(each.watched.resource.name, each.informer.status) for each in session.informers()], now)


def liveness_of(informers: Sequence[tuple[str, InformerStatus]], now: float) -> tuple[str, Mood, str]:
    """The same of some informers, by the names of their resources."""
    known = [(name, freshness(status, now, name)) for name, status in informers]
    if not known:
        return "nothing is watched", Mood.STALE, ""
    resource, worst = max(known, key=lambda each: _FROM_BEST.index(each[1].severity))
    if worst.severity is Severity.LIVE:
        return "live", Mood.LIVE, ""
    return f"{resource}: {worst.text}", MOODS[worst.severity], stale_words(worst, now)
