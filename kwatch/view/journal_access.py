"""The journal as a view asks it: of several resources as of one, within its scope, and how far it is behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object
from kwatch.query.access import JournalAccess
from kwatch.query.keys import located, qualify
from kwatch.query.matcher import Answer
from kwatch.query.terms.change import JOURNAL_INDEX
from kwatch.view.scope import Scope


class MergedJournal:
    """A JournalAccess over others, one for each resource of a view, in the view's order."""

    def __init__(self, members: Sequence[JournalAccess]) -> None:
        self._members = tuple(members)

    @property
    def is_indexed(self) -> bool:
        """Whether all answer at once."""
        return all(member.is_indexed for member in self._members)

    def last_changes(self, path: str, old: str | None, new: str | None) -> Mapping[str, float]:
        """Key -> when it last changed in that way."""
        found: dict[str, float] = {}
        for place, member in enumerate(self._members):
            changes = member.last_changes(path, old, new)
            found.update(zip(qualify(place, changes), changes.values(), strict=True))
        return found

    def last_change(self, key: str, path: str, old: str | None, new: str | None) -> float | None:
        """The same for one key."""
        place = located(key)
        return self._members[place[0]].last_change(place[1], path, old, new) if place is not None else None

    def is_settled(self, key: str) -> bool:
        """Whether every change received of the key has been looked at."""
        place = located(key)
        return place is None or self._members[place[0]].is_settled(place[1])

    @property
    def unsettled(self) -> int:
        """How many keys are not settled."""
        return sum(member.unsettled for member in self._members)

    def paths(self) -> Mapping[str, int]:
        """Every path that changed -> how many objects changed there."""
        counts: Counter[str] = Counter()
        for member in self._members:
            counts.update(member.paths())
        return counts

    def deleted_objects(self) -> Mapping[str, Object]:
        """Key -> last object of what was deleted and is still remembered."""
        found: dict[str, Object] = {}
        for place, member in enumerate(self._members):
            objects = member.deleted_objects()
            found.update(zip(qualify(place, objects), objects.values(), strict=True))
        return found


def scoped_changes(changes: JournalAccess, scope: Scope) -> JournalAccess:
    """The same, without what was deleted elsewhere."""
    return changes if scope.is_everything else ScopedChanges(changes, scope)


class ScopedChanges:
    """A view looks up what it shows, so only what it does not show any more must be kept from it."""

    def __init__(self, changes: JournalAccess, scope: Scope) -> None:
        self._changes = changes
        self._scope = scope

    @property
    def is_indexed(self) -> bool:
        """Whether `last_changes` answers at once."""
        return self._changes.is_indexed

    def last_changes(self, path: str, old: str | None, new: str | None) -> Mapping[str, float]:
        """Key -> when it last changed in that way."""
        return self._changes.last_changes(path, old, new)

    def last_change(self, key: str, path: str, old: str | None, new: str | None) -> float | None:
        """The same for one key."""
        return self._changes.last_change(key, path, old, new)

    def is_settled(self, key: str) -> bool:
        """Whether every change received of the key has been looked at."""
        return self._changes.is_settled(key)

    @property
    def unsettled(self) -> int:
        """How many keys are not settled."""
        return self._changes.unsettled

    def paths(self) -> Mapping[str, int]:
        """Every path that changed -> how many objects changed there."""
        return self._changes.paths()

    def deleted_objects(self) -> Mapping[str, Object]:
        """Key -> last object of what was deleted in the view."""
        covers, selects = self._scope.covers, self._scope.selects
        return {
            key: obj
            for key, obj in self._changes.deleted_objects().items()
            if covers(key) and (not isinstance(obj, KubeObject) or selects(obj))
        }


PERIOD = 0.5
"""Seconds between counts: each looks at every object."""


class ChangeLag:
    """Counts only while a filter has terms that the index answers. What is caught up by the next look is not told."""

    def __init__(self, journal: JournalAccess | None = None) -> None:
        self._journal = journal
        self._counted_at: float | None = None
        self._before = self._count = 0

    def of(self, answers: Iterable[Answer], now: float) -> int:
        """How many objects are yet to be looked at that the terms, answered so, may be about."""
        if self._journal is None or not any(answer.by == JOURNAL_INDEX for answer in answers):
            self._counted_at = None
            return 0
        if self._counted_at is None or not 0 <= now - self._counted_at < PERIOD:
            is_first = self._counted_at is None
            self._counted_at, self._before, self._count = now, self._count, self._journal.unsettled
            self._before = self._count if is_first else self._before
        return self._count if self._before else 0


NO_LAG = ChangeLag()
"""Where nothing is behind."""
