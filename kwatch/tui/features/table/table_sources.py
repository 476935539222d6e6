"""What a place watches: one resource, or several side by side, whose keys then say of which they are."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from kwatch.catalog.kind import Kind
from kwatch.catalog.registry import kind_for
from kwatch.session.metrics import open_usage
from kwatch.tui.features.table.column_choice import ArrangementError, ColumnChoice
from kwatch.view.activity_columns import ActivitySource, Fading, with_activity
from kwatch.view.journal_access import scoped_changes
from kwatch.view.usage_columns import with_usage

if TYPE_CHECKING:
    from kwatch.informer.resource import Resource
    from kwatch.informer.status import InformerStatus
    from kwatch.query.access import IndexAccess, JournalAccess
    from kwatch.session.informer_pool import Feed
    from kwatch.session.metrics import UsageShare
    from kwatch.session.session import Session
    from kwatch.tui.features.table.column_choice import ColumnChoice
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
        from kwatch.view.freshness import merged_status

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
        from kwatch.view.journal_access import MergedJournal
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


class Member:
    """Owns the feed; `close` lets go of it. `kind` is how its objects are shown, replaced when `renew` says so."""

    def __init__(self, session: Session, place: Place, resource: Resource, columns: ColumnChoice) -> None:
        where = place.namespace if resource.namespaced else None
        self.resource = resource
        self.feed: Feed = session.open(resource, where, place.label_selector, place.field_selector)
        self.problem = ""
        """What is wrong with the columns that were asked for."""
        journal, name = session.journal, str(resource)
        self.changes: JournalAccess | None = None
        self.activities: ActivitySource | None = None
        self.fading: Fading | None = None
        """Whose churn passes with time alone."""
        if journal is not None:
            self.changes = scoped_changes(journal.changes(session.context, name), place.alone(resource).scope)
            activities = journal.activities(session.context, name)
            self.activities, self.fading = activities, Fading(activities)
        self._columns = columns
        self._usage: UsageShare | None = open_usage(session.usages, session.names, resource, where)
        self._usage_version = 0
        self._kind_version = self.feed.kind_version
        self.kind = self.arranged(self.activities)
        self.was_synced = self.feed.status.synced
        self.feed.drain()

    def arranged(self, activities: ActivitySource | None, *, measured: bool = True) -> Kind:
        """The kind as the server and the settings have it, with columns of how busy the objects are."""
        kind = self.feed.kind
        if self._usage is not None and self._usage.version and measured:
            kind = with_usage(kind, self.resource, self._usage)
        if activities is not None:
            kind = with_activity(kind, activities)
        try:
            return self._columns.of(self.resource, kind)
        except ArrangementError as error:
            self.problem = str(error)
            return kind

    @property
    def awaits_columns(self) -> bool:
        """Whether the server may still name columns of its own, or the first measurements may come."""
        usage, status = self._usage, self.feed.status
        is_measured = usage is None or usage.version > 0 or bool(usage.error)
        is_named = kind_for(self.resource) is not None or status.synced or status.last_error is not None
        return not (is_measured and is_named)

    @property
    def unmeasured(self) -> str:
        """Why what objects use is not measured, or not any more; empty where it is, or nobody could."""
        return self._usage.error if self._usage is not None else ""

    def renew(self) -> bool:
        """Whether there are other columns than before: the server's, or those of the first measurements."""
        is_first = self._usage is not None and self._usage.version > 0 and self._usage_version == 0
        if not is_first and self.feed.kind_version == self._kind_version:
            return False
        self._kind_version = self.feed.kind_version
        if self._usage is not None:
            self._usage_version = self._usage.version
        self.problem = ""
        self.kind = self.arranged(self.activities)
        return True

    def measure(self) -> bool:
        """Whether there are newer measurements than the last time."""
        if self._usage is None or self._usage.version == self._usage_version:
            return False
        self._usage_version = self._usage.version
        return True

    def drain(self) -> tuple[AbstractSet[str], bool]:
        """The keys that changed since the last time, and whether that is news, not part of a first list."""
        dirty = self.feed.drain()
        is_news = self.was_synced
        self.was_synced = self.was_synced or self.feed.status.synced
        return dirty, is_news

    def close(self) -> None:
        """Let go of the feed."""
        self.feed.release()
        if self._usage is not None:
            self._usage.release()
