"""What a query is compiled against."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.catalog.kind import Kind
from kwatch.informer.clock import Clock
from kwatch.informer.resource import Resource
from kwatch.query.access import IndexAccess, JournalAccess, RowStates
from kwatch.query.index_names import BUILT_IN, IndexNames
from kwatch.query.owners import NAMES_ONLY, OwnerAccess


@dataclass(frozen=True, slots=True)
class Context:
    """The view a query filters. Its resource may be unknown (None), or one of several: then `others` are the rest, and
    keys tell of which an object is. Without a journal nothing is remembered.
    """

    kind: Kind
    resource: Resource | None
    index: IndexAccess
    clock: Clock
    journal: JournalAccess | None = None
    states: RowStates | None = None
    others: tuple[Resource, ...] = ()
    names: IndexNames = BUILT_IN
    owners: OwnerAccess = NAMES_ONLY

    @property
    def resources(self) -> tuple[Resource, ...]:
        """All that are known."""
        return (self.resource, *self.others) if self.resource is not None else ()
