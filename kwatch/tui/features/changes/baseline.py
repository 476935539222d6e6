"""The baseline: setting it, what is kept watched for it, its sign in a header, and the span between two moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kwatch.history.baseline import Baseline
from kwatch.informer.errors import Closed
from kwatch.tui.commands.baseline import ShowChanges
from kwatch.tui.features.changes.change_list import LEFT_OUT
from kwatch.tui.features.time_travel.moment import clock_text, read_moment
from kwatch.view.freshness import ago

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.session.informer_pool import Feed
    from kwatch.session.ports import Watched
    from kwatch.session.session import Session
    from kwatch.tui.screens.kwatch_screen import KwatchScreen


WORDS_FOR_NONE = frozenset({"clear", "none", "off"})


def set_baseline(screen: KwatchScreen[Any]) -> bool:
    """Mark the moment that the screen shows, or now; False where nothing is remembered."""
    journal = _journal(screen)
    if journal is None:
        return False
    shown = screen.moment_to_mark()
    _mark(screen, shown or now_of(screen, journal))
    return True


def say_baseline(screen: KwatchScreen[Any], words: str) -> bool:
    """Mark `14:02`, `-10m` or `now`, or `clear` the mark; what makes no sense is told. Whether one was set."""
    journal = _journal(screen)
    if journal is None:
        return False
    if words in WORDS_FOR_NONE:
        clear_baseline(screen)
        return False
    now = now_of(screen, journal)
    if words == "now":
        _mark(screen, now)
        return True
    began = _began(journal, now.at)
    try:
        at = read_moment(words, began, now.at)
    except (ValueError, OverflowError) as error:
        screen.notify(str(error), severity="error", markup=False)
        return False
    _mark(screen, Baseline(at, journal.sequence_at(at)))
    if at < began:
        moment = clock_text(began, now.at, fine=False)
        screen.notify(f"Nothing is remembered before {moment}: it is since then.", severity="warning", markup=False)
    return True


def clear_baseline(screen: KwatchScreen[Any]) -> None:
    """Have none any more."""
    mark, screen.kwatch.baseline = screen.kwatch.baseline, None
    if mark is not None:
        mark.clear()
    words = "The baseline is cleared." if mark is not None else "No baseline is set; m sets one."
    screen.notify(words, timeout=2, markup=False)


def now_of(screen: KwatchScreen[Any], journal: Journal) -> Baseline:
    """The newest state; of a recording, which has no now, its end."""
    session = screen.kwatch.session
    sequence = journal.last_sequence
    at = screen.kwatch.clock.time()
    if session is not None and session.state.is_recording:
        newest = journal.log_window(journal.log_length - 1, journal.log_length)
        at = newest[0].at if newest else at
    return Baseline(at, sequence)


def _mark(screen: KwatchScreen[Any], baseline: Baseline) -> None:
    app, journal = screen.kwatch, _journal(screen)
    assert journal is not None and app.session is not None, "there is nothing to mark without them"
    before, app.baseline = app.baseline, Mark(baseline, app.session)
    if before is not None:
        before.clear()  # after the new one holds what is watched, so that nothing stops in between
    now = now_of(screen, journal).at
    when = clock_text(baseline.at, now, fine=False)
    passed = now - baseline.at
    far = f", {ago(passed)} ago" if passed >= 1 else ""
    key = app.keys_in_force.display(ShowChanges)
    screen.notify(f"Baseline set at {when}{far}. {key} shows what changed since.", timeout=4, markup=False)


def _began(journal: Journal, now: float) -> float:
    oldest = journal.log_window(0, 1)
    return oldest[0].at if oldest else now


def _journal(screen: KwatchScreen[Any]) -> Journal | None:
    session = screen.kwatch.session
    journal = session.journal if session is not None else None
    if journal is None:
        screen.notify("Nothing is remembered yet.", severity="warning", markup=False)
    return journal


PERIOD = 1.0
"""Seconds between counts."""


class Mark:
    """Counts in the journal's index how much changed since, about once a second. `clear` before it is replaced."""

    def __init__(self, baseline: Baseline, session: Session) -> None:
        self.baseline = baseline
        self._holding = Holding(session)
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
            self._holding.drain()
            if journal.last_sequence != self._sequence or journal.backlog:
                self._sequence = journal.last_sequence
                self._count = journal.changed_since(session.context, self.baseline.at, LEFT_OUT)
        return f"Δ {self._count:,} since {clock_text(self.baseline.at, now, fine=False)}"

    def words(self, now: float) -> str:
        """`baseline 14:02:10`: which one is set, for where it is not now."""
        return f"baseline {clock_text(self.baseline.at, now, fine=False)}"

    def clear(self) -> None:
        """It is the baseline no longer."""
        self._holding.release()


class Holding:
    """Else what changed a minute after its view was left would not be known. `release` lets go."""

    def __init__(self, session: Session) -> None:
        self._feeds: list[Feed] = []
        if session.state.is_recording:
            return
        for watched in [each.watched for each in session.informers() if _is_worth_it(each.watched)]:
            try:
                feed = session.open(watched.resource, watched.namespace, watched.label_selector, watched.field_selector)
            except Closed:
                return
            self._feeds.append(feed)

    def drain(self) -> None:
        """Forget which keys changed: the journal knows."""
        for feed in self._feeds:
            feed.drain()

    def release(self) -> None:
        """Watch no longer for the sake of the baseline."""
        for feed in self._feeds:
            feed.release()
        self._feeds.clear()


def _is_worth_it(watched: Watched) -> bool:
    """Not what is left out of the list, nor a watch of a single object."""
    by_name = (watched.field_selector or "").startswith("metadata.name=")
    return str(watched.resource) not in LEFT_OUT and not by_name


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` (None: when watching began) until `until` (None: now)."""

    since: Baseline | None = None
    until: Baseline | None = None

    @staticmethod
    def between(one: Baseline | None, other: Baseline | None) -> Span:
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
