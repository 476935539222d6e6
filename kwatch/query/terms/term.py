"""What all terms have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from kwatch.query.context import Context
from kwatch.query.matcher import Matcher, Not


@dataclass(frozen=True, slots=True)
class Span:
    """Where a term stands in the text."""

    start: int = 0
    end: int = 0


@dataclass(frozen=True, kw_only=True)
class Term(ABC):
    """One condition. `str` writes it so that parsing gives an equal term; the place does not count."""

    span: Span = field(default=Span(), compare=False, repr=False)

    @abstractmethod
    def compile(self, context: Context) -> Matcher:
        """Make it ready for one view; raise QuerySyntaxError if it means nothing there."""

    @abstractmethod
    def __str__(self) -> str: ...


@dataclass(frozen=True)
class Negated(Term):
    """`!term`."""

    term: Term

    def compile(self, context: Context) -> Matcher:
        """The opposite of the term."""
        return Not(self.term.compile(context))

    def __str__(self) -> str:
        return f"!{self.term}"
