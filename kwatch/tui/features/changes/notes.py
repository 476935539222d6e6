"""What a list of changes leaves out, and what it cannot know, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf
from typing import TYPE_CHECKING

from kwatch.tui.features.changes.change_list import ChangeList
from kwatch.tui.features.changes.rows import object_count
from kwatch.tui.features.changes.wish import LEFT_OUT
from kwatch.view.printable import printable

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.tui.features.changes.span import Span

_MOST_GAPS = 3
ClockText = Callable[[float], str]


def left_out(changes: ChangeList, keys: Callable[[str], str]) -> Iterator[str]:
    """What is not shown, and which key shows it; `keys` tells the key of a command's id."""
    counts, wish = changes.left_out, changes.wish
    if not wish.everything:
        talk = f"{counts.talk:,} events and leases" if counts.talk else "events and leases"
        passed = f", {counts.passed:,} that came and went" if counts.passed else ""
        yield f"{keys('changes.everything')} shows what is left out: {talk}{passed}"
    if counts.noise:
        verb = "differs" if counts.noise == 1 else "differ"
        yield f"{keys('changes.noise')} shows {object_count(counts.noise)} that {verb} only in versions and heartbeats"


def unknown(journal: Journal, context: str, span: Span, changes: ChangeList, clock_text: ClockText) -> Iterator[str]:
    """Where it cannot be known how something was, or when it changed."""
    since = span.since.at if span.since is not None else 0.0
    until = span.until.at if span.until is not None else inf
    gaps = [
        gap
        for gap in journal.gaps(context)
        if gap.until > since and gap.since < until and _shown(gap.resource, changes)
    ]
    for gap in gaps[-_MOST_GAPS:]:
        where = f" in {printable(gap.namespace)}" if gap.namespace else ""
        missed = f"{clock_text(max(since, gap.since))} to {clock_text(gap.until)}"
        yield f"{printable(gap.resource)}{where} not watched {missed}"
    if len(gaps) > _MOST_GAPS:
        more = len(gaps) - _MOST_GAPS
        yield f"{more} more time{'' if more == 1 else 's'} something was not watched"
    for resource, at in journal.unwatched(context).items():
        if at < until and _shown(resource, changes):
            yield f"{printable(resource)} not watched since {clock_text(at)}"
    if span.since is not None:
        for resource, at in changes.first_listed.items():
            yield f"{printable(resource)} first seen from {clock_text(at)} on are compared with how they were then"
    lost = journal.evicted
    if lost.objects and lost.through_at > since:
        yield f"what was deleted before {clock_text(lost.through_at)} may be missing: it had to make room"
    if changes.stand_ins:
        yield f"{object_count(changes.stand_ins)} compared with a later version: the one of then had to make room"


def _shown(resource: str, changes: ChangeList) -> bool:
    return changes.wish.everything or resource not in LEFT_OUT
