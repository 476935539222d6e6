"""The events about one object, out of a cache of all events of its namespace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kwatch.catalog.indices import INVOLVED_OBJECT_INDEX
from kwatch.catalog.indices.involved_object import involved_object_index
from kwatch.informer.indexer import Indexer
from kwatch.informer.protocol import Object

if TYPE_CHECKING:
    from kwatch.tui.features.time_travel.past_index import PastIndex


class EventsAbout:
    """A source for a projection, answered by the index of involved objects."""

    def __init__(self, indexer: Indexer | PastIndex, kind: str, namespace: str, name: str) -> None:
        self._indexer = indexer
        self._about = f"{kind}/{namespace}/{name}"

    def list_keys(self) -> Sequence[str]:
        """The keys of the events about it."""
        return self._indexer.index_keys(INVOLVED_OBJECT_INDEX, self._about)

    def get_by_key(self, key: str) -> Object | None:
        """An event, if it is about it."""
        event = self._indexer.get_by_key(key)
        return event if event is not None and self._about in involved_object_index(event) else None
