"""When a resource was watched, and how much of it; so also the gaps, when it was not."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from math import inf
from typing import Any, NamedTuple

from kwatch.base.namespaces import holds
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.selectors import parse_field_selector, parse_label_selector

NOT_OPEN = "no view of it was open"
"""The cause of a gap between two informers."""
NEAR = 5.0
"""Seconds between two gaps that may be one: a list that only looked, and a watch that was refused again."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A resource was not watched between these moments, in seconds since the epoch; in one namespace, or in all."""

    context: str
    resource: str
    since: float
    until: float
    cause: str
    namespace: str | None = None


class Scope(NamedTuple):
    """How much of a resource an informer sees; an empty field selects everything."""

    namespace: str | None = None
    labels: str = ""
    fields: str = ""

    @property
    def selective(self) -> bool:
        """Whether selectors leave out some of the objects."""
        return bool(self.labels or self.fields)

    def covers(self, other: Scope) -> bool:
        """Whether an informer of this scope sees everything in the other."""
        if self.namespace not in (None, other.namespace):
            return False
        return not self.selective or (self.labels, self.fields) == (other.labels, other.fields)

    def matches(self, obj: KubeObject) -> bool:
        """Whether an object is in the scope; raise SelectorSyntaxError if a selector cannot be parsed."""
        if not holds(self.namespace, obj.namespace):
            return False
        if self.labels and not parse_label_selector(self.labels).matches(obj.labels):
            return False
        if not self.fields:
            return True
        selector, tree = parse_field_selector(self.fields), obj.tree()
        values = {each.key: _field_text(tree, each.key) for each in selector.requirements}
        return selector.matches({path: text for path, text in values.items() if text})


class Coverage(Enum):
    """How much of a scope was watched at a moment."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


@dataclass(slots=True, eq=False)
class Watch:
    """A time of watching, in seconds since the epoch. While it lasts, `ended` is None; `cause` is why it ended."""

    scope: Scope
    began: float
    ended: float | None = None
    cause: str = NOT_OPEN


class Watches:
    """All watches of one resource. Written under the journal's lock."""

    def __init__(self, context: str = "", resource: str = "") -> None:
        self._context = context
        self._resource = resource
        self._watches: list[Watch] = []
        self._gaps: tuple[Gap, ...] | None = None
        """Those of all scopes, once they were asked for."""

    def begin(self, scope: Scope, at: float) -> Watch:
        watch = Watch(scope, at)
        self._watches.append(watch)
        self._gaps = None
        return watch

    def end(self, watch: Watch, at: float, cause: str = NOT_OPEN) -> None:
        watch.ended, watch.cause = max(at, watch.began), cause
        self._gaps = None

    @property
    def namespaces(self) -> frozenset[str | None]:
        """Every namespace that was ever watched; None stands for all of them."""
        return frozenset(watch.scope.namespace for watch in self._watches)

    @property
    def since(self) -> float | None:
        """When the first watch began."""
        return min((watch.began for watch in self._watches), default=None)

    def sees(self, scope: Scope) -> bool:
        """Whether all of a scope is watched now."""
        return any(watch.ended is None and watch.scope.covers(scope) for watch in self._watches)

    @property
    def unwatched_since(self) -> float | None:
        """When the last watch ended; None if one goes on, or there never was any."""
        ends = [watch.ended for watch in self._watches]
        return None if None in ends else max((end for end in ends if end is not None), default=None)

    def coverage(self, scope: Scope, at: float) -> Coverage:
        """How much of a scope was watched at a moment."""
        then = [each.scope for each in self._watches if each.began <= at and (each.ended is None or at < each.ended)]
        if any(each.covers(scope) for each in then):
            return Coverage.ALL
        meets = any(None in (each.namespace, scope.namespace) or each.namespace == scope.namespace for each in then)
        return Coverage.SOME if meets else Coverage.NONE

    def seen_from(self, scope: Scope, at: float) -> float | None:
        """From when on all of a scope was watched: that moment itself, or a later one; None if it never was since."""
        if self.coverage(scope, at) is Coverage.ALL:
            return at
        return min((each.began for each in self._watches if each.began > at and each.scope.covers(scope)), default=None)

    def gaps(self, scope: Scope | None = None) -> tuple[Gap, ...]:
        """When not all of a scope was watched, oldest first. Without a scope, the gaps of every scope that was ever
        watched; one that several scopes share is given once, for the widest of them.
        """
        if scope is not None:
            return self.gaps_where(lambda each: each.covers(scope), scope.namespace)
        if self._gaps is None:
            found: dict[tuple[float, float], Gap] = {}
            for each in sorted({watch.scope for watch in self._watches}, key=_narrowness):
                for gap in self.gaps(each):
                    found.setdefault((gap.since, gap.until), gap)
            self._gaps = tuple(sorted(found.values(), key=lambda gap: gap.since))
        return self._gaps

    def gaps_where(self, sees: Callable[[Scope], bool], namespace: str | None) -> tuple[Gap, ...]:
        """When there was no watch whose scope `sees` what is asked about, which is in `namespace`."""
        watches = [watch for watch in self._watches if sees(watch.scope)]
        return tuple(
            Gap(self._context, self._resource, since, until, cause, namespace)
            for since, until, cause in _between(watches)
        )


def merged_gaps(gaps: Iterable[Gap], moments: Sequence[float]) -> list[Gap]:
    """Gaps of one cause as one, if nothing was seen to change between them; oldest first. `moments`, ascending, are
    when something was. Without this, a resource that is only listed, every 15 s, would have a gap every 15 s.
    """
    found: list[Gap] = []
    for gap in sorted(gaps, key=lambda each: each.since):
        last = found[-1] if found else None
        if last is None or not _follows(last, gap, moments):
            found.append(gap)
        else:
            found[-1] = replace(last, until=max(last.until, gap.until))
    return found


def _follows(last: Gap, gap: Gap, moments: Sequence[float]) -> bool:
    if replace(last, since=0.0, until=0.0) != replace(gap, since=0.0, until=0.0):
        return False
    is_unseen = bisect_left(moments, last.until) == bisect_left(moments, gap.since)
    return is_unseen and gap.since - last.until <= NEAR


def _between(watches: Iterable[Watch]) -> Iterator[tuple[float, float, str]]:
    """The times between watches: beginning, end and cause. Before the first one there was nothing to miss."""
    reached, cause = inf, NOT_OPEN
    for watch in sorted(watches, key=lambda each: each.began):
        if watch.began > reached:
            yield reached, watch.began, cause
        ended = inf if watch.ended is None else watch.ended
        if reached == inf or ended > reached:
            reached, cause = ended, watch.cause
        if watch.ended is None:
            return


def _narrowness(scope: Scope) -> tuple[bool, bool, Scope]:
    return scope.selective, scope.namespace is not None, Scope(scope.namespace or "", scope.labels, scope.fields)


def _field_text(tree: Mapping[str, Any], path: str) -> str:
    value: Any = tree
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
