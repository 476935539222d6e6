"""What is remembered of the changes of several resources, as of one: keys tell of which an object is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from kwatch.informer.protocol import Object
from kwatch.query.access import JournalAccess
from kwatch.query.keys import located, qualify


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
