"""The baseline: what is kept watched for it, its sign in a header, and the span between two moments. And what is said
of what changed since: over the list, in its place while it is empty, and below it of what it leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from kwatch.base.printable import printable
from kwatch.informer.errors import Closed
from kwatch.tui.features.changes.change_list import LEFT_OUT, ChangeList
from kwatch.tui.features.changes.rows import counts_text, object_count
from kwatch.tui.features.time_travel.moment import clock_text
from kwatch.tui.kit.widgets.header import HeaderState, Mood, worst_freshness

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.version import Moment
    from kwatch.session.informer_pool import Feed
    from kwatch.session.ports import Watched
    from kwatch.session.session import Session
    from kwatch.tui.features.changes.change_list import Comparing


PERIOD = 1.0
"""Seconds between counts."""


class Baseline:
    """Counts in the journal's index how much changed since, about once a second. `clear` before it is replaced."""

    def __init__(self, moment: Moment, sessions: Mapping[str, Session]) -> None:
        """`sessions` by their contexts; one that is not connected yet is looked after as soon as it is."""
        self.moment = moment
        self._feeds: dict[str, list[Feed]] = {}
        self._hold(sessions)
        self._sequence = -1
        self._counted_at = 0.0
        self._count = 0

    def sign(self, sessions: Mapping[str, Session], now: float) -> str:
        """`Δ 12 since 14:02:10`: until now, in all contexts that are shown."""
        journal = next((each.journal for each in sessions.values()), None)
        if journal is None:
            return ""
        if now - self._counted_at >= PERIOD:
            self._counted_at = now
            self._hold(sessions)
            for feed in (feed for feeds in self._feeds.values() for feed in feeds):
                feed.drain()  # which keys changed, the journal knows
            if journal.last_sequence != self._sequence or journal.backlog:
                self._sequence = journal.last_sequence
                self._count = sum(journal.changed_since(each, self.moment.at, LEFT_OUT) for each in sessions)
        return f"Δ {self._count:,} since {clock_text(self.moment.at, now, fine=False)}"

    def words(self, now: float) -> str:
        """`baseline 14:02:10`: which one is set, for where it is not now."""
        return f"baseline {clock_text(self.moment.at, now, fine=False)}"

    def clear(self) -> None:
        """It is the baseline no longer: watch nothing for its sake."""
        for feed in (feed for feeds in self._feeds.values() for feed in feeds):
            feed.release()
        self._feeds.clear()

    def _hold(self, sessions: Mapping[str, Session]) -> None:
        for context, session in sessions.items():
            if context not in self._feeds and session.names is not None:
                self._feeds[context] = _held(session)


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
    return str(watched.resource) not in LEFT_OUT and not by_name and watched.is_whole


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


_MOST_NAMED = 6
_WORTH_TELLING = 200
"""Objects from which on progress is shown: fewer are compared faster than one reads."""


def baseline_header(
    sessions: Mapping[str, Session], context: str, span: Span, comparing: Comparing, banner: str, now: float
) -> HeaderState:
    """Since when, how much, and how fresh. `context` is what is said of all of them."""
    shown = [*sessions.values()]
    words, mood, stale = worst_freshness(shown, now) if span.until is None else (_then(shown), Mood.PAST, "")
    progress = comparing.progress
    is_busy = progress is not None and progress[1] >= _WORTH_TELLING
    if progress is not None and is_busy:
        words, mood, stale = f"comparing {progress[0]:,} of {progress[1]:,}", Mood.WORKING, ""
    if comparing.problem:
        words, mood, stale = "not compared", Mood.FAILED, ""
    changes = comparing.changes
    return HeaderState(
        context=context,
        resource=f"changed {span.words(now)}",
        freshness=words,
        stale=stale,
        mood=mood,
        count=_count(changes),
        narrowed=(f"/{changes.options.words}",) if changes.options.words else (),
        progress=progress[0] / max(1, progress[1]) if progress is not None and is_busy else None,
        notes=(
            *(("no baseline is set: m sets one",) if span.since is None else ()),
            *((_watched(shown),) if span.until is None else ()),
        ),
        banner=banner,
    )


def empty_lines(comparing: Comparing, span: Span, now: float) -> tuple[str, ...]:
    """Why there is nothing, and what to press."""
    changes, progress = comparing.changes, comparing.progress
    if comparing.problem:
        return ("The changes could not be compared", printable(comparing.problem), ":informers says more.")
    if comparing.version == 0 or (progress is not None and not changes.total):
        done = f"{progress[0]:,} of {progress[1]:,} objects" if progress is not None else ""
        return (f"Comparing {done} …".replace("  ", " "),)
    if changes.options.words and changes.total:
        return (f"None of {object_count(changes.total)} contains these words", "Esc shows all of them.")
    if span.until is not None:
        return (f"Nothing changed {span.words(now)}",)
    return (f"Nothing has changed {span.words(now)}", "What changes from now on appears here.")


def _then(sessions: Sequence[Session]) -> str:
    return "recorded, as it was" if any(each.state.is_recording for each in sessions) else "as it was"


def _watched(sessions: Sequence[Session]) -> str:
    """Of what is known that it changed at all."""
    watched = (informer.watched for session in sessions for informer in session.informers())
    resources = (each.resource for each in watched if not each.metadata_only)
    names = dict.fromkeys(resource.name for resource in resources if str(resource) not in LEFT_OUT)
    listed = list(names)
    more = f", {len(listed) - _MOST_NAMED} more kinds" if len(listed) > _MOST_NAMED else ""
    return f"watched: {', '.join(map(printable, listed[:_MOST_NAMED]))}{more}" if listed else ""


def _count(changes: ChangeList) -> str:
    shown = sum(changes.counts.values())
    counted = f"{shown:,} of {object_count(changes.total)}" if changes.options.words else object_count(shown)
    signs = counts_text(dict(changes.counts))
    return f"{counted}  {signs}" if signs else counted


_MOST_GAPS = 3
ClockText = Callable[[float], str]


def left_out(changes: ChangeList, keys: Callable[[str], str]) -> Iterator[str]:
    """What is not shown, and which key shows it; `keys` gives the key of a command by its id."""
    counts, options = changes.left_out, changes.options
    if not options.everything:
        talk = f"{counts.talk:,} events and leases" if counts.talk else "events and leases"
        passed = f", {counts.passed:,} that came and went" if counts.passed else ""
        yield f"{keys('changes.everything')} shows what is left out: {talk}{passed}"
    if counts.noise:
        verb = "differs" if counts.noise == 1 else "differ"
        yield f"{keys('changes.noise')} shows {object_count(counts.noise)} that {verb} only in versions and heartbeats"


def unknown(
    journal: Journal, contexts: Collection[str], span: Span, changes: ChangeList, clock_text: ClockText
) -> Iterator[str]:
    """Where it cannot be known how something was, or when it changed."""
    several = len(contexts) > 1
    since = span.since.at if span.since is not None else 0.0
    until = span.until.at if span.until is not None else inf
    gaps = [
        gap
        for context in contexts
        for gap in journal.gaps(context)
        if gap.until > since and gap.since < until and _shown(gap.resource, changes)
    ]
    for gap in gaps[-_MOST_GAPS:]:
        where = f" in {printable(gap.namespace)}" if gap.namespace else ""
        where += f" of {printable(gap.context)}" if several else ""
        missed = f"{clock_text(max(since, gap.since))} to {clock_text(gap.until)}"
        yield f"{printable(gap.resource)}{where} not watched {missed}"
    if len(gaps) > _MOST_GAPS:
        more = len(gaps) - _MOST_GAPS
        yield f"{more} more time{'' if more == 1 else 's'} something was not watched"
    for context in contexts:
        where = f" of {printable(context)}" if several else ""
        for resource, at in journal.unwatched(context).items():
            if at < until and _shown(resource, changes):
                yield f"{printable(resource)}{where} not watched since {clock_text(at)}"
    if span.since is not None:
        for resource, at in changes.first_listed.items():
            yield f"{printable(resource)} first seen from {clock_text(at)} on are compared with how they were then"
    lost = journal.evicted
    if lost.objects and lost.through_at > since:
        yield f"what was deleted before {clock_text(lost.through_at)} may be missing: it had to make room"
    if changes.stand_ins:
        yield f"{object_count(changes.stand_ins)} compared with a later version: the one of then had to make room"


def _shown(resource: str, changes: ChangeList) -> bool:
    return changes.options.everything or resource not in LEFT_OUT
