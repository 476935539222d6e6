"""The columns CHANGED, DELTAS and CHURN, joined into a kind.

A cell's value is the object's key: what the journal knows of it is asked when it is shown, and for many at once when it
orders or filters. So these columns make no row new, and an object need not be read for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from math import inf
from typing import Any, Protocol

from kwatch.base import duration
from kwatch.base.duration import humanize
from kwatch.catalog.column import ACTIVITY_TURN, CHANGED_TURN, Column
from kwatch.catalog.kind import Kind, Values
from kwatch.history.activity import BAR, BARS
from kwatch.informer.kube_object import KubeObject

CHANGED, DELTAS, CHURN = "Changed", "Deltas", "Churn"
_SPARKS = "▁▂▃▄▅▆▇█"
_NOTHING = "·"
_LOOK = 5.0
"""Seconds between looks whether something came of what nothing came of for long."""


class ActivitySource(Protocol):
    """How busy the objects of one resource are. Cheap: asked for every row on screen."""

    def changed(self, keys: Sequence[str]) -> Sequence[float | None]:
        """When the last delta of each key came, in seconds since the epoch; None for never."""
        ...

    def deltas(self, keys: Sequence[str]) -> Sequence[int | None]:
        """How many deltas came of each key; None for one that is not known."""
        ...

    def churn(self, keys: Sequence[str]) -> Sequence[int]:
        """How many deltas each key had in the last minutes."""
        ...

    def bars(self, key: str, now: float) -> Sequence[int]:
        """How many a key had in each part of the last minutes, the present one last."""
        ...


def with_activity(kind: Kind, source: ActivitySource) -> Kind:
    """The kind with the columns after all of its own; what they say comes from `source` whenever it is asked."""
    added = (_changed(source), _deltas(source), _churn(source))

    def read(obj: KubeObject) -> Values:
        key = obj.key
        return (*kind.read(obj), key, key, key)

    return Kind(kind.name, (*kind.columns, *added), read)


def asking(kind: Kind, source: ActivitySource) -> Kind:
    """The same kind, as it was arranged, with its columns of activity asking another source: of another moment."""
    asked = {column.title: column for column in (_changed(source), _deltas(source), _churn(source))}
    columns = tuple(
        replace(asked[column.title], priority=column.priority)
        if column.order_keys is not None and column.title in asked
        else column
        for column in kind.columns
    )
    return Kind(kind.name, columns, kind.read)


def churn_text(counts: Sequence[int]) -> str:
    """One character a count, higher for each doubling, the same for all rows; empty if there is nothing."""
    if not any(counts):
        return ""
    return "".join([_SPARKS[min(7, (count - 1).bit_length())] if count else _NOTHING for count in counts])


def shares_text(shares: Sequence[float | None]) -> str:
    """One character a share between 0 and 1: a point for nothing of it, a space where it is not known."""
    return "".join(
        [" " if share is None else _SPARKS[min(7, int(share * 8))] if share else _NOTHING for share in shares]
    )


def _changed(source: ActivitySource) -> Column:
    def order_keys(keys: Sequence[str]) -> list[float | None]:
        return [None if at is None else -at for at in source.changed(keys)]

    def order(key: Any) -> float | None:
        return order_keys((key,))[0]

    def text(key: Any, now: float) -> str:
        rank = order(key)
        return "" if rank is None else humanize(max(0.0, now + rank))

    def unchanged_for(key: Any, now: float) -> float:
        rank = order(key)
        return _LOOK if rank is None else min(_LOOK, duration.unchanged_for(max(0.0, now + rank)))

    told = "how long ago the last delta came"
    column = _column(CHANGED, told, text, order, order_keys, compare="duration", width=8, turn=CHANGED_TURN)
    return replace(column, unchanged_for=unchanged_for)


def _deltas(source: ActivitySource) -> Column:
    def order(key: Any) -> int | None:
        return source.deltas((key,))[0]

    def text(key: Any, now: float) -> str:
        count = order(key)
        return f"{count}" if count else ""

    return _column(DELTAS, "how many deltas came", text, order, source.deltas, compare="number", width=7, pace=inf)


def _churn(source: ActivitySource) -> Column:
    def order(key: Any) -> int:
        return source.churn((key,))[0]

    def text(key: Any, now: float) -> str:
        return churn_text(source.bars(key, now))

    minutes = (
        f"deltas of the last {BARS * BAR / 60:.0f} minutes, a bar each {BAR:.0f} s; one step higher is twice as many"
    )
    return _column(CHURN, minutes, text, order, source.churn, compare="number", width=BARS, right=False, pace=BAR)


def _column(
    title: str,
    description: str,
    text: Callable[[Any, float], str],
    order: Callable[[Any], Any],
    order_keys: Callable[[Sequence[str]], Sequence[Any]],
    *,
    compare: str,
    width: int,
    right: bool = True,
    pace: float = 1.0,
    turn: int = ACTIVITY_TURN,
) -> Column:
    return Column(
        title,
        description=description,
        text=text,
        order=order,
        order_keys=order_keys,
        right=right,
        min_width=width,
        max_width=12,
        depends_on_time=True,
        pace=pace,
        compare=compare,
        optional=True,
        spare=turn,
    )


PERIOD = 5.0
"""Seconds between looks."""


class BusyKeys(Protocol):
    """Knows whose churn is not nothing."""

    def busy(self) -> AbstractSet[str]: ...


class Fading:
    """Looks from time to time; those that were busy before are reported once more, because they fell silent."""

    def __init__(self, source: BusyKeys) -> None:
        self._source = source
        self._looked_at: float | None = None
        self._before: AbstractSet[str] = frozenset()

    def due(self, now: float) -> AbstractSet[str]:
        """The keys to look at again, if it is time."""
        if self._looked_at is not None and 0 <= now - self._looked_at < PERIOD:
            return frozenset()
        self._looked_at = now
        return self.all()

    def all(self) -> AbstractSet[str]:
        before, self._before = self._before, self._source.busy()
        return before | self._before
