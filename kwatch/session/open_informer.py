"""One informer that runs in a session, with how its objects look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.base.threads import spawn
from kwatch.catalog.arrangement import with_few_columns
from kwatch.catalog.indices import indexers_for
from kwatch.catalog.kind import Kind
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.informer.clock import Clock
from kwatch.informer.errors import Closed
from kwatch.informer.protocol import ListerWatcher
from kwatch.informer.shared_informer import SharedInformer
from kwatch.informer.sink import Sink
from kwatch.session.columns import (
    ColumnsFrom,
    KnownColumnsListerWatcher,
    ServerColumnsListerWatcher,
    TableSamples,
)
from kwatch.session.ports import Cluster
from kwatch.session.watched import Watched

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.journal_sink import JournalSink


@dataclass(frozen=True, slots=True)
class ServersColumns:
    """Where the columns of known kinds come from, and what is known of the server: its minor version, perhaps."""

    source: ColumnsFrom
    samples: TableSamples
    minor: int | None = None


class OpenInformer:
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
    ) -> None:
        self.watched = watched
        self.users = 0
        self.idle_since: float | None = None
        self.kind_version = 0
        known = kind_for(watched.resource, columns.minor if columns is not None else None)
        self.kind: Kind = known or generic_kind(watched.resource)
        self._learn: Callable[[], bool] | None = None
        self._all_columns = columns is None or columns.source is not ColumnsFrom.SERVER
        lister_watcher: ListerWatcher
        if known is not None and columns is not None and columns.source is not ColumnsFrom.CATALOGUE:
            first = columns.source is ColumnsFrom.SERVER_FIRST
            lister_watcher = own = KnownColumnsListerWatcher(
                cluster, watched, known, columns.samples, self._take_kind, first=first
            )
            self._learn = None if first else own.learn
        elif known is not None:
            lister_watcher = cluster.lister_watcher(
                watched.resource, watched.namespace, watched.label_selector, watched.field_selector
            )
        else:
            lister_watcher = ServerColumnsListerWatcher(cluster, watched, self._take_kind, clock)
        self._journal_sink = _journal_sink(journal, cluster.context, watched)
        if self._journal_sink is not None:
            sinks = (self._journal_sink, *sinks)
        self.informer = SharedInformer(
            lister_watcher,
            indexers=indexers_for(watched.resource),
            sinks=sinks,
            clock=clock,
            expected_type=(watched.resource.api_version, watched.resource.kind),
            count_first=True,
            name=str(watched.resource),
        )

    def start(self) -> None:
        """Begin to watch; raise Closed if it was stopped before."""
        if self._journal_sink is not None:
            self.informer.synced.on_set(self._tell_what_lives)
        try:
            self.informer.start()
        except RuntimeError as error:
            raise Closed("the session has ended") from error
        if self._learn is not None:
            spawn(f"kwatch-columns {self.watched.resource}", self._look_at_columns)

    def stop(self, timeout: float) -> tuple[str, ...]:
        """End it; the names of threads that outlive `timeout` seconds. History then knows that nobody watches."""
        lost_since = self.informer.status.disconnected_since if self.informer.has_synced() else None
        alive = self.informer.stop(timeout)
        if self._journal_sink is not None:
            self._journal_sink.close(lost_since)
        return tuple(alive)

    def _look_at_columns(self) -> None:
        """In a thread of its own, which ends with its request."""
        assert self._learn is not None
        try:
            if self._learn():
                self.informer.refresh("columns")
        except Closed:
            pass  # nobody looks any more

    def _tell_what_lives(self) -> None:
        assert self._journal_sink is not None
        self._journal_sink.on_synced(frozenset(self.informer.indexer.list_keys()))

    def _take_kind(self, kind: Kind) -> None:
        # In the reflector's thread: the version moves last, so that who sees it also sees the kind.
        self.kind = kind if self._all_columns else with_few_columns(kind)
        self.kind_version += 1


def _journal_sink(journal: Journal | None, context: str, watched: Watched) -> JournalSink | None:
    if journal is None:
        return None
    where = (watched.namespace, watched.label_selector, watched.field_selector)
    return journal.sink(context, str(watched.resource), *where)
