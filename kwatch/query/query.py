"""A filter as it was understood, and compiled: which keys the indexes answer, how a row is tested, and how it was
answered in words (`label index 500, scan for cart; 0.3 ms`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from kwatch.catalog.kind import Values
from kwatch.informer.index import IndexFunc
from kwatch.informer.protocol import Object
from kwatch.query.context import Context
from kwatch.query.row import Row, RowReader
from kwatch.query.syntax import shortened
from kwatch.query.term import All, Answer, Matcher, Negated, Not, Term, earliest
from kwatch.query.terms.change import Change, Since


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


class CompiledQuery:
    """Not for several threads at once, but `test` may run in a thread of its own."""

    def __init__(self, terms: Sequence[Term], context: Context) -> None:
        self._context = context
        pairs = [(term.told, part) for term in dict.fromkeys(terms) for part in _parts(term.compile(context))]
        self._indexed = [pair for pair in pairs if _is_indexed(pair[1])]
        self._scanned = [pair for pair in pairs if not _is_indexed(pair[1])]
        self._all: tuple[Matcher, ...] = tuple(sorted((matcher for _, matcher in pairs), key=_cost))
        self._rest: tuple[Matcher, ...] = tuple(sorted((matcher for _, matcher in self._scanned), key=_cost))
        self._timed: tuple[Matcher, ...] = tuple(matcher for _, matcher in pairs if matcher.timed)
        self._reader = RowReader(context.kind)
        self.needs_scan = bool(self._rest)
        """Whether the candidates must be tested one by one, with `select_rest`."""
        self.is_timed = bool(self._timed)
        """Whether the passing of time alone may change the answer for a row; then `due` says when."""
        self.asks_for_deleted = any(matcher.asks_for_deleted for matcher in self._all)
        """Whether rows of deleted objects are wanted, however long ago that was."""
        self.asks_for_marks = any(matcher.asks_for_marks for matcher in self._all)
        """Whether which rows are marked changes the answer."""
        self.columns = frozenset[str]().union(*(matcher.columns for matcher in self._all))
        """Titles of the columns whose cells are compared."""
        self.indices: Mapping[str, IndexFunc] = {
            name: func for matcher in self._all for name, func in matcher.indices.items()
        }
        """The indexes that answer, or would if the cache had them, with what makes them."""
        self.owner_kinds = frozenset[str]().union(*(matcher.owner_kinds for matcher in self._all))
        """Kinds of owners that must be watched, so that their own owners are known."""
        self.likely_in_name = [matcher.likely_in_name for matcher in self._rest if matcher.likely_in_name]
        """What the names of many rows that match contain, all of it: these are looked at first."""
        self.explain: tuple[Answer, ...] = ()
        """How the terms were answered when `candidates` was last asked."""
        self.attended: frozenset[str] = frozenset()
        """Keys that are no candidates, perhaps only until some moment: `due` says until when."""

    def candidates(self) -> set[str] | None:
        """The keys that every term with an index allows; None if there is no such term."""
        answers: list[Answer] = []
        attended: set[str] = set()
        found = self._asked(answers, attended)
        self.attended = frozenset(attended - found) if found is not None else frozenset()
        answers += [Answer(term, matcher.answered_by, None, 0.0) for term, matcher in self._scanned]
        self.explain = tuple(answers)
        return found

    def _asked(self, answers: list[Answer], attended: set[str]) -> set[str] | None:
        positive: list[set[str]] = []
        negative: list[set[str]] = []
        for term, matcher in self._indexed:
            began = perf_counter()
            plain = matcher.inner if isinstance(matcher, Not) else matcher
            keys = plain.keys()
            if plain.timed:
                attended |= keys
                attended |= plain.unsettled()
            (negative if isinstance(matcher, Not) else positive).append(keys)
            answers.append(Answer(term, matcher.answered_by, len(keys), perf_counter() - began))
        if not positive and not negative:
            return None
        positive.sort(key=len)
        found = positive[0] if positive else set(self._context.index.list_keys())
        for keys in positive[1:]:
            found &= keys
        for keys in negative:
            found -= keys
        return found

    def test(self, row: Row, now: float) -> bool:
        """Whether a row matches every term."""
        return all(matcher.matches(row, now) for matcher in self._all)

    def select_rest(self, rows: Sequence[Row], now: float) -> Sequence[Row]:
        """Those of the candidates that match the terms which no index answered."""
        for matcher in self._rest:
            rows = matcher.select(rows, now)
        return rows

    def due(self, row: Row, now: float) -> float | None:
        """When a row must be tested again although it has not changed; None if never."""
        return earliest(matcher.next_due(row, now) for matcher in self._timed)

    def matches(self, key: str, obj: Object, values: Values | None = None) -> bool:
        """Whether an object matches every term now, where no rows are kept."""
        return self.test(Row(key, obj, self._reader, values), self._context.clock.time())

    def next_due(self, key: str, obj: Object, values: Values | None, now: float) -> float | None:
        """When an object must be tested again, where no rows are kept."""
        return self.due(Row(key, obj, self._reader, values), now)


def _parts(matcher: Matcher) -> Sequence[Matcher]:
    """What can be asked of different indexes one by one."""
    return matcher.parts if isinstance(matcher, All) else (matcher,)


def _cost(matcher: Matcher) -> int:
    return matcher.cost


def _is_indexed(matcher: Matcher) -> bool:
    return matcher.inner.by_index if isinstance(matcher, Not) else matcher.by_index


_NAMED = 5
"""Terms that an explanation names."""


def explanation(answers: Sequence[Answer]) -> str:
    """Whether an index answered, and how fast; empty where nothing was asked."""
    if not answers:
        return ""
    indexed = [f"{answer.by} {answer.count:,}" for answer in answers if answer.count is not None]
    scanned = [shortened(answer.term) for answer in answers if answer.count is None]
    parts = list(dict.fromkeys(indexed))
    if scanned:
        more = f" and {len(scanned) - _NAMED:,} more" if len(scanned) > _NAMED else ""
        parts.append(f"scan for {' '.join(scanned[:_NAMED])}{more}")
    text = ", ".join(parts)
    return f"{text}; {_duration(sum(answer.seconds for answer in answers))}" if indexed else text


def _duration(seconds: float) -> str:
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1000:.1f} ms"
