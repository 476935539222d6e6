"""What all terms have in common: a Term is written in a filter, and compiled it is a Matcher."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from types import MappingProxyType

from kwatch.informer.index import IndexFunc
from kwatch.query.context import Context
from kwatch.query.patterns import Predicate
from kwatch.query.row import Row


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

    @property
    def told(self) -> str:
        """As an explanation names it: with what it was taken for, where that is not plain."""
        return str(self)


@dataclass(frozen=True)
class Negated(Term):
    """`!term`."""

    term: Term

    def compile(self, context: Context) -> Matcher:
        return Not(self.term.compile(context))

    def __str__(self) -> str:
        return f"!{self.term}"

    @property
    def told(self) -> str:
        return f"!{self.term.told}"


class Matcher(ABC):
    """Decides about one row. A subclass overrides what it can do better than nothing."""

    cost: int = 1
    """For the order of tests: 0 looks at a key or a field, 1 at cells, 2 searches text, 3 parses the object."""
    answered_by: str = "scan"
    """What `keys` asks, or how rows are tested when it cannot answer."""
    by_index: bool = False
    """Whether `keys` answers."""
    timed: bool = False
    """Whether the passing of time alone may change the answer."""
    owner_kinds: AbstractSet[str] = frozenset()
    """Kinds of owners that must be watched, so that their own owners are known."""
    columns: AbstractSet[str] = frozenset()
    """Titles of the columns whose cells are looked at."""
    asks_for_deleted: bool = False
    """Whether rows of deleted objects are wanted."""
    asks_for_marks: bool = False
    """Whether it depends on which rows the user has marked."""
    likely_in_name: str = ""
    """What the names of many rows that match contain, in lower case: these are looked at first."""
    indices: Mapping[str, IndexFunc] = MappingProxyType({})
    """The indexes that answer, or would if the cache had them, with what makes them."""

    @abstractmethod
    def matches(self, row: Row, now: float) -> bool:
        """Whether the row is one of those meant, at that moment (seconds since the epoch)."""

    def select(self, rows: Sequence[Row], now: float) -> Sequence[Row]:
        """The rows that match, of many."""
        matches = self.matches
        return [row for row in rows if matches(row, now)]

    def keys(self) -> set[str]:
        """Every key that matches, by an index alone; the caller may change the set."""
        raise LookupError(f"{self.answered_by} answers row by row only")

    def unsettled(self) -> AbstractSet[str]:
        """Keys about which the index may soon say something else, though nothing happens to them any more."""
        return frozenset()

    def next_due(self, row: Row, now: float) -> float | None:
        """When `matches` may say something else of the same row, None if never. Only asked if `timed`."""
        return None


class Not(Matcher):
    """The opposite."""

    def __init__(self, inner: Matcher) -> None:
        self.inner = inner
        self.cost = inner.cost
        self.answered_by = inner.answered_by
        self.timed = inner.timed
        self.indices = inner.indices
        self.owner_kinds = inner.owner_kinds
        self.columns = inner.columns
        self.asks_for_marks = inner.asks_for_marks

    def matches(self, row: Row, now: float) -> bool:
        return not self.inner.matches(row, now)

    def next_due(self, row: Row, now: float) -> float | None:
        return self.inner.next_due(row, now)


class All(Matcher):
    """Every one of several."""

    def __init__(self, parts: tuple[Matcher, ...]) -> None:
        self.parts = tuple(sorted(parts, key=lambda part: part.cost))
        self.cost = max((part.cost for part in parts), default=0)
        self.timed = any(part.timed for part in parts)
        self.by_index = all(part.by_index for part in parts)
        self.owner_kinds = frozenset().union(*(part.owner_kinds for part in parts))
        self.columns = frozenset().union(*(part.columns for part in parts))
        self.asks_for_marks = any(part.asks_for_marks for part in parts)
        self.indices = {name: func for part in parts for name, func in part.indices.items()}
        self.answered_by = " and ".join(dict.fromkeys(part.answered_by for part in parts))

    def matches(self, row: Row, now: float) -> bool:
        return all(part.matches(row, now) for part in self.parts)

    def keys(self) -> set[str]:
        found = [part.keys() for part in self.parts]
        return set.intersection(*found) if found else set()

    def next_due(self, row: Row, now: float) -> float | None:
        return earliest(part.next_due(row, now) for part in self.parts)


Read = Callable[[Row], Sequence[str]]
"""The values of a row, the same as the index has for its object."""


@dataclass(frozen=True, slots=True)
class ValueIndex:
    """An index over values: its name in the cache, how people call it, how a row's values are read without it.

    `func` makes the index where there is none yet; None where it is not worth one.
    """

    index: str
    title: str
    read: Read
    cost: int
    func: IndexFunc | None = None


class ValueMatcher(Matcher):
    """Rows that have any value for which the predicate holds."""

    def __init__(self, values: ValueIndex, predicate: Predicate, context: Context) -> None:
        self._values = values
        self._predicate = predicate
        self._index = context.index
        self.cost = values.cost
        self.by_index = values.index in context.index.index_names
        self.answered_by = f"{values.title} index" if self.by_index else values.title
        if values.func is not None:
            self.indices = {values.index: values.func}

    def matches(self, row: Row, now: float) -> bool:
        predicate = self._predicate
        return any(predicate(value) for value in self._values.read(row))

    def keys(self) -> set[str]:
        """Test each distinct value once."""
        values = self._values.index
        predicate = self._predicate
        meant = [value for value in self._index.index_counts(values) if predicate(value)]
        return self._index.index_key_set(values, meant)


@dataclass(frozen=True, slots=True)
class Answer:
    """How one term was answered: for the line that says how fast."""

    term: str
    by: str
    count: int | None
    """How many keys the index gave; None for a term that rows are tested for one by one."""
    seconds: float


def earliest(moments: Iterable[float | None]) -> float | None:
    """The first of those that there are."""
    return min((moment for moment in moments if moment is not None), default=None)


def moment_after(moment: float, now: float) -> float | None:
    """A moment at which something reaches a limit, and the one right after, at which it has passed it."""
    if now < moment:
        return moment
    return moment + _MOMENT if now < moment + _MOMENT else None


_MOMENT = 0.001
