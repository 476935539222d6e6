"""The owners of a view's objects, watched for as long as a filter or a facet asks for them."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from kwatch.catalog.names import UnknownResource
from kwatch.informer.errors import Closed
from kwatch.informer.resource import Resource
from kwatch.query.access import IndexAccess
from kwatch.session.watched import Watched
from kwatch.view.freshness import obstacle

if TYPE_CHECKING:
    from kwatch.session.feed import Feed
    from kwatch.session.session import Session


class OwnerFeeds:
    """Opens the feed of a kind of owners: where the view watches, unless it is watched everywhere already."""

    def __init__(self, session: Session, namespace: str | None) -> None:
        self._session = session
        self._namespace = namespace

    def __call__(self, api_version: str, kind: str) -> OwnerFeed | None:
        """None for a kind that the server does not offer, or when the session has ended."""
        resource = self._resource(api_version.rpartition("/")[0], kind)
        if resource is None:
            return None
        running = {each.watched for each in self._session.informers()}
        namespace = None if Watched(resource) in running else self._namespace
        try:
            return OwnerFeed(self._session.open(resource, namespace if resource.namespaced else None))
        except Closed:
            return None

    def _resource(self, group: str, kind: str) -> Resource | None:
        names = self._session.names
        if names is None:
            return None
        try:
            found = names.resolve(f"{kind}.{group}" if group else kind)
        except UnknownResource:
            return None
        return next((each for each in found if each.watchable and each.group == group), None)


class OwnerFeed:
    """A feed as an OwnerResolver needs it."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    @property
    def index(self) -> IndexAccess:
        """The cache."""
        return self._feed.indexer

    @property
    def is_complete(self) -> bool:
        """Whether its first list is there."""
        return self._feed.status.synced

    @property
    def complaint(self) -> str:
        """Why it is not, if something is in the way."""
        return obstacle(self._feed.status)

    def drain(self) -> AbstractSet[str]:
        """The keys that changed since the last time."""
        return self._feed.drain()

    def release(self) -> None:
        """Let go of it."""
        self._feed.release()
