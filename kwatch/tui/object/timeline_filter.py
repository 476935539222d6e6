"""The filter language over a timeline: text is searched in what a row shows, the rest asks the object."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kwatch.catalog.kind import Kind
from kwatch.history.relatives import Kin
from kwatch.history.timeline_entry import TimelineEntry
from kwatch.informer.clock import Clock
from kwatch.informer.keys import split_key
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.query import Query
from kwatch.view.delta_filter import DeltaFilter, LoggedDelta
from kwatch.view.timeline import Told, object_words, relation_words

if TYPE_CHECKING:
    from kwatch.history.journal import Journal


class TimelineFilter:
    """Used by one thread."""

    def __init__(
        self, query: Query, journal: Journal, kind_of: Callable[[str], tuple[Kind, Resource] | None], clock: Clock
    ) -> None:
        self._journal = journal
        self._filter = DeltaFilter(query, kind_of, clock)

    @property
    def complaint(self) -> str:
        """Why the filter means nothing; empty where it does mean something."""
        return self._filter.complaint.message if self._filter.complaint is not None else ""

    def accepts(self, entry: TimelineEntry, told: Told) -> bool:
        """Whether every term holds; gaps and beginnings are about no object, and match nothing."""
        if entry.kin is None:
            return False
        obj = self._object(entry, entry.kin)
        if obj is None:
            return False
        text = " ".join((relation_words(entry), object_words(entry.kin), told.type, told.who, told.words))
        deleted = entry.version is not None and entry.version.deleted
        return self._filter.matches(
            LoggedDelta(entry.kin.resource, entry.kin.key, obj, text, entry.at, told.changes, deleted)
        )

    def _object(self, entry: TimelineEntry, kin: Kin) -> KubeObject | None:
        """The object then; of what is only proved no more than its name is known."""
        if entry.version is None:
            namespace, name = split_key(kin.key)
            return KubeObject.of({"metadata": {"name": name, "namespace": namespace, "uid": kin.uid}})
        try:
            return self._journal.object_of(entry.version)
        except KeyError:
            return None
