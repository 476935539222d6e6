"""What a place watches: one resource, or several side by side, whose keys then say of which they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from kwatch.catalog.kind import Kind
from kwatch.catalog.registry import kind_for
from kwatch.query.row import RowKeys
from kwatch.session.metrics import open_usage
from kwatch.tui.features.table.column_choice import ArrangementError, ColumnChoice
from kwatch.view.activity_columns import ActivitySource, Fading, with_activity
from kwatch.view.freshness import merged_status
from kwatch.view.journal_access import changes_in
from kwatch.view.merged_source import merged
from kwatch.view.union_kind import union_kind
from kwatch.view.usage_columns import with_usage

if TYPE_CHECKING:
    from kwatch.informer.resource import Resource
    from kwatch.informer.status import InformerStatus
    from kwatch.query.context import IndexAccess, JournalAccess
    from kwatch.session.informer_pool import Feed
    from kwatch.session.metrics import UsageShare
    from kwatch.session.session import Session
    from kwatch.tui.features.table.column_choice import ColumnChoice
    from kwatch.tui.place import Place


class TableSources:
    """A RowSource of what is there now: one TableSource for each resource, in the order asked for.

    Of a single one, keys and columns are as they are there; of several, a key says of which it is.
    """

    def __init__(self, session: Session, place: Place, columns: ColumnChoice) -> None:
        self._sources = tuple(TableSource(session, place, resource, columns) for resource in place.resources)
        self._keys = RowKeys(len(self._sources))
        self.is_mixed = len(self._sources) > 1
        self.objects: IndexAccess = merged([(each.resource, each.feed.indexer) for each in self._sources])
        changes = [(each.changes, each.scope) for each in self._sources if each.changes is not None]
        self.changes = changes_in(changes) if changes else None
        self.kind = self._union([each.kind for each in self._sources])

    def __iter__(self) -> Iterator[TableSource]:
        return iter(self._sources)

    def __getitem__(self, place: int) -> TableSource:
        return self._sources[place]

    @property
    def synced(self) -> bool:
        """Whether the first lists of all had come when they were last drained."""
        return all(each.was_synced for each in self._sources)

    @property
    def problem(self) -> str:
        """What is wrong with the columns that were asked for; with several kinds, none need have them all."""
        problems = [each.problem for each in self._sources]
        return problems[0] if all(problems) else ""

    @property
    def status(self) -> InformerStatus:
        """How the informers are, as one."""
        return merged_status([each.feed.status for each in self._sources])

    def locate(self, key: str) -> tuple[TableSource, str]:
        """Whose a key is, and what it is there."""
        place, plain = self._keys.locate(key)
        return self._sources[place], plain

    def renew(self) -> bool:
        """Whether there are other columns than before; `kind` is then new."""
        renewed = [each.renew() for each in self._sources]
        if any(renewed):
            self.kind = self._union([each.kind for each in self._sources])
        return any(renewed)

    def kind_of_the_past(self) -> Kind:
        """The same columns without those that only the present can fill. Of one kind alone, those of activity stay, to
        be asked about the moment shown.
        """
        return self._union(
            [each.arranged(None if self.is_mixed else each.activities, measured=False) for each in self._sources]
        )

    def measure(self) -> bool:
        """Whether there are newer measurements than the last time."""
        measured = [each.measure() for each in self._sources]
        return any(measured)

    def drain(self) -> tuple[AbstractSet[str], AbstractSet[str]]:
        """The keys that came with first lists, and those that changed since, both since the last time."""
        listed: set[str] = set()
        news: set[str] = set()
        for place, each in enumerate(self._sources):
            dirty, is_news = each.drain()
            (news if is_news else listed).update(self._keys.of(place, dirty))
        return listed, news

    def fading(self, now: float) -> AbstractSet[str]:
        """The keys whose churn must be looked at again, if it is time."""
        found: set[str] = set()
        for place, each in enumerate(self._sources):
            if each.fading is not None:
                found.update(self._keys.of(place, each.fading.due(now)))
        return found

    def close(self) -> None:
        """Let go of the feeds."""
        for each in self._sources:
            each.close()

    def _union(self, kinds: Sequence[Kind]) -> Kind:
        return union_kind([(each.resource, kind) for each, kind in zip(self._sources, kinds, strict=True)])


class TableSource:
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
        self.scope = place.alone(resource).scope
        if journal is not None:
            self.changes = journal.changes(session.context, name)
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
