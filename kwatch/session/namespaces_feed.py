"""One resource in the namespaces that are meant, as one feed: in one, several or all of them. Where it may not be
listed across all of them it is watched in each that is known.

No two namespaces share a key, so that the keys are those of the objects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kwatch.base.namespaces import MOST_NAMESPACES, Asked, asked_of_server, holds, is_everywhere
from kwatch.informer.errors import Closed
from kwatch.informer.index import IndexFunc
from kwatch.informer.protocol import Object
from kwatch.informer.resource import Resource
from kwatch.informer.status import InformerStatus, Phase
from kwatch.query.context import IndexAccess
from kwatch.view.freshness import hindrance, is_missing, merged_status, worst_of
from kwatch.view.indexes_on_demand import Demand, demand_indices

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from kwatch.catalog.kind import Kind
    from kwatch.session.informer_pool import Feed
    from kwatch.session.session import Session


class FeedOfNamespaces:
    """Used on the UI thread, as a Feed is."""

    def __init__(
        self,
        session: Session,
        resource: Resource,
        namespace: str | None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        *,
        purpose: str = "a view",
        metadata_only: bool = False,
    ) -> None:
        """Raise Closed when the session is not connected, or not any more."""
        self.resource = resource
        self._session = session
        self._namespace = namespace if resource.namespaced else None
        self._selectors = (label_selector, field_selector)
        self._purpose = purpose
        self._metadata_only = metadata_only
        self._follows = False
        self._everywhere: Feed | None = None
        """The one that was refused, if it was: it goes on asking."""
        self._feeds: dict[str | None, Feed] = {}
        self._gone: frozenset[str] = frozenset()
        """Keys of what is watched otherwise since the last drain."""
        self.objects = UnitedSource()
        for asked in asked_of_server(self._namespace, field_selector):
            self._open(asked)
        self._show()

    @property
    def kind(self) -> Kind:
        """How its objects look, by what the first of the feeds has learnt that knows more than the catalogue."""
        return self._first.kind

    @property
    def kind_version(self) -> int:
        return self._first.kind_version

    @property
    def status(self) -> InformerStatus:
        """That of the worst that there is anything of; what is refused is `left_out`."""
        return merged_status([feed.status for feed in self._feeds.values()])

    @property
    def whose(self) -> str:
        """The namespace that is worst off, where not all are alike; empty if they are."""
        statuses = [feed.status for feed in self._feeds.values()]
        phases = {status.phase for status in statuses if not is_missing(status)}
        return [*self._feeds][worst_of(statuses)] or "" if len(phases) > 1 else ""

    @property
    def left_out(self) -> Mapping[str, str]:
        """Namespaces of which nothing is shown -> why, in a few words."""
        if len(self._feeds) < 2:
            return {}
        found = {name: hindrance(feed.status) for name, feed in self._feeds.items() if name is not None}
        found |= dict.fromkeys(self._unwatched(), "too many to be watched one by one")
        return {name: why for name, why in found.items() if why}

    def of(self, key: str) -> Feed:
        """The one that an object comes from."""
        return self._feeds.get(key.rpartition("/")[0]) or self._first

    def drain(self) -> AbstractSet[str]:
        """The keys that changed since the last drain; the first one brings every key that is there."""
        self._look_elsewhere()
        gone, self._gone = self._gone, frozenset()
        if len(self._feeds) == 1:
            return self._first.drain() | gone
        return {key for feed in self._feeds.values() for key in feed.drain()} | gone

    def follow_list(self) -> None:
        """Let `drain` tell also what first lists bring, as it comes."""
        self._follows = True
        for feed in self._feeds.values():
            feed.follow_list()

    def release(self) -> None:
        for feed in (*self._feeds.values(), self._everywhere):
            if feed is not None:
                feed.release()

    @property
    def _first(self) -> Feed:
        feeds = self._feeds.values()
        return next((feed for feed in feeds if feed.kind_version), next(iter(feeds)))

    def _open(self, asked: Asked) -> None:
        feed = self._session.open(
            self.resource,
            asked.namespace,
            self._selectors[0],
            asked.fields,
            purpose=self._purpose,
            metadata_only=self._metadata_only,
        )
        self._feeds[asked.namespace] = feed
        if self._follows:
            feed.follow_list()

    def _show(self) -> None:
        self.objects.use({name: feed.objects for name, feed in self._feeds.items()})

    def _look_elsewhere(self) -> None:
        """What may not be listed across all namespaces is watched in those that are known; once it may be, there."""
        if not self.resource.namespaced or not is_everywhere(self._namespace):
            return
        if self._everywhere is not None:
            if self._everywhere.status.synced:
                self._return_to_everywhere(self._everywhere)
            else:
                self._open_known()
        elif (status := self._first.status).phase is Phase.FORBIDDEN and not status.synced and any(self._unwatched()):
            refused = self._feeds.pop(None)
            self._open_known()
            if self._feeds:
                self._everywhere = refused
            else:
                self._feeds[None] = refused

    def _open_known(self) -> None:
        """A feed of each namespace that has none."""
        count = len(self._feeds)
        for name in self._unwatched():
            if len(self._feeds) >= MOST_NAMESPACES:
                break
            try:
                self._open(Asked(name, self._selectors[1]))
            except Closed:
                break
        if len(self._feeds) > count:
            self._show()

    def _unwatched(self) -> Iterator[str]:
        """Namespaces that are known and meant, where each has a feed of its own, and that have none."""
        if self.resource.namespaced and is_everywhere(self._namespace):
            for name, _ in self._session.namespaces.known():
                if name not in self._feeds and holds(self._namespace, name):
                    yield name

    def _return_to_everywhere(self, feed: Feed) -> None:
        self._gone = frozenset(self.objects.list_keys())
        before, self._feeds, self._everywhere = self._feeds, {None: feed}, None
        self._show()
        for each in before.values():
            each.release()


class UnitedSource:
    """A Source with indexes, of parts by their namespaces; None is all of them. They are replaced on the UI thread
    while others read. Nothing is copied.
    """

    def __init__(self) -> None:
        self._parts: Mapping[str | None, IndexAccess] = {}
        self._wanted: dict[str, IndexFunc] = {}
        """Every index that was ever asked for: what comes later has it, too."""

    def use(self, parts: Mapping[str | None, IndexAccess]) -> None:
        """These from now on: at least one, and where there are several each of one namespace."""
        for namespace, part in parts.items():
            if self._wanted and part is not self._parts.get(namespace):
                demand_indices(part, self._wanted).make()
        self._parts = dict(parts)

    def __len__(self) -> int:
        return sum(len(each.list_keys()) for each in self._parts.values())

    @property
    def index_names(self) -> Sequence[str]:
        """Those that every part keeps."""
        parts = [*self._parts.values()]
        if len(parts) == 1:
            return parts[0].index_names
        return [name for name in parts[0].index_names if all(name in part.index_names for part in parts[1:])]

    def list_keys(self) -> Sequence[str]:
        parts = [*self._parts.values()]
        if len(parts) == 1:
            return parts[0].list_keys()
        return [key for part in parts for key in part.list_keys()]

    def get_by_key(self, key: str) -> Object | None:
        parts = self._parts
        part = parts[None] if None in parts else parts.get(key.rpartition("/")[0])
        return part.get_by_key(key) if part is not None else None

    def index_key_set(self, name: str, values: Sequence[str]) -> set[str]:
        """Raise KeyError for an index that does not answer for all."""
        first, *others = self._parts.values()
        found = first.index_key_set(name, values)
        return found.union(*[part.index_key_set(name, values) for part in others]) if others else found

    def index_counts(self, name: str) -> Mapping[str, int]:
        """Raise KeyError for an index that does not answer for all."""
        first, *others = self._parts.values()
        if not others:
            return first.index_counts(name)
        sums = Counter(first.index_counts(name))
        for part in others:
            sums.update(part.index_counts(name))
        return sums

    def demand(self, indexers: Mapping[str, IndexFunc]) -> Demand:
        """Want indices of each part."""
        self._wanted |= indexers
        demands = [demand_indices(part, indexers) for part in self._parts.values()]
        return Demand([each for demand in demands for each in demand.parts])
