"""One object on a screen: where it is watched, and how it is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource

if TYPE_CHECKING:
    from kwatch.session.feed import Feed
    from kwatch.session.session import Session


@dataclass(frozen=True, slots=True)
class Subject:
    """`key` is namespace/name, or the name alone."""

    session: Session
    feed: Feed
    key: str

    @property
    def resource(self) -> Resource:
        """What kind of thing it is."""
        return self.feed.resource

    @property
    def object(self) -> KubeObject | None:
        """As it is in the cache; None when it is gone."""
        found = self.feed.indexer.get_by_key(self.key)
        return found if isinstance(found, KubeObject) else None

    @property
    def namespace(self) -> str:
        """Empty for what has none."""
        return self.key.rpartition("/")[0]

    @property
    def name(self) -> str:
        """The name alone."""
        return self.key.rpartition("/")[2]
