"""What the header says of a table of several kinds: how many there are of each, and which are missing and why."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import TYPE_CHECKING

from kwatch.catalog.column import Level
from kwatch.informer.status import InformerStatus, Phase
from kwatch.view.freshness import REFUSED, is_missing, phase_of, worst_of

if TYPE_CHECKING:
    from kwatch.tui.features.table.table_sources import TableSources

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
        (source.resource.name, *_amount(source.feed.status, len(source.feed.indexer), part))
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
