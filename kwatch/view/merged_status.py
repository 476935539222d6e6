"""How several informers are, as one: as well as the worst of those that work at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kwatch.informer.status import InformerStatus, Phase

REFUSED = frozenset({Phase.FORBIDDEN, Phase.GONE})
"""Nothing will come of these by itself; the others are shown without them."""
_WORST_FIRST = (
    Phase.BACKING_OFF,
    Phase.STOPPED,
    Phase.STARTING,
    Phase.LISTING,
    Phase.STREAMING,
    Phase.POLLING,
    Phase.WATCHING,
)


def phase_of(status: InformerStatus) -> Phase:
    """The phase as it matters to who looks: what is only polled stays that while it is listed again."""
    return Phase.POLLING if status.polls else status.phase


def is_missing(status: InformerStatus) -> bool:
    """Whether nothing of it is shown, nor will be by itself; what was there before it was refused still is."""
    return status.phase in REFUSED and not (status.synced and status.objects)


def worst_of(statuses: Sequence[InformerStatus]) -> int:
    """The place of the one that is worst off, leaving out what the server refuses as long as there is anything else."""
    working = [place for place, status in enumerate(statuses) if not is_missing(status)]
    if not working:
        return 0
    return min(working, key=lambda place: _badness(statuses[place]))


def merged_status(statuses: Sequence[InformerStatus]) -> InformerStatus:
    """The worst one's phase and error, the sums of what is counted, and synced when all are that will ever be."""
    if len(statuses) == 1:
        return statuses[0]
    worst = statuses[worst_of(statuses)]
    working = [status for status in statuses if not is_missing(status)] or list(statuses)
    synced = [status.synced_at for status in working]
    listing = [status for status in working if not status.synced]
    expected = [status.expected for status in listing]
    return replace(
        worst,
        synced_at=None if None in synced else max(at for at in synced if at is not None),
        queue_depth=sum(status.queue_depth for status in working),
        last_event_at=worst.last_event_at
        if worst.polls
        else min((at for each in working if (at := each.last_event_at) is not None), default=None),
        received=sum(status.received for status in listing),
        expected=None if None in expected or not expected else sum(each or 0 for each in expected),
    )


def _badness(status: InformerStatus) -> tuple[bool, int, bool, float]:
    """Smaller is worse: not synced yet, by phase, silent, silent for longest."""
    known = phase_of(status)
    phase = _WORST_FIRST.index(known) if known in _WORST_FIRST else 0
    return (status.synced and phase != 0, phase, not status.quiet, status.last_event_at or 0.0)
