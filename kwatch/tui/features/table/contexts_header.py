"""What the header says where several contexts are in one table: how current each is, and how much there is of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kwatch.base.namespaces import in_words
from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.informer.status import InformerStatus
from kwatch.session.namespaces_feed import status_of
from kwatch.tui.kit.widgets.header import FROM_BEST, MOODS, Mood, freshness_of_several
from kwatch.view.freshness import Freshness, Severity, freshness, hindrance, merged_status, stale_words, worst_of

if TYPE_CHECKING:
    from kwatch.session.session import Session
    from kwatch.tui.features.table.table_model import TableModel
    from kwatch.tui.features.table.table_sources import TableSource, TableSources

Fact = tuple[str, str, Level]
"""Title, text, level."""
MANY = 6
"""Of more contexts than that those that are well are counted together."""
_SIGNS = {Severity.STALE: ("▲ ", Level.WARNING), Severity.FAILED: ("✗ ", Level.BAD)}


def freshness_of_contexts(sessions: Sequence[Session], live: TableModel | None, now: float) -> tuple[str, Mood, str]:
    """What to say, how it looks, and since when not all is certain."""
    if live is None:
        statuses = [status_of(each.state) for each in sessions]
        return "connecting", MOODS[freshness(statuses[worst_of(statuses)], now).severity], ""
    return freshness_of_several([found for _, found in _by_context(live.sources, now).values()], now)


def counts_by_context(sources: TableSources, now: float, shown: Mapping[int, int] | None = None) -> tuple[Fact, ...]:
    """How many rows there are of each context. `shown`: how many of each part, by its place, if that is not all."""
    counts: list[CountOfContext] = []
    for name, (places, found) in _by_context(sources, now).items():
        count = sum(len(sources[place].feed.objects) for place in places)
        words = f"{count:,}"
        if shown is not None:
            words = f"{sum(shown.get(place, 0) for place in places):,} of {words}"
        counts.append(CountOfContext(name, found, count, words))
    return facts_by_context(counts, now)


class CountOfContext(NamedTuple):
    """How current one context is, how much there is of it, and that in words."""

    context: str
    freshness: Freshness
    amount: int
    words: str


def facts_by_context(counts: Iterable[CountOfContext], now: float) -> tuple[Fact, ...]:
    """`prod-eu 310`, `prod-us ▲ reconnecting in 3 s, stale for 40 s 200`, `dead ✗ connection refused`: what is in
    trouble first.
    """
    facts = [
        (found.severity, (printable(name), *_amount(found, words, count, now))) for name, found, count, words in counts
    ]
    facts.sort(key=lambda each: -FROM_BEST.index(each[0]))
    if len(facts) > MANY:
        well = [fact for severity, fact in facts if severity is Severity.LIVE]
        others = [fact for severity, fact in facts if severity is not Severity.LIVE]
        first = others or well[:MANY]
        return (*first, (f"{len(well) - (0 if others else MANY):,} more", "live", Level.NONE))
    return tuple(fact for _, fact in facts)


def _amount(found: Freshness, words: str, count: int, now: float) -> tuple[str, Level]:
    if found.severity is Severity.WORKING:
        return (f"{words} …" if count else found.text), Level.NONE
    if found.severity not in _SIGNS:
        return words, Level.NONE
    sign, level = _SIGNS[found.severity]
    stale = stale_words(found, now)
    trouble = f"{sign}{found.text}{f', {stale}' if stale else ''}"
    return (f"{trouble} {words}" if count else trouble), level


def _by_context(sources: TableSources, now: float) -> Mapping[str, tuple[list[int], Freshness]]:
    """The places of each context's parts, and how current they are together."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, context in enumerate(sources.contexts):
        places[context].append(place)
    return {context: (of, _fresh([sources[place] for place in of], now)) for context, of in places.items()}


def _fresh(sources: Sequence[TableSource], now: float) -> Freshness:
    statuses = [source.feed.status for source in sources]
    status = merged_status(statuses)
    things = sources[worst_of(statuses)].resource.name
    found = freshness(status, now, things)
    why = _why(status)
    return Freshness(why, found.severity, found.stale_since) if why else found


def _why(status: InformerStatus) -> str:
    """Why nothing has come of it, where that is so: in as few words as there are."""
    return hindrance(status) if not status.synced else ""


def one_server(sessions: Sequence[Session]) -> Iterator[str]:
    """Contexts that lead to one server: what is there is shown twice."""
    by_server: defaultdict[str, list[str]] = defaultdict(list)
    for session in sessions:
        if session.state.server and not session.state.is_recording:
            by_server[session.state.server].append(session.context)
    for names in by_server.values():
        if len(names) > 1:
            yield f"{in_words(','.join(names))}: one server"
