"""One resource in the namespaces that are meant, as one feed: in one, several or all of them. Where it may not be
listed across all of them it is watched in each that is known.

No two namespaces share a key, so that the keys are those of the objects. And the same of a cluster that may not be
connected yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kwatch.base.namespaces import MOST_NAMESPACES, Asked, asked_of_server, holds, is_everywhere
from kwatch.catalog.indices import indexers_for
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.informer.errors import Closed
from kwatch.informer.resource import Resource
from kwatch.informer.status import ErrorRecord, InformerStatus, Phase
from kwatch.session.state import ConnectionPhase, SessionState
from kwatch.view.freshness import hindrance, is_missing, merged_status, worst_of
from kwatch.view.united import UnitedSource

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from kwatch.catalog.kind import Kind
    from kwatch.session.informer_pool import Feed
    from kwatch.session.session import Session


class FeedOfNamespaces:
    """Used by one thread, as a Feed is."""

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
        objects: UnitedSource | None = None,
        most: int = MOST_NAMESPACES,
    ) -> None:
        """`objects` is the source to be filled; `most` namespaces are watched one by one where that must be. Raise
        Closed when the session is not connected, or not any more.
        """
        self.resource = resource
        self._session = session
        self._namespace = namespace if resource.namespaced else None
        self._selectors = (label_selector, field_selector)
        self._purpose = purpose
        self._metadata_only = metadata_only
        self._most = most
        self._follows = False
        self._everywhere: Feed | None = None
        """The one that was refused, if it was: it goes on asking."""
        self._feeds: dict[str | None, Feed] = {}
        self._gone: frozenset[str] = frozenset()
        """Keys of what is watched otherwise since the last drain."""
        self.objects = objects if objects is not None else UnitedSource()
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
        """The status of the worst feed that has anything; what is refused is `left_out`."""
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

    @property
    def seen_in(self) -> Sequence[str]:
        """The namespaces that it is watched in one by one, because it may not be across all; those that can be had."""
        there = {
            name: feed for name, feed in self._feeds.items() if self._everywhere is not None and feed.status.synced
        }
        return sorted(name for name in there if name is not None)

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
        self.objects.release()
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
            if len(self._feeds) >= self._most:
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


class AwaitedFeed:
    """Used by one thread, as a FeedOfNamespaces is; `drain` looks whether it can begin. `is_open` says whether it
    has, and by which of the server's resources.
    """

    def __init__(
        self,
        session: Session,
        resource: Resource,
        namespace: str | None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        *,
        purpose: str = "a view",
    ) -> None:
        self.resource = resource
        """As another server has it, until this one says how."""
        self.objects = UnitedSource([*indexers_for(resource)])
        self._session = session
        self._where = (namespace, label_selector, field_selector)
        self._purpose = purpose
        self._follows = self._is_released = False
        self._feed: FeedOfNamespaces | None = None
        self._lacks = False
        """Whether the server has no such resource."""
        self._begin()

    @property
    def is_open(self) -> bool:
        return self._feed is not None

    @property
    def kind(self) -> Kind:
        if self._feed is not None:
            return self._feed.kind
        return kind_for(self.resource) or generic_kind(self.resource)

    @property
    def kind_version(self) -> int:
        """Another one as soon as it is open."""
        return self._feed.kind_version + 1 if self._feed is not None else 0

    @property
    def status(self) -> InformerStatus:
        if self._feed is not None:
            return self._feed.status
        if self._lacks:
            what = f"the server does not have {self.resource}"
            return InformerStatus(phase=Phase.GONE, last_error=ErrorRecord(0.0, "list", what, 404))
        return status_of(self._session.state)

    @property
    def whose(self) -> str:
        return self._feed.whose if self._feed is not None else ""

    @property
    def left_out(self) -> Mapping[str, str]:
        return self._feed.left_out if self._feed is not None else {}

    def of(self, key: str) -> Feed | None:
        """The one that an object comes from; None while there is none."""
        return self._feed.of(key) if self._feed is not None else None

    def drain(self) -> AbstractSet[str]:
        if self._feed is None:
            self._begin()
        return self._feed.drain() if self._feed is not None else frozenset()

    def follow_list(self) -> None:
        self._follows = True
        if self._feed is not None:
            self._feed.follow_list()

    def release(self) -> None:
        self._is_released = True
        if self._feed is not None:
            self._feed.release()

    def _begin(self) -> None:
        session = self._session
        if self._is_released or session.state.phase is not ConnectionPhase.CONNECTED or session.names is None:
            return
        found = session.names.watched(str(self.resource))
        self._lacks = found is None
        if found is None:
            return
        namespace, labels, fields = self._where
        try:
            feed = FeedOfNamespaces(
                session, found, namespace, labels, fields, purpose=self._purpose, objects=self.objects
            )
        except Closed:
            return
        self.resource = found
        self._feed = feed
        if self._follows:
            feed.follow_list()


def status_of(state: SessionState) -> InformerStatus:
    """What a session says of its connection, as an informer would."""
    if state.phase is ConnectionPhase.FAILED:
        error = ErrorRecord(0.0, "connect", state.message)
        return InformerStatus(phase=Phase.BACKING_OFF, last_error=error, next_retry_at=state.retry_at)
    return InformerStatus(phase=Phase.STOPPED if state.phase is ConnectionPhase.CLOSED else Phase.STARTING)
