"""What is said over a list of changes, and in its place while it is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.features.changes.rows import counts_text, object_count
from kwatch.tui.features.changes.wish import LEFT_OUT
from kwatch.tui.liveness import liveness
from kwatch.tui.widgets.header import HeaderState, Mood
from kwatch.view.printable import printable

if TYPE_CHECKING:
    from kwatch.session.session import Session
    from kwatch.tui.app import KwatchApp
    from kwatch.tui.features.changes.change_list import ChangeList
    from kwatch.tui.features.changes.comparing import Comparing
    from kwatch.tui.features.changes.span import Span

_MOST_NAMED = 6
_WORTH_TELLING = 200
"""Objects that are compared so fast that nobody reads how far it is."""


def baseline_header(app: KwatchApp, session: Session, span: Span, comparing: Comparing, now: float) -> HeaderState:
    """Since when, how much, and how fresh."""
    words, mood, stale = liveness(session, now) if span.until is None else (_then(session), Mood.PAST, "")
    progress = comparing.progress
    is_busy = progress is not None and progress[1] >= _WORTH_TELLING
    if progress is not None and is_busy:
        words, mood, stale = f"comparing {progress[0]:,} of {progress[1]:,}", Mood.WORKING, ""
    if comparing.problem:
        words, mood, stale = "not compared", Mood.FAILED, ""
    changes = comparing.changes
    return HeaderState(
        context=session.context,
        resource=f"changed {span.words(now)}",
        freshness=words,
        stale=stale,
        mood=mood,
        count=_count(changes),
        narrowed=(f"/{changes.wish.words}",) if changes.wish.words else (),
        progress=progress[0] / max(1, progress[1]) if progress is not None and is_busy else None,
        notes=(
            *(("no baseline is set: m sets one",) if span.since is None else ()),
            *((_watched(session),) if span.until is None else ()),
        ),
        banner=app.banner,
    )


def empty_lines(comparing: Comparing, span: Span, now: float) -> tuple[str, ...]:
    """Why there is nothing, and what to press."""
    changes, progress = comparing.changes, comparing.progress
    if comparing.problem:
        return ("The changes could not be compared", printable(comparing.problem), ":informers says more.")
    if comparing.version == 0 or (progress is not None and not changes.total):
        done = f"{progress[0]:,} of {progress[1]:,} objects" if progress is not None else ""
        return (f"Comparing {done} …".replace("  ", " "),)
    if changes.wish.words and changes.total:
        return (f"None of {object_count(changes.total)} contains these words", "Esc shows all of them.")
    if span.until is not None:
        return (f"Nothing changed {span.words(now)}",)
    return (f"Nothing has changed {span.words(now)}", "What changes from now on appears here.")


def _then(session: Session) -> str:
    return "recorded, as it was" if session.state.is_recording else "as it was"


def _watched(session: Session) -> str:
    """Of what is known that it changed at all."""
    resources = (informer.watched.resource for informer in session.informers())
    names = dict.fromkeys(resource.name for resource in resources if str(resource) not in LEFT_OUT)
    listed = list(names)
    more = f", {len(listed) - _MOST_NAMED} more kinds" if len(listed) > _MOST_NAMED else ""
    return f"watched: {', '.join(map(printable, listed[:_MOST_NAMED]))}{more}" if listed else ""


def _count(changes: ChangeList) -> str:
    shown = sum(changes.counts.values())
    counted = f"{shown:,} of {object_count(changes.total)}" if changes.wish.words else object_count(shown)
    signs = counts_text(dict(changes.counts))
    return f"{counted}  {signs}" if signs else counted
