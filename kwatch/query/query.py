"""A filter as it was understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kwatch.query.compiled import CompiledQuery
from kwatch.query.context import Context
from kwatch.query.terms.change import Change, Since
from kwatch.query.terms.term import Negated, Term


@dataclass(frozen=True, slots=True)
class Query:
    """Terms that must all hold; none of them means everything."""

    terms: tuple[Term, ...] = ()

    def compile(self, context: Context) -> CompiledQuery:
        """Make it ready for one view; raise QuerySyntaxError for a term that means nothing there."""
        return CompiledQuery(_bounded(self.terms), context)

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))


def _bounded(terms: Sequence[Term]) -> Sequence[Term]:
    """`since:` bounds the changes that are asked for; where none are, it is a term of its own."""
    within = min((term.seconds for term in terms if isinstance(term, Since)), default=None)
    if within is None or not any(map(_is_change, terms)):
        return terms
    return [_within(term, within) for term in terms if not isinstance(term, Since)]


def _is_change(term: Term) -> bool:
    return isinstance(term.term if isinstance(term, Negated) else term, Change)


def _within(term: Term, seconds: float) -> Term:
    if isinstance(term, Negated):
        return replace(term, term=_within(term.term, seconds))
    return replace(term, within=seconds) if isinstance(term, Change) else term
