"""How busy an object is: for the columns CHANGED, DELTAS and CHURN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kwatch.history.life import Life

_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Activity:
    """`changed_at` is the receipt of the last delta (seconds since the epoch), `deltas` how many there were in all.

    `churn` counts those of each of the last minutes, the current one last. The first list's are no deltas.
    """

    changed_at: float
    deltas: int
    churn: tuple[int, ...]


def activity_of(lives: Sequence[Life], now: float, minutes: int) -> Activity | None:
    """Of the lives under one name; None if nothing is known of it. Called with the journal's lock held."""
    if not lives:
        return None
    churn = [0] * minutes
    for life in lives:
        for position in range(len(life.ledger) - 1, life.gone - 1, -1):
            facts = life.ledger.at(position)
            back = int((now - facts.at) // _MINUTE)
            if back >= minutes:
                break
            if back >= 0 and not (position == 0 and facts.relisted):
                churn[minutes - 1 - back] += 1
    last = lives[-1].ledger
    listed = sum(1 for life in lives if not life.evicted and life.ledger.at(0).relisted)
    return Activity(
        last.received_at(len(last) - 1), sum(len(life) + life.evicted for life in lives) - listed, tuple(churn)
    )
