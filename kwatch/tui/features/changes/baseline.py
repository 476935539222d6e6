"""The baseline: what is kept watched for it, its sign in a header, and the span between two moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.informer.errors import Closed
from kwatch.tui.features.changes.change_list import LEFT_OUT
from kwatch.tui.features.time_travel.moment import clock_text

if TYPE_CHECKING:
    from kwatch.history.version import Moment
    from kwatch.session.informer_pool import Feed
    from kwatch.session.ports import Watched
    from kwatch.session.session import Session


PERIOD = 1.0
"""Seconds between counts."""


class Baseline:
    """Counts in the journal's index how much changed since, about once a second. `clear` before it is replaced."""

    def __init__(self, moment: Moment, session: Session) -> None:
        self.moment = moment
        self._feeds = _held(session)
        self._sequence = -1
        self._counted_at = 0.0
        self._count = 0

    def sign(self, session: Session | None, now: float) -> str:
        """`Δ 12 since 14:02:10`: until now."""
        journal = session.journal if session is not None else None
        if session is None or journal is None:
            return ""
        if now - self._counted_at >= PERIOD:
            self._counted_at = now
            for feed in self._feeds:
                feed.drain()  # which keys changed, the journal knows
            if journal.last_sequence != self._sequence or journal.backlog:
                self._sequence = journal.last_sequence
                self._count = journal.changed_since(session.context, self.moment.at, LEFT_OUT)
        return f"Δ {self._count:,} since {clock_text(self.moment.at, now, fine=False)}"

    def words(self, now: float) -> str:
        """`baseline 14:02:10`: which one is set, for where it is not now."""
        return f"baseline {clock_text(self.moment.at, now, fine=False)}"

    def clear(self) -> None:
        """It is the baseline no longer: watch nothing for its sake."""
        for feed in self._feeds:
            feed.release()
        self._feeds.clear()


def _held(session: Session) -> list[Feed]:
    """What is watched now goes on being watched: else what changed after its view was left would not be known."""
    feeds: list[Feed] = []
    if session.state.is_recording:
        return feeds
    for watched in [each.watched for each in session.informers() if _is_worth_it(each.watched)]:
        try:
            feed = session.open(
                watched.resource,
                watched.namespace,
                watched.label_selector,
                watched.field_selector,
                purpose="the baseline",
            )
        except Closed:
            break
        feeds.append(feed)
    return feeds


def _is_worth_it(watched: Watched) -> bool:
    """Not what is left out of the list, nor a watch of a single object, nor of metadata: whole objects are compared."""
    by_name = (watched.field_selector or "").startswith("metadata.name=")
    return str(watched.resource) not in LEFT_OUT and not by_name and not watched.metadata_only


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` (None: when watching began) until `until` (None: now)."""

    since: Moment | None = None
    until: Moment | None = None

    @staticmethod
    def between(one: Moment | None, other: Moment | None) -> Span:
        """The earlier one comes first, wherever one stands."""
        if one is not None and other is not None and other.sequence < one.sequence:
            one, other = other, one
        return Span(one, other)

    def words(self, now: float) -> str:
        """`since 14:02:10`, `from 14:02:10 to 14:05:31`."""
        since, until = (clock_text(each.at, now, fine=False) if each else "" for each in (self.since, self.until))
        if until:
            return f"from {since} to {until}" if since else f"up to {until}"
        return f"since {since or 'watching began'}"
