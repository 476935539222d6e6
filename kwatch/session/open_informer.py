"""One informer that runs in a session, with how its objects look."""

from __future__ import annotations

from kwatch.catalog.indices import indexers_for
from kwatch.catalog.kind import Kind
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.informer.clock import Clock
from kwatch.informer.protocol import ListerWatcher
from kwatch.informer.shared_informer import SharedInformer
from kwatch.informer.sink import Sink
from kwatch.session.columns import ServerColumnsListerWatcher
from kwatch.session.ports import Cluster
from kwatch.session.watched import Watched


class OpenInformer:
    """Counts its users; the pool ends it when there have been none for a while."""

    def __init__(self, cluster: Cluster, watched: Watched, sinks: tuple[Sink, ...], clock: Clock) -> None:
        self.watched = watched
        self.users = 0
        self.idle_since: float | None = None
        self.kind_version = 0
        known = kind_for(watched.resource)
        self.kind: Kind = known or generic_kind(watched.resource)
        lister_watcher: ListerWatcher
        if known is not None:
            lister_watcher = cluster.lister_watcher(
                watched.resource, watched.namespace, watched.label_selector, watched.field_selector
            )
        else:
            lister_watcher = ServerColumnsListerWatcher(cluster, watched, self._take_kind)
        self.informer = SharedInformer(
            lister_watcher,
            indexers=indexers_for(watched.resource),
            sinks=sinks,
            clock=clock,
            expected_type=(watched.resource.api_version, watched.resource.kind),
            name=str(watched.resource),
        )

    def _take_kind(self, kind: Kind) -> None:
        # In the reflector's thread: the version moves last, so that who sees it also sees the kind.
        self.kind = kind
        self.kind_version += 1
