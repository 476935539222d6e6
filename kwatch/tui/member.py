"""One resource of a live table: its feed, its columns, what its objects use and how busy they are."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from kwatch.catalog.kind import Kind
from kwatch.catalog.registry import kind_for
from kwatch.session.metrics import open_usage
from kwatch.tui.column_choice import ArrangementError, ColumnChoice
from kwatch.view.activity_columns import ActivitySource, with_activity
from kwatch.view.fading import Fading
from kwatch.view.scoped_changes import scoped_changes
from kwatch.view.usage_columns import with_usage

if TYPE_CHECKING:
    from kwatch.informer.resource import Resource
    from kwatch.query.access import JournalAccess
    from kwatch.session.feed import Feed
    from kwatch.session.session import Session
    from kwatch.session.usage_pool import UsageShare
    from kwatch.tui.place import Place


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
        self._usage: UsageShare | None = open_usage(session, resource, where)
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
