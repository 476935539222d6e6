"""Where the rows of a live table come from: one resource, or several side by side; and which columns are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kwatch.base.printable import printable
from kwatch.catalog.column import LABELS_TURN, NONE, Column, Level
from kwatch.catalog.kind import Kind, Values
from kwatch.catalog.registry import kind_for
from kwatch.catalog.user_columns import ArrangementError, arrange, next_place
from kwatch.config.settings import for_place
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.informer.status import Phase
from kwatch.query.row import RowKeys
from kwatch.session.metrics import open_usages
from kwatch.session.namespaces_feed import AwaitedFeed, FeedOfNamespaces
from kwatch.tui.kit.table.rows import Cell
from kwatch.view.activity_columns import ActivitySource, Fading, with_activity
from kwatch.view.freshness import ago, freshness, merged_status
from kwatch.view.merged import changes_in, merged
from kwatch.view.union_kind import union_kind
from kwatch.view.usage import TITLES, with_usage

if TYPE_CHECKING:
    from kwatch.informer.status import InformerStatus
    from kwatch.query.context import IndexAccess, JournalAccess
    from kwatch.session.metrics import UsageShares
    from kwatch.session.session import Session
    from kwatch.tui.location import Location


class TableSources:
    """A RowSource of what is there now: one TableSource for each resource in each context, in the order of the place.

    Of a single one, keys and columns are as they are there; of several, a key says of which it is.
    """

    def __init__(self, sessions: Sequence[Session], place: Location, columns: ColumnChoice) -> None:
        """`sessions`: of each of the place's contexts, or of the only one."""
        contexts = place.contexts or [each.context for each in sessions]
        asked = [(*where, each) for where in zip(sessions, contexts, strict=True) for each in place.resources]
        self.contexts = place.contexts_of_parts
        """Where each part is; empty where all are in one context."""
        self._sources = tuple(TableSource(*each, place, columns) for each in asked)
        self._keys = RowKeys(len(self._sources))
        self.is_mixed = len(self._sources) > 1
        parts = [(each.resource, each.feed.objects) for each in self._sources]
        self.objects: IndexAccess = merged(parts, self.contexts)
        changes = [(each.changes, each.scope) for each in self._sources if each.changes is not None]
        self.changes = changes_in(changes) if changes else None
        self.kind = self._union([each.kind for each in self._sources])
        self._cells_made = -1.0
        self._context_cells: Sequence[Cell] = ()

    def __iter__(self) -> Iterator[TableSource]:
        return iter(self._sources)

    def __getitem__(self, place: int) -> TableSource:
        return self._sources[place]

    @property
    def synced(self) -> bool:
        """Whether the first lists of all had come when they were last drained."""
        return all(each.was_synced for each in self._counting)

    @property
    def problem(self) -> str:
        """What is wrong with the columns that were asked for; with several kinds, none need have them all."""
        problems = [each.problem for each in self._sources]
        return problems[0] if all(problems) else ""

    @property
    def status(self) -> InformerStatus:
        return merged_status([each.feed.status for each in self._counting])

    @property
    def _counting(self) -> Sequence[TableSource]:
        """Those that there will be something of: of several clusters one that cannot be reached is not waited for."""
        if not self.contexts:
            return self._sources
        return [each for each in self._sources if not each.is_out] or self._sources

    def context_cells(self, now: float) -> Sequence[Cell]:
        """What the column CONTEXT says of each part: where it is, and since when it is stale; made once a second."""
        if now != self._cells_made:
            self._cells_made = now
            self._context_cells = tuple(_context_cell(each, now) for each in self._sources)
        return self._context_cells

    def locate(self, key: str) -> tuple[TableSource, str]:
        place, plain = self._keys.locate(key)
        return self._sources[place], plain

    def renew(self) -> bool:
        """Whether there are other columns than before; `kind` is then new."""
        renewed = [each.renew() for each in self._sources]
        if any(renewed):
            self.kind = self._union([each.kind for each in self._sources])
        return any(renewed)

    def use_added(self, entries: Sequence[str]) -> None:
        """Other columns are added on the screen; `kind` may then be another."""
        for each in self._sources:
            each.use_added(entries)
        self.kind = self._union([each.kind for each in self._sources])

    def kind_of_the_past(self) -> Kind:
        """The same columns without those that only the present can fill. Of one kind alone, those of activity stay, to
        be asked about the moment shown.
        """
        return self._union(
            [each.arranged(None if self.is_mixed else each.activities, measured=False) for each in self._sources]
        )

    def measure(self) -> bool:
        measured = [each.measure() for each in self._sources]
        return any(measured)

    def drain(self) -> tuple[set[str], set[str]]:
        """The keys that first lists bring or brought, and those that changed since, both since the last time."""
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
        for each in self._sources:
            each.close()

    def _union(self, kinds: Sequence[Kind]) -> Kind:
        return union_kind([(each.resource, kind) for each, kind in zip(self._sources, kinds, strict=True)])


def _context_cell(source: TableSource, now: float) -> Cell:
    """`prod-eu`, or `prod-eu ▲ 40 s` where what is shown was true so long ago."""
    name = printable(source.context)
    since = freshness(source.feed.status, now).stale_since
    return Cell(name) if since is None else Cell(f"{name} ▲ {ago(now - since)}", Level.WARNING)


class TableSource:
    """Owns the feed; `close` lets go of it. `kind` is how its objects are shown, replaced when `renew` says so."""

    def __init__(
        self, session: Session, context: str, resource: Resource, place: Location, columns: ColumnChoice
    ) -> None:
        self.resource = resource
        self.session = session
        self.context = context
        where = self._namespace = place.namespace if resource.namespaced else None
        # The server gets namespace and selectors of the command line. Not the filter on screen: it changes with every
        # letter, is answered from the cache at once, and what it hides is still counted, explored and kept as history.
        how = (session, resource, where, place.label_selector, place.field_selector)
        self.feed: FeedOfNamespaces | AwaitedFeed
        if place.contexts:
            self.feed = AwaitedFeed(*how, purpose="a table")
        else:
            self.feed = FeedOfNamespaces(*how, purpose="a table")
        self.problem = ""
        """What is wrong with the columns that were asked for."""
        journal, name = session.journal, str(resource)
        self.changes: JournalAccess | None = None
        self.activities: ActivitySource | None = None
        self.fading: Fading | None = None
        """The objects whose churn passes with time alone."""
        self.scope = place.alone(resource).scope
        if journal is not None:
            self.changes = journal.changes(context, name)
            activities = journal.activities(context, name)
            self.activities, self.fading = activities, Fading(activities)
        self._columns = replace(columns, added=place.columns)
        self._usage: UsageShares | None = open_usages(session.usages, session.names, resource, where)
        self._usage_version = 0
        self._has_usage = session.names is not None
        """Whether it is known if the cluster measures anything."""
        self._kind_version = self.feed.kind_version
        self.kind = self.arranged(self.activities)
        self.was_synced = self.feed.status.synced
        self.feed.follow_list()
        self.feed.drain()

    def arranged(self, activities: ActivitySource | None, *, measured: bool = True) -> Kind:
        """The kind as the server and the settings have it, with columns of how busy the objects are."""
        kind = self.feed.kind
        if self._usage is not None and self._usage.version and measured:
            kind = with_usage(kind, self.resource, self._usage)
        if activities is not None:
            kind = with_activity(kind, activities)
        try:
            return self._columns.of(self.resource, kind, self._namespace)
        except ArrangementError as error:
            self.problem = str(error)
            return error.rest or kind

    @property
    def is_out(self) -> bool:
        """Whether nothing has come of it, and nothing is on its way."""
        if isinstance(self.feed, AwaitedFeed) and not self.feed.is_open:
            return True
        status = self.feed.status
        return not status.synced and status.phase in (Phase.BACKING_OFF, Phase.STOPPED)

    @property
    def awaits_columns(self) -> bool:
        """Whether the server may still name columns of its own, or the first measurements may come."""
        usage = self._usage
        if usage is not None and not usage.version and not usage.error:
            return True
        if self.was_synced or kind_for(self.resource) is not None:
            return False
        status = self.feed.status
        return not status.synced and status.last_error is None

    @property
    def unmeasured(self) -> str:
        """Why what objects use is not measured, or no longer; empty where it is, or cannot be."""
        return self._usage.error if self._usage is not None else ""

    def renew(self) -> bool:
        """Whether there are other columns than before: the server's, or those of the first measurements."""
        if not self._has_usage and self.session.names is not None:
            self._has_usage = True
            self._usage = open_usages(self.session.usages, self.session.names, self.resource, self._namespace)
        is_first = self._usage is not None and self._usage.version > 0 and self._usage_version == 0
        if not is_first and self.feed.kind_version == self._kind_version:
            return False
        self._kind_version = self.feed.kind_version
        if self._usage is not None:
            self._usage_version = self._usage.version
        self.problem = ""
        self.kind = self.arranged(self.activities)
        return True

    def use_added(self, entries: Sequence[str]) -> None:
        self._columns = replace(self._columns, added=entries)
        self.kind = self.arranged(self.activities)

    def measure(self) -> bool:
        """Whether there are newer measurements than the last time."""
        if self._usage is None or self._usage.version == self._usage_version:
            return False
        self._usage_version = self._usage.version
        return True

    def drain(self) -> tuple[AbstractSet[str], bool]:
        """The keys that came or changed since the last time, and whether that is news, not part of a first list."""
        dirty = self.feed.drain()
        is_news = self.was_synced
        if not is_news:
            self.was_synced = self.feed.status.synced
        return dirty, is_news

    def close(self) -> None:
        self.feed.release()
        if self._usage is not None:
            self._usage.release()


_KNOWN_PATHS = {".metadata.name": "name", ".metadata.namespace": "namespace", ".metadata.creationTimestamp": "age"}


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """`configured`: a resource's name -> the entries of its arrangement. `sort_by`: as kubectl's --sort-by takes it."""

    configured: Mapping[str, Sequence[str]] = field(default_factory=dict)
    labels: Sequence[str] = ()
    show_labels: bool = False
    sort_by: str = ""
    added: Sequence[str] = ()
    """On the screen: entries as those of an arrangement; `-TITLE` takes one away."""

    def of(self, resource: Resource, kind: Kind, namespace: str | None = None) -> Kind:
        """The kind as it is to be shown; raise ArrangementError, which says what is wrong with which entry."""
        if not self.show_labels:
            kind = _with_labels(kind, only_spare=True)
        entries = for_place(self.configured, str(resource), namespace) or ()
        added = [f"{label.rpartition('/')[2]}:label:{label}" for label in self.labels]
        if self._sort_path:
            added.append(f"{self.sort_column}:{self._sort_path}")
        added += self.added
        if entries or added:
            kind = arrange(kind, entries, TITLES, added)
        return _with_labels(kind, only_spare=False) if self.show_labels else kind

    @property
    def sort_column(self) -> str:
        """The column to sort by at first; empty for none."""
        if not self._is_path:
            return self.sort_by
        path = self._path
        return _KNOWN_PATHS.get(path) or path.rpartition(".")[2].strip("[]'\"") or path

    @property
    def _is_path(self) -> bool:
        return self.sort_by.startswith((".", "{"))

    @property
    def _path(self) -> str:
        return self.sort_by.removeprefix("{").removesuffix("}")

    @property
    def _sort_path(self) -> str:
        """The path that needs a column of its own."""
        return self._path if self._is_path and self._path not in _KNOWN_PATHS else ""


def _with_labels(kind: Kind, *, only_spare: bool) -> Kind:
    """One more column: all labels, as kubectl's --show-labels writes them; or only where there is room left over."""
    place = len(kind.columns) if only_spare else next_place(kind)

    def read(obj: KubeObject) -> Values:
        values = kind.read(obj)
        return (*values[:place], obj.labels, *values[place:])

    column = Column("Labels", text=_labels_text, order=lambda labels: _labels_text(labels, 0), max_width=200)
    if only_spare:
        column = replace(column, priority=1, spare=LABELS_TURN, cut=True)
    return Kind(kind.name, (*kind.columns[:place], column, *kind.columns[place:]), read)


def _labels_text(labels: Any, now: float) -> str:
    return ",".join([f"{key}={value}" for key, value in sorted(labels.items())]) if labels else NONE
