"""The informers of a session: one for each thing watched, shared by its views through feeds, ended when long unused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.base.threads import spawn
from kwatch.catalog.indices import indexers_for
from kwatch.catalog.kind import Kind
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.catalog.user_columns import with_few_columns
from kwatch.informer.clock import Clock
from kwatch.informer.delta import Delta, DeltaType
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.index import IndexFunc
from kwatch.informer.indexer import Indexer
from kwatch.informer.protocol import ListerWatcher, ListOptions, Object
from kwatch.informer.resource import Resource
from kwatch.informer.shared_informer import SharedInformer
from kwatch.informer.sink import Sink
from kwatch.informer.status import InformerStatus
from kwatch.session.columns import (
    ColumnsFrom,
    KnownColumnsListerWatcher,
    ServerColumnsListerWatcher,
    TableSamples,
)
from kwatch.session.ports import Cluster, ServerColumn, Watched
from kwatch.session.sharing import Shared, Sharing
from kwatch.view.indexes_on_demand import Demand, indices_on_demand

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.journal_sink import JournalSink


SHORT_LIST = 0.3
"""Seconds; of a list that takes no longer nobody needs to know how far it is."""
RELEASE_AFTER = 60.0
"""Seconds an unused informer goes on, so that going back to a view is instant."""


def _nothing() -> None:
    pass


class InformerPool:
    """Thread-safe."""

    def __init__(
        self,
        cluster: Cluster,
        clock: Clock,
        journal: Journal | None = None,
        release_after: float = RELEASE_AFTER,
        columns: ServersColumns | None = None,
        on_news: Callable[[], object] | None = None,
    ) -> None:
        """`on_news` is called in an informer's thread when a feed that was drained has something again."""
        self._cluster = cluster
        self._on_news = on_news or _nothing
        self._journal = journal
        self._columns = columns
        self._clock = clock
        self._release_after = release_after
        self._sharing: Sharing[Watched, OpenInformer] = Sharing(clock, release_after)

    def open(self, watched: Watched, sinks: Sequence[Sink] = (), purpose: str = "a view") -> Feed:
        """A feed of `watched`; `sinks` are given to its informer if it is a new one. Raise Closed after `stop`."""
        dirty = DirtySet(self._on_news)
        shared, is_new = self._sharing.acquire(watched, lambda: self._made(watched, (*sinks, dirty)))
        if is_new:
            shared.start()
        else:
            # First the sink, then what is there already: a change in between is seen twice, never lost.
            shared.informer.add_sink(dirty)
            dirty.mark(frozenset(shared.informer.indexer.list_keys()))
            shared.ask_beside()
        shared.purposes.append(purpose)

        def release() -> None:
            shared.purposes.remove(purpose)
            self._sharing.give_up(shared)

        return Feed(shared, dirty, release)

    def hold(self, watched: Watched, purpose: str) -> OpenInformer:
        """The informer of `watched`, a new one if there is none, without a feed: nobody hears of its changes. It runs
        until `let_go`, at least. Raise Closed after `stop`.
        """
        shared, is_new = self._sharing.acquire(watched, lambda: self._made(watched, ()))
        if is_new:
            shared.start(is_shown=False)
        shared.purposes.append(purpose)
        return shared

    def let_go(self, held: OpenInformer, purpose: str) -> None:
        """It ends at once if nobody else uses it."""
        held.purposes.remove(purpose)
        self._sharing.give_up(held)
        unused = self._sharing.take_unused(held.watched)
        if unused is not None:
            unused.stop(timeout=1.0)

    def served_columns(self, resource: Resource) -> tuple[ServerColumn, ...]:
        return self._columns.samples.known(resource) if self._columns is not None else ()

    def running(self) -> tuple[OpenInformer, ...]:
        """Every informer, idle ones included."""
        return self._sharing.all()

    def stop_idle(self) -> tuple[Watched, ...]:
        """End the informers that were unused for long enough, and return which."""
        idle = self._sharing.take_idle()
        for each in idle.values():
            each.stop(timeout=1.0)
        return tuple(idle)

    def _made(self, watched: Watched, sinks: Sequence[Sink]) -> OpenInformer:
        return OpenInformer(
            self._cluster, watched, sinks, self._clock, self._journal, self._columns, self._release_after
        )

    def drop_unused_indices(self) -> None:
        now = self._clock.monotonic()
        for each in self.running():
            indices_on_demand(each.informer.indexer).drop_unused(now)

    def stop(self, timeout: float = 1.0) -> tuple[str, ...]:
        """End all, together; the names of threads that did not end in `timeout` seconds."""
        ended = self._sharing.close()
        deadline = self._clock.monotonic() + timeout
        for each in ended:
            each.informer.cancel()
        alive: list[str] = []
        for each in ended:
            alive += each.stop(timeout=max(0.0, deadline - self._clock.monotonic()))
        return tuple(alive)


class Feed:
    """Safe to use on the UI thread: nothing here blocks."""

    def __init__(self, open_informer: OpenInformer, dirty: DirtySet, on_release: Callable[[], None]) -> None:
        self.watched: Watched = open_informer.watched
        self.resource: Resource = open_informer.watched.resource
        self.informer: SharedInformer = open_informer.informer
        self.indexer: Indexer = open_informer.informer.indexer
        self.objects = ArrivingObjects(open_informer.informer)
        """The cache; before the first list is in it, what has come of that."""
        self._open = open_informer
        self._dirty = dirty
        self._on_release = on_release
        self._released = False

    @property
    def kind(self) -> Kind:
        """How its objects look; replaced by a better one when the server's columns are known."""
        return self._open.kind

    @property
    def kind_version(self) -> int:
        return self._open.kind_version

    @property
    def status(self) -> InformerStatus:
        return self.informer.status

    def drain(self) -> frozenset[str]:
        """The keys that changed since the last drain; the first one brings every key in the cache."""
        return self._dirty.drain()

    def follow_list(self) -> None:
        """Let `drain` tell also what the first list brings into `objects`, as it comes."""
        # First the listener, then what is there already: what comes in between is seen twice, never lost.
        self.informer.arriving.listen(self._dirty.mark)
        self._dirty.mark(frozenset(self.objects.list_keys()))

    def release(self) -> None:
        """Let go; the informer ends some time after its last feed did. Idempotent."""
        if not self._released:
            self._released = True
            self.informer.remove_sink(self._dirty)
            self.informer.arriving.forget(self._dirty.mark)
            self._on_release()


class ArrivingObjects:
    """An informer's cache for who shows it; before the first list is in it, what that has brought so far.

    A source with indexes, as a cache is.
    """

    def __init__(self, informer: SharedInformer) -> None:
        self._arriving = informer.arriving
        self._cache = informer.indexer

    def __len__(self) -> int:
        return len(self._arriving.indexer)

    @property
    def index_names(self) -> Sequence[str]:
        return self._arriving.indexer.index_names

    def list_keys(self) -> Sequence[str]:
        return self._arriving.indexer.list_keys()

    def get_by_key(self, key: str) -> Object | None:
        return self._arriving.indexer.get_by_key(key)

    def index_key_set(self, name: str, values: Iterable[str]) -> set[str]:
        return self._arriving.indexer.index_key_set(name, values)

    def index_counts(self, name: str) -> Mapping[str, int]:
        return self._arriving.indexer.index_counts(name)

    def demand(self, indexers: Mapping[str, IndexFunc]) -> Demand:
        """Want indices of the cache, which are then kept of what arrives, too."""
        return indices_on_demand(self._cache).demand(indexers)


@dataclass(frozen=True, slots=True)
class ServersColumns:
    """Where the columns of known kinds come from, and what is known of the server: its minor version, perhaps."""

    source: ColumnsFrom
    samples: TableSamples
    minor: int | None = None


class OpenInformer(Shared):
    """Counts its users; the pool ends it when there have been none for a while.

    `journal` None keeps no history.
    """

    def __init__(
        self,
        cluster: Cluster,
        watched: Watched,
        sinks: Sequence[Sink],
        clock: Clock,
        journal: Journal | None = None,
        columns: ServersColumns | None = None,
        release_after: float = RELEASE_AFTER,
    ) -> None:
        self.watched = watched
        self._release_after = release_after
        self.purposes: list[str] = []
        """What its users want it for; one may be there twice."""
        self.kind_version = 0
        self._was_asked = False
        known = kind_for(watched.resource, columns.minor if columns is not None else None)
        self.kind: Kind = known or generic_kind(watched.resource)
        self._known_columns: KnownColumnsListerWatcher | None = None
        # A selector's objects are not counted by any server.
        self._shows_progress = (columns is None or columns.source is ColumnsFrom.SERVER) and not (
            watched.label_selector or watched.field_selector or not watched.is_whole
        )
        self._all_columns = columns is None or columns.source is not ColumnsFrom.SERVER
        lister_watcher: ListerWatcher
        where = (watched.namespace, watched.label_selector, watched.field_selector)
        if not watched.is_whole:
            lister_watcher = cluster.lister_watcher(watched.resource, *where, watched.form)
        elif known is not None and columns is not None and columns.source is not ColumnsFrom.CATALOGUE:
            first = columns.source is ColumnsFrom.SERVER_FIRST
            lister_watcher = known_columns = KnownColumnsListerWatcher(
                cluster, watched, known, columns.samples, self._take_kind, first=first
            )
            self._known_columns = None if first else known_columns
        elif known is not None:
            lister_watcher = cluster.lister_watcher(watched.resource, *where)
        else:
            lister_watcher = ServerColumnsListerWatcher(cluster, watched, self._take_kind, clock)
        self._lister_watcher = lister_watcher
        self._clock = clock
        self._journal_sink = _journal_sink(journal, cluster.context, watched)
        if self._journal_sink is not None:
            sinks = (self._journal_sink, *sinks)
        self.informer = SharedInformer(
            lister_watcher,
            indexers=indexers_for(watched.resource),
            sinks=sinks,
            clock=clock,
            # Metadata comes under a kind of its own, or as whole objects from a server that knows no other form.
            expected_type=None if watched.metadata_only else (watched.resource.api_version, watched.resource.kind),
            name=str(watched.resource),
        )

    @property
    def released_in(self) -> float | None:
        """Seconds until it ends because nobody uses it; None while somebody does."""
        idle_since = self.idle_since
        return None if idle_since is None else max(0.0, idle_since + self._release_after - self._clock.monotonic())

    @property
    def keeps_history(self) -> bool:
        return self._journal_sink is not None

    def start(self, *, is_shown: bool = True) -> None:
        """Raise Closed if it was stopped before. Where it is not shown, no columns are asked for until it is."""
        if self._journal_sink is not None:
            self.informer.synced.on_set(self._report_existing)
        try:
            self.informer.start()
        except RuntimeError as error:
            raise Closed("the session has ended") from error
        if is_shown:
            self.ask_beside()

    def stop(self, timeout: float) -> tuple[str, ...]:
        """End it; the names of threads that outlive `timeout` seconds. History records the end."""
        lost_since = self.informer.status.disconnected_since if self.informer.has_synced() else None
        alive = self.informer.stop(timeout)
        if self._journal_sink is not None:
            self._journal_sink.close(lost_since)
        return tuple(alive)

    def ask_beside(self) -> None:
        """Once, in a thread of its own: see _ask_beside."""
        if not self._was_asked and (self._known_columns is not None or self._shows_progress):
            self._was_asked = True
            spawn(f"kwatch-columns {self.watched.resource}", self._ask_beside)

    def _ask_beside(self) -> None:
        """The server's columns, and how many objects there are, in a thread that ends with its requests: the list waits
        for neither.
        """
        known_columns, total = self._known_columns, None
        try:
            if known_columns is not None:
                if known_columns.learn():
                    self.informer.refresh("columns")
                total = known_columns.total
            if total is None and self._shows_progress and not self._clock.wait(self.informer.settled, SHORT_LIST):
                page = self._lister_watcher.list(ListOptions(limit=1))
                if page.remaining_item_count is not None:
                    total = len(page.items or ()) + page.remaining_item_count
        except (ApiError, Closed):
            return  # nobody looks any more, or the list itself says what is wrong
        if total is not None and self._shows_progress:
            self.informer.expect(total)

    def _report_existing(self) -> None:
        assert self._journal_sink is not None
        self._journal_sink.on_synced(frozenset(self.informer.indexer.list_keys()))

    def _take_kind(self, kind: Kind) -> None:
        # In the reflector's thread: the version moves last, so that who sees it also sees the kind.
        self.kind = kind if self._all_columns else with_few_columns(kind)
        self.kind_version += 1


def _journal_sink(journal: Journal | None, context: str, watched: Watched) -> JournalSink | None:
    # Without the rest of an object history would tell of changes that nobody made.
    if journal is None or watched.metadata_only:
        return None
    where = (watched.namespace, watched.label_selector, watched.field_selector)
    return journal.sink(context, str(watched.resource), *where, digests=watched.digested)


class DirtySet:
    """Filled in the informer's thread, drained by the screen.

    No lock: one set lives as long as the DirtySet, `add` and `pop` on it are atomic, so that a key is either drained
    now or the next time, and never lost.
    """

    def __init__(self, on_news: Callable[[], object] = _nothing) -> None:
        """`on_news` is called when there is something again, in the thread that says so, or the one that drains."""
        self._keys: set[str] = set()
        self._on_news = on_news

    def on_delta(self, key: str, delta: Delta, old: Object | None) -> None:
        """Remember whose row must be looked at again."""
        if delta.type is not DeltaType.SYNC:
            self._keys.add(key)
            if len(self._keys) == 1:
                self._on_news()

    def on_gap(self, since: float, until: float, cause: str) -> None:
        """A gap changes no row: the relist that ends it brings what changed as deltas."""

    def mark(self, keys: set[str] | frozenset[str]) -> None:
        """Count these as changed too, e.g. all that were there before this set was."""
        self._keys.update(keys)
        self._on_news()

    def drain(self) -> frozenset[str]:
        """Take what has gathered; keys that come meanwhile stay for the next time."""
        pop = self._keys.pop
        drained = frozenset([pop() for _ in range(len(self._keys))])
        if self._keys:
            self._on_news()  # what came meanwhile did not find it empty
        return drained

    def __len__(self) -> int:
        return len(self._keys)
