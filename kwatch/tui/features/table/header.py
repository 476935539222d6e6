"""What the header of a table says, and the table itself while it is empty, from the states behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING

from kwatch.base.namespaces import in_words, is_one, named
from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.informer.status import InformerStatus, Phase
from kwatch.session.state import ConnectionPhase, SessionState
from kwatch.tui.features.table.contexts_header import counts_by_context, freshness_of_contexts, one_server
from kwatch.tui.features.time_travel.moment import clock_text
from kwatch.tui.kit.widgets.header import MOODS, HeaderState, Mood, worst_freshness_of
from kwatch.tui.location import Location
from kwatch.tui.navigation import CLEAR_FILTER, UNDO_FILTER
from kwatch.view.freshness import (
    REFUSED,
    absence,
    ago,
    enumerated,
    freshness,
    is_missing,
    limit_words,
    phase_of,
    short_reason,
    stale_words,
    unconfirmed_words,
    worst_of,
)

if TYPE_CHECKING:
    from kwatch.tui.base_app import Application
    from kwatch.tui.features.object.subject import Subject
    from kwatch.tui.features.table.table_model import TableModel
    from kwatch.tui.features.table.table_sources import TableSources


TYPING = "typing"
_BACK = {
    CLEAR_FILTER: "Esc clears it.",
    UNDO_FILTER: "Esc brings the one before back.",
    TYPING: "Esc takes back what was typed.",
}
"""What is said of a filter that finds nothing, by what Escape does."""


def header_state(app: Application, place: Location | None, live: TableModel | None, now: float) -> HeaderState:
    """A snapshot of everything."""
    state = app.session.state if app.session is not None else SessionState()
    words, mood, stale = _freshness(state, live, now, app.start.replay.file)
    is_past = live is not None and live.moment is not None
    if app.contexts and not is_past and not (live is None and app.start.replay.file):
        words, mood, stale = freshness_of_contexts(app.sessions, live, now)
    unhealthy, hidden = _unhealthy(live)
    return HeaderState(
        context=app.context_words,
        namespace=in_words(place.namespace) if place is not None and place.namespaced else "",
        resource=place.title if place is not None else app.start.resource,
        freshness=words,
        stale=stale,
        mood=mood,
        count=_count(live),
        unhealthy=unhealthy,
        unhealthy_hidden=hidden,
        narrowed=_narrowed(live, now),
        progress=_progress(live),
        facts=_counts(live, now),
        notes=(
            *_baseline(app, live, now),
            *_left_out(live),
            *(one_server(app.sessions) if app.contexts else ()),
            *_unmeasured(live),
            *(f"{group} unknown" for group, _ in state.failed_groups[:2]),
        ),
        banner=app.banner,
    )


def _baseline(app: Application, live: TableModel | None, now: float) -> tuple[str, ...]:
    """How much changed since the baseline, if one is set; in the past, that is not known without comparing."""
    if app.baseline is None:
        return ()
    if live is not None and live.moment is not None:
        return (app.baseline.words(now),)
    sign = app.baseline.sign(app.sessions_by_context, now)
    return (sign,) if sign else ()


def _left_out(live: TableModel | None) -> tuple[str, ...]:
    """Of which namespaces nothing is shown though it was asked for, and why."""
    if live is None or live.moment is not None:
        return ()
    by_reason: dict[str, dict[str, None]] = {}
    for source in live.sources:
        for name, why in source.feed.left_out.items():
            by_reason.setdefault(why, {})[name] = None
    return tuple(f"without {enumerated([*names])}: {why}" for why, names in by_reason.items())


def _unmeasured(live: TableModel | None) -> tuple[str, ...]:
    """Why there is no CPU and memory, where the cluster measures them."""
    if live is None or live.moment is not None:
        return ()
    reasons = (each.unmeasured for each in live.sources)
    found = next((reason for reason in reasons if reason), "")
    return (f"CPU and memory not measured: {short_reason(found)}",) if found else ()


def object_header_state(
    app: Application, subject: Subject, now: float, behind: Sequence[tuple[str, InformerStatus]] = ()
) -> HeaderState:
    """The same for one object, and for what is shown beside it."""
    state = subject.session.state
    if subject.past is not None:
        words, mood, stale = past_words(state, subject.time(now), now), Mood.PAST, ""
    else:
        words, mood, stale = _informer_freshness(state, subject.feed.status, now, subject.resource.name)
        if mood is Mood.LIVE and behind and (others := worst_freshness_of(behind, now))[1] is not Mood.LIVE:
            words, mood, stale = others
    gone = subject.is_gone
    return HeaderState(
        context=state.context,
        namespace=subject.namespace,
        resource=str(subject.resource),
        title=subject.name,
        freshness=words,
        stale=stale,
        mood=mood,
        count=_gone(subject),
        facts=() if gone else _facts(subject, subject.time(now)),
        banner=app.banner,
    )


def _gone(subject: Subject) -> str:
    """Says of what is not there whether it ever was."""
    if not subject.is_gone:
        return ""
    return "- deleted; this is its last state" if subject.was_seen else "not there"


def _facts(subject: Subject, now: float) -> tuple[tuple[str, str, Level], ...]:
    """The cells of the object's row: title, text, level."""
    kind, obj = subject.feed.kind, subject.object
    if obj is None:
        return ()
    values = kind.read(obj)
    facts = [
        (printable(column.title).upper(), printable(column.text(value, now)), column.level(value))
        for column, value in zip(kind.columns, values, strict=True)
        if column.priority == 0
    ]
    return tuple(fact for fact in facts[1:] if fact[1])


def empty_text(
    app: Application,
    place: Location | None,
    live: TableModel | None,
    now: float,
    way_back: Callable[[], str],
    *,
    goes_on: bool,
) -> tuple[str, ...]:
    """Why there are no rows, and what to press. `way_back` tells what Escape does; `goes_on` is whether anything
    arrived since the moment that is looked at.
    """
    state = app.session.state if app.session is not None else SessionState()
    if state.phase is ConnectionPhase.FAILED:
        reasons = [f"{name}: {each.state.message}" for name, each in zip(app.contexts, app.sessions, strict=False)]
        why = printable("; ".join(reasons) or state.message)
        return ("Not connected", why, "kwatch keeps trying. :ctx chooses another context.")
    if state.phase is ConnectionPhase.CONNECTED and live is None:
        lacking = " nor ".join(dict.fromkeys((printable(app.start.resource), "pods")))
        return (f"There are no {lacking} here", ": goes elsewhere. They are shown as soon as there are any.")
    if live is None or place is None:
        replay = app.start.replay
        if replay.file:
            return (f"Reading {printable(replay.file)} … {replay.done():.0%}",)
        login = app.session.waits_for if app.session is not None else ""
        if login:
            advice = "It may wait for you, in a browser. :ctx chooses another context."
            return (f"Waiting for {printable(login)} …", advice)
        where = f" to {printable(state.server)}" if state.server else ""
        return (f"Connecting{where} …",)
    status = live.status
    if live.moment is None and not status.synced and not (live.place.filter and live.projection.total):
        return _empty_before_sync(place, status)
    if live.projection.problem:
        return (printable(live.projection.problem), ":informers says more.")
    if live.place.filter and live.projection.total:
        return _nothing_found(live, place, way_back())
    if live.moment is not None:
        advice = "← and → go on, Home goes to the beginning." if goes_on else "Nothing of them arrived since either."
        return (f"No {place.things} were known then", advice)
    where = f" in {_where(place)}" if place.namespace else ""
    narrowed = place.label_selector or place.field_selector
    words = f"No {place.things}{where}" + (f" match {narrowed}" if narrowed else "")
    since = status.disconnected_since
    if since is not None and not status.polls:
        return (f"{words} {ago(now - since)} ago", "Since then nothing is known.")
    unknown = [each for each in named(place.namespace) if app.namespaces is not None and app.namespaces.lacks(each)]
    if unknown:
        which = "such namespace" if is_one(place.namespace) else enumerated(unknown)
        return (words, f"There is no {which}.", ":ns lists them.")
    return (words, "0 looks in all namespaces, : goes elsewhere." if place.namespace else ": goes elsewhere.")


def _where(place: Location) -> str:
    """`namespace shop`, `shop, payments`."""
    return f"namespace {place.namespace}" if is_one(place.namespace) else in_words(place.namespace)


def _nothing_found(live: TableModel, place: Location, way_back: str) -> tuple[str, ...]:
    """So far, or at all."""
    total, busy = live.projection.total, live.projection.progress
    if busy is None and _so_far(live):
        return (f"None of {total:,} {place.things} so far matches the filter",)
    if busy is not None:
        return (f"None found in {busy.done:,} of {busy.total:,} {place.things} so far …",)
    advice = _BACK.get(way_back, "/ changes it.")
    return (f"None of {total:,} {place.things} matches the filter", advice)


def _empty_before_sync(place: Location, status: InformerStatus) -> tuple[str, ...]:
    things = place.title if status.phase is Phase.GONE else place.things
    advice = (":ns chooses a namespace where you may.",) if status.phase is Phase.FORBIDDEN and place.namespaced else ()
    return (*absence(status, things), *advice)


def _freshness(state: SessionState, live: TableModel | None, now: float, file: str) -> tuple[str, Mood, str]:
    if state.phase is ConnectionPhase.FAILED:
        wait = f", again in {max(0, state.retry_at - now):.0f} s" if state.retry_at is not None else ""
        return f"{short_reason(state.message)}{wait}", Mood.FAILED, ""
    if live is None and state.phase is ConnectionPhase.CONNECTED:
        return "connected", Mood.STALE, ""
    if live is None:
        return "reading" if file else "connecting", Mood.WORKING, ""
    if live.moment is not None:
        return past_words(state, live.moment, now), Mood.PAST, ""
    words, mood, stale = _informer_freshness(state, live.status, now, live.place.things)
    whose = _whose(live) if mood is not Mood.LIVE else ""
    return f"{whose} {words}" if whose else words, mood, stale


def _whose(live: TableModel) -> str:
    if not live.sources.is_mixed:
        return live.sources[0].feed.whose
    return whose_freshness(live.sources)


def _counts(live: TableModel | None, now: float) -> tuple[tuple[str, str, Level], ...]:
    """How many there are of each kind, where there are several."""
    if live is None or live.moment is not None or not live.sources.is_mixed:
        return ()
    if live.sources.contexts:
        return counts_by_context(live.sources, now, live.projection.shown_by_part if live.place.filter else None)
    return counts_by_kind(live.sources, live.projection.shown_by_part if live.place.filter else None)


def past_words(state: SessionState, moment: float, now: float) -> str:
    """Which moment is shown."""
    return f"{'recorded, ' if state.is_recording else ''}as it was at {clock_text(moment, now, fine=False)}"


def _informer_freshness(
    state: SessionState, status: InformerStatus, now: float, resource: str
) -> tuple[str, Mood, str]:
    """What to say, how it looks, and since when nothing is certain."""
    if state.is_recording and status.synced:
        return "recorded", Mood.PAST, ""
    fresh = freshness(status, now, resource)
    doubts = [stale_words(fresh, now) if status.synced else unconfirmed_words(status), limit_words(status)]
    return fresh.text, MOODS[fresh.severity], " · ".join([each for each in doubts if each and each != fresh.text])


def _count(live: TableModel | None) -> str:
    if live is None:
        return ""
    gone, total = live.projection.deleted_shown, live.projection.total
    so_far = _so_far(live)
    if not total and not gone and so_far:
        return ""  # how many there are is not known yet, or may not be
    shown = live.projection.shown - gone
    resource = live.place.resource
    if live.place.others:
        name = "object" if total == 1 else "objects"
    else:
        name = (resource.singular or resource.name) if total == 1 else resource.name
    words = (f"{total:,} {name}" if not live.place.filter else f"{shown:,} of {total:,} {name}") + so_far
    words = f"{words}, {gone:,} deleted" if gone else words
    return f"{words}, {len(live.marks):,} marked" if live.marks else words


def _so_far(live: TableModel) -> str:
    """What is said behind a count while the first list is under way."""
    return " so far" if live.moment is None and not live.status.synced else ""


def _unhealthy(live: TableModel | None) -> tuple[str, str]:
    """How many are known to be, of the rows that are shown and of the others; `+` while not all have been looked at."""
    if live is None:
        return "", ""
    found = live.health.found
    shown = live.health.among(live.projection.order) if live.place.filter else len(found)
    hidden, more = len(found) - shown, "" if live.health.is_complete else "+"
    so_far = _so_far(live)
    return (
        f"! {shown:,}{more} unhealthy{so_far}" if shown else "",
        f"{hidden:,}{more} {'more' if shown else 'unhealthy'} not shown{so_far}" if hidden else "",
    )


def _narrowed(live: TableModel | None, now: float) -> tuple[str, ...]:
    if live is None:
        return ()
    place = live.place
    behind = live.lag.of(live.projection.explain, now)
    return tuple(
        text
        for text in (
            f"-l {printable(place.label_selector)}" if place.label_selector else "",
            f"--field-selector {printable(place.field_selector)}" if place.field_selector else "",
            f"/{printable(place.filter)}" if place.filter else "",
            f"~ {behind:,} not looked at yet" if behind else "",
            "! not every row was looked at" if live.projection.problem else "",
        )
        if text
    )


def _progress(live: TableModel | None) -> float | None:
    """How far the list, or what goes on in the background, is."""
    if live is None:
        return None
    busy, status = live.projection.progress, live.status
    if busy is not None:
        return busy.done / max(1, busy.total)
    if status.synced or not status.expected or status.phase not in (Phase.LISTING, Phase.STREAMING):
        return None
    return status.received / status.expected


FEW = 4
"""Of more kinds than that, those of which there is nothing are not worth the room."""
Fact = tuple[str, str, Level]
"""Title, text, level."""
_WORST_FIRST = {Level.BAD: 0, Level.WARNING: 1}
_WORDS = {
    Phase.FORBIDDEN: "✗ forbidden",
    Phase.GONE: "✗ not served",
    Phase.BACKING_OFF: "▲ reconnecting",
    Phase.POLLING: "▲ not watched",
    Phase.STOPPED: "▲ stopped",
}


def counts_by_kind(sources: TableSources, shown: Mapping[int, int] | None = None) -> tuple[Fact, ...]:
    """`pods 12`, `services ✗ forbidden`: what is missing first, because what is last gives way on a narrow screen.
    `shown`: how many rows of each there are, by its place, if that is not all: `pods 3 of 12`.
    """
    counts = (shown.get(place, 0) if shown is not None else None for place in count())
    facts = [
        (source.resource.name, *_amount(source.feed.status, len(source.feed.objects), part))
        for source, part in zip(sources, counts, strict=False)
    ]
    if len(facts) > FEW:
        facts = [fact for fact in facts if fact[1] not in ("0", "0 of 0")]
    return tuple(sorted(facts, key=lambda fact: _WORST_FIRST.get(fact[2], len(_WORST_FIRST))))


def whose_freshness(sources: TableSources) -> str:
    """The resource that is worst off, where not all are alike; empty if they are."""
    statuses = [source.feed.status for source in sources]
    phases = {phase_of(status) for status in statuses if not is_missing(status)}
    return sources[worst_of(statuses)].resource.name if len(phases) > 1 else ""


def _amount(status: InformerStatus, count: int, shown: int | None) -> tuple[str, Level]:
    words = f"{count:,}" if shown is None else f"{shown:,} of {count:,}"
    phase = phase_of(status)
    if phase in _WORDS:
        number = f" {words}" if count else ""
        return f"{_WORDS[phase]}{number}", Level.BAD if phase in REFUSED else Level.WARNING
    return (words, Level.NONE) if status.synced else (f"{words} …", Level.NONE)
