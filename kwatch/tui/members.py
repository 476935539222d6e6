"""What a place watches: one resource, or several side by side, whose keys then tell of which they are."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from kwatch.tui.member import Member

if TYPE_CHECKING:
    from kwatch.catalog.kind import Kind
    from kwatch.informer.status import InformerStatus
    from kwatch.query.access import IndexAccess, JournalAccess
    from kwatch.session.session import Session
    from kwatch.tui.column_choice import ColumnChoice
    from kwatch.tui.place import Place

Drained = tuple[AbstractSet[str], AbstractSet[str]]
"""Keys that came with first lists, and keys that changed since."""


class Members:
    """In the order asked for. Of one alone, everything is as it is there."""

    def __init__(self, session: Session, place: Place, columns: ColumnChoice) -> None:
        self._members = tuple(Member(session, place, resource, columns) for resource in place.resources)
        self.first = self._members[0]
        self.is_mixed = len(self._members) > 1
        self.source: IndexAccess = self.first.feed.indexer
        self.changes: JournalAccess | None = self.first.changes
        if self.is_mixed:
            self._merge()
        self.kind = self._kind([member.kind for member in self._members])

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members)

    def __getitem__(self, place: int) -> Member:
        return self._members[place]

    @property
    def synced(self) -> bool:
        """Whether the first lists of all had come when they were last drained."""
        return all(member.was_synced for member in self._members)

    @property
    def problem(self) -> str:
        """What is wrong with the columns that were asked for; with several kinds, none need have them all."""
        problems = [member.problem for member in self._members]
        return problems[0] if all(problems) else ""

    @property
    def status(self) -> InformerStatus:
        """How the informers are, as one."""
        if not self.is_mixed:
            return self.first.feed.status
        from kwatch.view.merged_status import merged_status

        return merged_status([member.feed.status for member in self._members])

    def locate(self, key: str) -> tuple[Member, str]:
        """Whose a key is, and what it is there."""
        from kwatch.query.keys import located

        place = located(key) if self.is_mixed else None
        return (self._members[place[0]], place[1]) if place is not None else (self.first, key)

    def renew(self) -> bool:
        """Whether there are other columns than before; `kind` is then new."""
        renewed = [member.renew() for member in self._members]
        if any(renewed):
            self.kind = self._kind([member.kind for member in self._members])
        return any(renewed)

    def kind_of_the_past(self) -> Kind:
        """The same columns without those that only the present can fill. Of one kind alone, those of activity stay:
        whoever shows the past has them ask about it.
        """
        return self._kind(
            [member.arranged(None if self.is_mixed else member.activities, measured=False) for member in self._members]
        )

    def measure(self) -> bool:
        """Whether there are newer measurements than the last time."""
        measured = [member.measure() for member in self._members]
        return any(measured)

    def drain(self) -> Drained:
        """What changed since the last time."""
        if not self.is_mixed:
            dirty, is_news = self.first.drain()
            return (frozenset(), dirty) if is_news else (dirty, frozenset())
        from kwatch.query.keys import qualify

        listed: set[str] = set()
        news: set[str] = set()
        for place, member in enumerate(self._members):
            dirty, is_news = member.drain()
            (news if is_news else listed).update(qualify(place, dirty))
        return listed, news

    def fading(self, now: float) -> AbstractSet[str]:
        """The keys whose churn must be looked at again, if it is time."""
        if not self.is_mixed:
            return self.first.fading.due(now) if self.first.fading is not None else frozenset()
        from kwatch.query.keys import qualify

        found: set[str] = set()
        for place, member in enumerate(self._members):
            if member.fading is not None:
                found.update(qualify(place, member.fading.due(now)))
        return found

    def close(self) -> None:
        """Let go of the feeds."""
        for member in self._members:
            member.close()

    def _merge(self) -> None:
        from kwatch.view.merged_journal import MergedJournal
        from kwatch.view.merged_source import MergedSource

        self.source = MergedSource([(member.resource, member.feed.indexer) for member in self._members])
        changes = [member.changes for member in self._members if member.changes is not None]
        if changes:
            self.changes = MergedJournal(changes)

    def _kind(self, kinds: list[Kind]) -> Kind:
        if not self.is_mixed:
            return kinds[0]
        from kwatch.view.union_kind import union_kind

        return union_kind([(member.resource, kind) for member, kind in zip(self._members, kinds, strict=True)])
