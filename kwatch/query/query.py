"""A filter as it was understood."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.catalog.kind import Kind
from kwatch.informer.clock import Clock
from kwatch.informer.resource import Resource
from kwatch.query.access import IndexAccess, JournalAccess, RowStates
from kwatch.query.compiled import CompiledQuery
from kwatch.query.context import Context
from kwatch.query.terms.term import Term


@dataclass(frozen=True, slots=True)
class Query:
    """Terms that must all hold; none of them means everything."""

    terms: tuple[Term, ...] = ()

    def compile(
        self,
        kind: Kind,
        resource: Resource | None,
        *,
        index: IndexAccess,
        clock: Clock,
        journal: JournalAccess | None = None,
        states: RowStates | None = None,
    ) -> CompiledQuery:
        """Make it ready for one view; raise QuerySyntaxError for a term that means nothing there."""
        return CompiledQuery(self.terms, Context(kind, resource, index, clock, journal, states))

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))
